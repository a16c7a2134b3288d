"""How fast lines are read: the bundled model on every engine, beside Tesseract and rapidocr, on the same crops.

    python benchmarks/recognize.py --threads 1 --threads 2 --rounds 7

renders 1-bit lines of 500 to 1000 px (recipe ``scans``), keeps them in ``--folder``, and lets the engines take turns
over all of them, ``--rounds`` times after a round that does not count. A row's ratio to a peer is the median of the
rounds' ratios, each between neighbours in time. Then every engine of ours reads each rung alone. ``recognize.csv``
gets both, with the arithmetic a line, what the machine's matrix product reaches, versions and hardware.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from machine import hardware, revision
from network.arithmetic import flops, peak, shares
from nordocr.batching import AREA, batch_size
from nordocr.config import ReadingConfig
from nordocr.evaluate.scoring.metrics import cer
from nordocr.linespec import PreparedLine
from nordocr.recognize.bundled import bundled_model, bundled_names
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.tesseract import TesseractRecognizer
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

HERE = Path(__file__).resolve().parent
RUNGS = (128, 256, 512, 768, 1024, 1792)
OURS: dict[str, dict[str, Any]] = {
    "onnx f32": {"engine": "onnx"},
    "openvino f32": {"engine": "openvino"},
    "openvino f32 rungs": {"engine": "openvino", "shapes": "rungs"},
    "openvino bf16": {"engine": "openvino", "precision": "bf16"},
    "openvino bf16 rungs": {"engine": "openvino", "precision": "bf16", "shapes": "rungs"},
}
COLUMNS = (
    *("what", "engine", "threads", "width", "lines", "rounds", "lines_per_s", "best_lines_per_s", "ms_per_line"),
    *("times_tesseract", "times_rapidocr", "cer", "texts_as_onnx", "gflop_per_line", "gflops", "peak_f32", "peak_bf16"),
    *("share_of_peak", "model", "versions", "hardware", "date", "revision"),
)


class Peer:
    """rapidocr in its own environment, timed by a round on request."""

    def __init__(self, folder: Path, venv: Path, threads: int, *, batch: bool, processor: bool = False) -> None:
        python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        command = [str(python), str(HERE / "peers" / "rapidocr_timer.py"), str(folder), "--threads", str(threads)]
        self.process = subprocess.Popen(
            command + ["--batch"] * batch + ["--processor"] * processor,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.version = self._answer()["version"]

    def round(self) -> tuple[float, list[str]]:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self._answer()
        return answer["seconds"], answer.get("texts", [])

    def close(self) -> None:
        self.process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


class Own:
    """An engine in this process."""

    def __init__(self, recognizer: Any, crops: list[np.ndarray]) -> None:
        self.recognizer, self.crops = recognizer, crops

    def round(self) -> tuple[float, list[str]]:
        started = time.perf_counter()
        texts = [line.text for line in self.recognizer.read(self.crops)]
        return time.perf_counter() - started, texts

    def close(self) -> None:
        self.recognizer.close()


def main() -> int:
    options = parse()
    folder = options.folder or Path(tempfile.gettempdir()) / f"nordocr-lines-{options.lines}"
    crops, truth = lines_of(folder, options.lines)
    model = str(bundled_model(options.model) if options.model in bundled_names() else options.model)
    work = {rung: flops(Path(model), rung) for rung in RUNGS}
    rows: list[dict[str, Any]] = []
    for threads in options.threads:
        peaks = {kind: peak(kind, threads) for kind in ("float32", "bfloat16")}
        print(f"{threads} threads, matrix product GFLOP/s: {peaks}", flush=True)
        found = race(folder, crops, truth, model, threads, options)
        found += by_rung(crops, model, threads, options.rounds)
        rows += [row | {"threads": threads} | shares(row, work, peaks) for row in found]
    about = {"model": Path(model).parent.name + "/" + Path(model).name, "versions": versions(), "hardware": hardware()}
    about |= {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "revision": revision()}
    with options.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(row | about for row in rows)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--model", default=ReadingConfig().recognizer, help="a bundled model's name or an ONNX file")
    add("--int8", type=Path, help="a quantised ONNX file of the same model, read as well")
    add("--lines", type=int, default=200)
    add("--threads", type=int, action="append", help="repeat (default: 1 and 2)")
    add("--rounds", type=int, default=7)
    add("--folder", type=Path, help="where the rendered lines are kept")
    add("--tess-lang", default="swe", help="one language is what Tesseract is fastest with")
    add("--rapidocr-venv", type=Path, default=Path(tempfile.gettempdir()) / "nordocr-rapidocr")
    add("--output", type=Path, default=HERE / "recognize.csv")
    options = parser.parse_args()
    options.threads = options.threads or [1, 2]
    return options


def lines_of(folder: Path, count: int) -> tuple[list[np.ndarray], list[str]]:
    """The recipe's first ``count`` 1-bit lines that are 500 to 1000 px wide at height 32; rendered where missing."""
    table, images = folder / "labels.tsv", folder / "images"
    if not table.is_file():
        images.mkdir(parents=True, exist_ok=True)
        synth, rows, index = LineSynth(load_synth_recipe("scans"), 20_241), ["filename\ttext"], 0
        while len(rows) <= count:
            made = synth.make(index)
            index += 1
            height, width = made.image.shape
            if made.bilevel and 500 <= round(width * 32 / height) <= 1000:
                rows.append(f"{index:06d}.png\t{made.text.text}")
                Image.fromarray(made.image).save(images / f"{index:06d}.png")
        table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    held = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    return [np.asarray(Image.open(images / name).convert("L")) for name, _ in held], [text for _, text in held]


