"""Read thousands of hostile files, each in a process with a limit on memory and time: no crash, no hang.

    python benchmarks/hostile.py [--count 500] [--first 0] [--seconds 60] [--memory-gb 4] [--keep DIR] [--csv FILE]

``--count`` mutations of each kind (TIFF, PNG, JPEG, PDF) and every crafted file of ``inputs/`` go through the whole
reader. A file must give a result or one of nordocr's own errors; anything else is a failure and the exit code 1:
a process that dies, a file that takes longer than ``--seconds`` (of processor time where the system tells it, so that
a busy machine is not blamed on the file), more memory than ``--memory-gb`` (address space, where the system has such a
limit), an exception of another kind, or ``silent``: a page with ink on which nothing was read and of which nothing was
said, neither a flag nor a line on standard error (``ink there, nothing read, nothing said``). Failing files are kept in
``--keep``.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from inputs import hostile_files, hostile_structure

FINE: Final = "fine"

# Times the limit that a file may take by the clock, on a machine that does other things too.
_PATIENCE: Final = 15

# A page shows type where so many spots of letters' size are so many levels away from its most frequent tone.
_FEWEST_SPOTS: Final = 10
_INK_LEVELS: Final = 96


@dataclass(frozen=True)
class Verdict:
    """What became of a file: ``fine`` or what is wrong, the result or error, seconds and the process's peak memory."""

    name: str
    verdict: str
    outcome: str
    seconds: float
    peak_mb: int


class Child:
    """A process that reads one file after the other and is started anew once it died."""

    def __init__(self, memory_gb: float, model: str = "nano") -> None:
        self._command = [sys.executable, __file__, "--worker", str(memory_gb), model]
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read(self, path: Path, seconds: float) -> Verdict:
        """Have the file read, within ``seconds``."""
        if self._process is None:
            self._start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        started = time.perf_counter()
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        before = _processor_seconds(process.pid)
        line: str | None = None
        while line is None:
            try:
                line = self._answers.get(timeout=min(seconds, 1.0))
            except queue.Empty:
                waited, now = time.perf_counter() - started, _processor_seconds(process.pid)
                used = waited if before is None or now is None else now - before
                if used > seconds or waited > _PATIENCE * seconds:
                    self.close()
                    return Verdict(path.name, "hang", f"{used:.0f} s of processor time", waited, 0)
        taken = time.perf_counter() - started
        if not line:
            process.wait(10)
            code = process.returncode
            self.close()
            return Verdict(path.name, "crash", f"exit status {code}", taken, 0)
        answer: dict[str, Any] = json.loads(line)
        return Verdict(path.name, answer["verdict"], answer["outcome"], taken, answer["peak_mb"])

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
        self._process = None

    def _start(self) -> None:
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()

        def listen() -> None:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    answers.put(line)
            except ValueError:  # closed under our hands, by close()
                pass
            answers.put("")

        threading.Thread(target=listen, daemon=True).start()
        if not answers.get(timeout=600):
            raise RuntimeError("the reading process did not start")
        self._process, self._answers = process, answers


