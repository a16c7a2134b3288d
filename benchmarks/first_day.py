"""An engineer's first day in one script: a million labelled lines, two processes, everything that goes wrong, a report.

``python benchmarks/first_day.py WORK`` makes the LMDB, opens it, trains with two processes over Gloo until the memory
of the GPU is (said to be) too small, goes on as the message says, is killed, goes on to the end, exports the model to
the guide's place, and compares it with the bundled model by a vision-language model on loopback. Every step is the
command that a user types. It ends with exit code 0 and a table of what each step cost, or at the first step that did
not do what it should, with exit code 1 and a sentence.

The training is far too short to teach anything, and the vision-language model is the bundled nano behind the protocol:
what is measured is what the steps cost, not how well anything reads.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import yaml

from day.vlm import page_of_the_demo, serving
from machine import hardware, revision

STEPS, OOM_STEP, SAVE_EVERY = 12, 3, 2
LINES_PER_STEP, VALIDATION_LINES = 8, 16
HERE = Path(__file__).resolve().parent


@dataclass
class Day:
    """The working folder, and what each step cost."""

    work: Path
    rows: list[dict[str, object]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time one step; what is put into the list that it yields is said of it in the table."""
        print(f"{name} ...", flush=True)
        before, started, said = _processor(), time.monotonic(), list[str]()
        yield said
        seconds, processor = time.monotonic() - started, _processor() - before
        row = {"step": name, "seconds": round(seconds, 1), "processor_seconds": round(processor, 1)}
        self.rows.append(row | {"found": "; ".join(said)})
        print(f"{name}: {seconds:.1f} s, {'; '.join(said)}", flush=True)

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command in the working folder and return what it printed, both streams; stop where it fails."""
        done = subprocess.run(
            command, cwd=self.work, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        require(bool(done.returncode) is fails, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout


def require(true: bool, sentence: str) -> None:
    """End the day with exit code 1 unless something is as it should be."""
    if not true:
        raise SystemExit(f"first day: {sentence}")


def _processor() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def nordocr(*arguments: str) -> list[str]:
    """Return the command line of nordocr in this interpreter."""
    return [sys.executable, "-m", "nordocr", *arguments]


def two_processes(*arguments: str, program: tuple[str, ...] = ("-m", "nordocr")) -> list[str]:
    """Return the command line of a training by two processes."""
    started = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return [*started, *program, "train", *arguments]


def recipe(lmdb: Path, lines: int) -> dict[str, object]:
    """Return the recipe: a small network on the LMDB's lines, its documents split."""
    share = 0.01 if lines > 100_000 else 0.5  # a small LMDB, for a trial of this script, has few documents
    return {
        "name": "first-day",
        "model": "nano-low",
        "device": "cpu",
        "data": [{"lines": [{"path": str(lmdb)}], "validation_share": share, "augment": 0.25}],
        "batch": {"area": 8192, "lines_per_step": LINES_PER_STEP, "block_lines": 32, "workers": 1},
        "optimiser": {"peak_lr": 1e-3, "steps": STEPS},
        "validation": {"every": STEPS // 2, "limit": VALIDATION_LINES, "synth_lines": 0},
        "save_every": SAVE_EVERY,
        "log_every": 1,
        "keep": 10,
    }


def opening(day: Day, lmdb: Path) -> None:
    """Open the LMDB, each time in a process of its own: the first makes the index."""
    program = (
        "import pickle, sys, time\nfrom pathlib import Path\n"
        "from nordocr.linespec import LineSpec\nfrom nordocr.train.pool import PoolPart, open_pool\n"
        "started, spent = time.monotonic(), time.process_time()\n"
        "pool, held, report = open_pool([PoolPart(Path(sys.argv[1]))], LineSpec(), seed=1, validation_share=0.01, "
        "held_limit=5000)\n"
        "print(len(pool), len(held), len(pickle.dumps(pool)), round(time.monotonic() - started, 2), "
        "round(time.process_time() - spent, 2))\n"
    )
    for name in ("open, index made", "open again"):
        with day.step(name) as said:
            last = day.run(sys.executable, "-c", program, str(lmdb)).splitlines()[-1].split()
            lines, held, pickled, wall, spent = last
            said.append(f"{lines} lines, {held} to validate on, in {wall} s ({spent} s of processor time)")
            said.append(f"{pickled} bytes go to each worker")
    require(int(pickled) < 100_000, f"a pickled pool has {pickled} bytes")


def training(day: Day, run: Path) -> None:
    """Train until the memory is too small, go on as the message says, be killed, and go on to the end."""
    with day.step("train, two processes, out of memory") as said:
        broken = two_processes("recipe.yaml", "--output", "run", program=(str(HERE / "day" / "oom.py"), str(OOM_STEP)))
        heard = day.run(*broken, fails=True)
        advice = re.search(r"--resume RUN --set (batch\.area=\d+)", heard)
        require(advice is not None, f"nothing was said about the memory:\n{heard}")
        assert advice is not None
        said.append(f"told: --resume RUN --set {advice[1]}")
    with day.step("go on with less, killed") as said:
        arguments = two_processes("--resume", "run", "--set", advice[1])
        killed_at = run / "checkpoints" / f"step-{3 * SAVE_EVERY:08d}"
        with (day.work / "killed.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                arguments, cwd=day.work, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            while process.poll() is None and not killed_at.is_dir():
                time.sleep(0.1)
            require(process.poll() is None, "the training ended before it was killed: see killed.log")
            for number in [process.pid, *descendants(process.pid)]:  # torchrun's processes have groups of their own
                os.kill(number, signal.SIGKILL)
            process.wait()
        heard = (day.work / "killed.log").read_text(encoding="utf-8")
        require("lines a step as before" in heard, f"nothing was said about the other area:\n{heard}")
        said.append(f"SIGKILL behind the checkpoint of step {3 * SAVE_EVERY}")
    with day.step("go on to the end") as said:
        heard = day.run(*two_processes("--resume", "run"))
        events = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        steps = [event for event in events if "loss" in event]
        require([event["step"] for event in steps] == list(range(1, STEPS + 1)), "steps are missing or told twice")
        require((run / "best.safetensors").is_file(), "there are no best weights")
        said += [f"{steps[-1]['lines']} lines", f"loss {steps[0]['loss']:.0f} to {steps[-1]['loss']:.0f}"]
        said.append(f"epoch {steps[-1]['epoch']:.6f}")
        said.append(validation_cost(events, steps))


def descendants(process: int) -> list[int]:
    """Return the processes that a process started, and those that they started (Linux)."""
    found: list[int] = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for number in map(int, children.read_text(encoding="ascii").split()):
            found += [number, *descendants(number)]
    return found


def validation_cost(events: list[dict[str, float]], steps: list[dict[str, float]]) -> str:
    """Say what a validation costs a line beside training, and what that makes of the guide's training."""
    judged = [event["seconds"] for event in events if "validation" in event]
    read = min(judged) / VALIDATION_LINES
    trained = steps[-1]["elapsed_s"] / steps[-1]["lines"]
    share = (5000 + 512) * read / (1000 * 768 * trained)
    require(share < 0.03, f"validations of 5,512 lines every 1,000 steps of 768 would cost {100 * share:.1f} %")
    cost = f"5,512 every 1,000 steps of 768 are {100 * share:.2f} %"
    return f"a line read costs {read / trained:.2f} of a line trained on: {cost}"


def export_and_compare(day: Day) -> None:
    """Export to the guide's place, and compare by the referee on loopback."""
    model = "models/svtrv2-1024/recognize_svtrv2.onnx"
    with day.step("export") as said:
        heard = day.run(*nordocr("export", "onnx", "--checkpoint", "run/best.safetensors"))
        said.append(heard.strip().splitlines()[-1])
        require((day.work / model).is_file(), "the model is not in the guide's place")
    with day.step("compare, vision-language model on loopback") as said, serving() as url:
        page = page_of_the_demo(day.work / "report.tif")
        engines = f"new={model},in_use=nano"
        referee = ("--vlm-url", url, "--vlm-model", "loopback", "--workers", "2")
        day.run(*nordocr("compare", page.name, "--engines", engines, *referee, "--output", "3way.json"))
        found = json.loads((day.work / "3way.json").read_text(encoding="utf-8"))
        require(found["reference"] == "loopback" and found["referee"]["asked"] > 0, "the referee was not asked")
        require((day.work / "3way" / "report.html").is_file(), "there is no report")
        said.append(f"{found['regions']} regions, {found['referee']['asked']} questions")


def main() -> None:
    """Live the day."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="a folder to work in; 2 GB for a million lines")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--lmdb", type=Path, help="an LMDB that is there already, for example of day/million_lines.py")
    parser.add_argument("--csv", type=Path, default=HERE / "first_day.csv")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    day, lmdb = Day(work), work / "lines"
    if options.lmdb is not None:
        lmdb = options.lmdb.resolve()
    else:
        with day.step(f"make an LMDB of {options.lines} lines") as said:
            making = (sys.executable, str(HERE / "day" / "million_lines.py"), str(lmdb), "--lines", str(options.lines))
            said.append(day.run(*making).strip().splitlines()[-1])
    os.environ["NORDOCR_CACHE"] = str(work / "cache")  # an index of another day would be found in the user's own
    opening(day, lmdb)
    (work / "recipe.yaml").write_text(yaml.safe_dump(recipe(lmdb, options.lines)), encoding="utf-8")
    training(day, work / "run")
    export_and_compare(day)
    with options.csv.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {hardware()}, {revision()}, Python {platform.python_version()}, torch {version('torch')}\n")
        writer = csv.DictWriter(file, ["step", "seconds", "processor_seconds", "found"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(day.rows)
    for row in day.rows:
        print(f"{row['step']:<44} {row['seconds']:>8} s  {row['processor_seconds']:>8} s  {row['found']}")


if __name__ == "__main__":
    main()