def race(
    folder: Path, crops: list[np.ndarray], truth: list[str], model: str, threads: int, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """All engines in turn over all crops; one row each."""
    prepare_peer(options.rapidocr_venv)
    engines: dict[str, Any] = {}
    for name, keys in OURS.items():
        engines[name] = Own(open_recognizer(model, config(threads, keys)), crops)
    if options.int8:
        engines["onnx int8"] = Own(open_recognizer(str(options.int8), config(threads, {})), crops)
        keys = {"engine": "openvino", "precision": "int8"}
        engines["openvino int8"] = Own(open_recognizer(str(options.int8), config(threads, keys)), crops)
    engines[f"tesseract {options.tess_lang}"] = Own(TesseractRecognizer(options.tess_lang, threads=threads), crops)
    engines["rapidocr, one line at a time"] = Peer(folder / "images", options.rapidocr_venv, threads, batch=False)
    engines["rapidocr, its batches of six"] = Peer(folder / "images", options.rapidocr_venv, threads, batch=True)
    texts = {name: engine.round()[1] for name, engine in engines.items()}
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(options.rounds):
        for name, engine in engines.items():
            seconds[name].append(engine.round()[0])
        print(f"round {number + 1}: { ({n: round(len(crops) / s[-1], 1) for n, s in seconds.items()}) }", flush=True)
    for engine in engines.values():
        engine.close()
    # Of a peer's two ways the faster one counts.
    peer = min((n for n in engines if n.startswith("rapidocr")), key=lambda n: statistics.median(seconds[n]))
    return [
        timed("lines", name, len(crops), seconds[name])
        | {
            "width": "500-1000",
            "times_tesseract": ratio(seconds[f"tesseract {options.tess_lang}"], seconds[name]),
            "times_rapidocr": ratio(seconds[peer], seconds[name]),
            "cer": f"{100 * cer(truth, texts[name]):.3f}",
            "texts_as_onnx": sum(a == b for a, b in zip(texts[name], texts["onnx f32"], strict=True)),
        }
        for name in engines
    ]


def by_rung(crops: list[np.ndarray], model: str, threads: int, rounds: int) -> list[dict[str, Any]]:
    """Each engine of ours on lines of exactly one rung, prepared already: network and decoding only."""
    opened = {name: open_recognizer(model, config(threads, keys)) for name, keys in OURS.items()}
    rows = []
    for rung in RUNGS:
        # Four full batches a thread, of real lines scaled to the rung.
        count = 4 * threads * batch_size(rung, AREA)
        scaled = [cv2.resize(crops[i % len(crops)], (rung, 32)) for i in range(count)]
        lines = [PreparedLine(np.asarray(image, dtype=np.uint8)) for image in scaled]
        runs = {name: _reading(recognizer, lines) for name, recognizer in opened.items()}
        seconds = alternate(runs, rounds)
        rows += [timed("rung", name, count, seconds[name]) | {"width": rung} for name in opened]
        print(f"{rung} px, ms a line: { ({r['engine']: r['ms_per_line'] for r in rows[-len(opened) :]}) }", flush=True)
    for recognizer in opened.values():
        recognizer.close()
    return rows


def _reading(recognizer: Any, lines: Sequence[PreparedLine]) -> Callable[[], object]:
    return lambda: recognizer.read_prepared(lines)


def alternate(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each run in each round, the runs in turn, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def timed(what: str, engine: str, lines: int, seconds: list[float]) -> dict[str, Any]:
    median = statistics.median(seconds)
    return {
        "what": what,
        "engine": engine,
        "lines": lines,
        "rounds": len(seconds),
        "lines_per_s": f"{lines / median:.1f}",
        "best_lines_per_s": f"{lines / min(seconds):.1f}",
        "ms_per_line": f"{1000 * median / lines:.3f}",
    }


def ratio(theirs: list[float], ours: list[float]) -> str:
    return f"{statistics.median(a / b for a, b in zip(theirs, ours, strict=True)):.2f}"


def config(threads: int, keys: dict[str, Any]) -> ReadingConfig:
    return ReadingConfig.model_validate({"threads": threads, **keys})


def prepare_peer(venv: Path) -> None:
    """The peer's environment, made by its own script where it is missing."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "images").mkdir()
        (folder / "labels.tsv").write_text("filename\ttext\n", encoding="utf-8")
        script = str(HERE / "peers" / "rapidocr_lines.py")
        command = [sys.executable, script, "--venv", str(venv), str(folder), str(folder / "none.tsv")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def versions() -> str:
    names = ("nordocr", "onnxruntime", "openvino", "tesserocr", "torch", "numpy", "opencv-python-headless")
    peer = (HERE / "peers" / "rapidocr.txt").read_text(encoding="utf-8").split("rapidocr==")[1].split()[0]
    return " ".join([*(f"{name} {metadata.version(name)}" for name in names), f"rapidocr {peer}"])


if __name__ == "__main__":
    sys.exit(main())