def _processor_seconds(process: int) -> float | None:
    """Seconds that the process has used, with the children that it has waited for; None where that is not told."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None


def worker(memory_gb: float, model: str) -> None:
    """Read the files named on standard input, one answer a line."""
    from nordocr.config import Limits, ReadingConfig
    from nordocr.errors import NordocrError
    from nordocr.evaluate.documents.memory import peak_memory
    from nordocr.pages import PageImage
    from nordocr.pipeline.reader import Reader
    from nordocr.results import Page

    if sys.platform != "win32":
        import resource

        limit = int(memory_gb * 1024**3)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with Reader(ReadingConfig(recognizer=model, threads=1, limits=Limits(max_seconds=20))) as reader:
        silent: list[int] = []

        def look(image: PageImage, page: Page) -> None:
            if not page.text.strip() and not page.flags and has_ink(image.image):
                silent.append(page.page_index)

        print("ready", flush=True)
        for line in sys.stdin:
            verdict, pages, lines = FINE, 0, 0
            silent.clear()
            try:
                for page in reader.pages(Path(line.rstrip("\n")), on_image=look):
                    pages, lines = pages + 1, lines + len(page.lines)
                outcome = f"{pages} pages, {lines} lines"
                if silent:
                    verdict, outcome = "silent", f"{outcome}, nothing read or said of page {silent[0] + 1}"
            except NordocrError as error:
                outcome = f"{type(error).__name__}: {error}"
            except BaseException:
                verdict, outcome = "defect", traceback.format_exc()
            peak = (peak_memory() or 0) // 1024**2
            print(json.dumps({"verdict": verdict, "outcome": outcome, "peak_mb": peak}), flush=True)


def has_ink(image: npt.NDArray[np.uint8]) -> bool:
    """Return whether a page, uint8 ``[H, W]`` or ``[H, W, 3]``, shows type; no code of nordocr decides.

    Type is at least ``_FEWEST_SPOTS`` spots of the size of letters on the page's ground. Rules, borders and dust, which
    a blank page may have, are none.
    """
    gray = image if image.ndim == 2 else image.mean(axis=2)
    some = gray[:: max(1, gray.shape[0] // 4000), :: max(1, gray.shape[1] // 4000)].astype(np.int16)
    ground = int(np.bincount(some.reshape(-1)).argmax())
    ink = (np.abs(some - ground) > _INK_LEVELS).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    high, wide = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = (high >= 6) & (high <= 120) & (wide >= 2) & (wide <= 3 * high)
    return int(letters.sum()) >= _FEWEST_SPOTS


def files(count: int, first: int = 0, *, crafted: bool = True) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files, made one after the other."""
    if crafted:
        for name, make in (hostile_files.crafted() | hostile_structure.structures()).items():
            yield name, make()
    for number in range(first, first + count):
        for kind in hostile_files.KINDS:
            yield f"mutated-{number:05d}.{kind}", hostile_files.mutated(kind, number)


def run(
    named: Iterator[tuple[str, bytes]], folder: Path, seconds: float, memory_gb: float, model: str = "nano"
) -> Iterator[Verdict]:
    """Read the files, each written to ``folder`` for as long as it is read; those that fail stay there."""
    child = Child(memory_gb, model)
    try:
        for name, data in named:
            path = folder / name
            path.write_bytes(data)
            verdict = child.read(path, seconds)
            if verdict.verdict == FINE:
                path.unlink()
            yield verdict
    finally:
        child.close()


def main() -> int:
    if sys.argv[1:2] == ["--worker"]:
        worker(float(sys.argv[2]), sys.argv[3])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--memory-gb", type=float, default=4.0)
    parser.add_argument("--no-crafted", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        named = files(options.count, options.first, crafted=not options.no_crafted)
        for verdict in run(named, folder, options.seconds, options.memory_gb):
            verdicts.append(verdict)
            what = verdict.outcome.split(":")[0] if ":" in verdict.outcome else "read"
            tally[what if verdict.verdict == FINE else verdict.verdict] += 1
            if verdict.verdict != FINE or not verdict.name.startswith("mutated"):
                print(f"{verdict.verdict:7} {verdict.seconds:6.1f} s {verdict.peak_mb:5} MB  {verdict.name}: ", end="")
                print(verdict.outcome.strip().splitlines()[-1] if verdict.outcome else "", flush=True)
    print(f"{len(verdicts)} files: " + ", ".join(f"{n} {what}" for what, n in tally.most_common()))
    print(f"ink there, nothing read, nothing said: {tally['silent']}")
    slowest = max(verdicts, key=lambda v: v.seconds)
    print(f"slowest {slowest.seconds:.1f} s ({slowest.name}); peak memory {max(v.peak_mb for v in verdicts)} MB")
    if options.csv is not None:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "verdict", "outcome", "seconds", "peak_mb"])
            for v in verdicts:
                writer.writerow([v.name, v.verdict, " ".join(v.outcome.split())[-200:], f"{v.seconds:.2f}", v.peak_mb])
    return int(any(v.verdict != FINE for v in verdicts))


if __name__ == "__main__":
    sys.exit(main())
