"""What a user waits for and carries: python benchmarks/startup.py [--weigh] [--csv benchmarks/startup.csv].

``nordocr --help``, and a one-page PNG to its first text, each in processes of their own: the median and the best of
``--rounds``, after one that fills the disk cache. With ``--weigh`` the repository is also installed into a fresh
environment as ``pip install .`` does it, and every package that came along is weighed in place.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from importlib import metadata
from pathlib import Path
from typing import Any

from machine import hardware

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "src" / "nordocr" / "demo" / "nordic-report.tif"
COLUMNS = ("what", "value", "best", "unit", "rounds", "goal", "versions", "hardware", "date")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--weigh", action="store_true", help="install into a fresh environment (needs pip's index)")
    parser.add_argument("--engine", action="append", default=[], help="an engine to start with besides the usual one")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    nordocr = [sys.executable, "-m", "nordocr"]
    rows = [timed("nordocr --help", [*nordocr, "--help"], options.rounds, first_byte=False, goal="0.4")]
    with tempfile.TemporaryDirectory() as folder:
        page = one_page(Path(folder) / "page.png")
        command = [*nordocr, "process", str(page)]
        rows.append(timed("one-page PNG to first text", command, options.rounds, first_byte=True, goal="1.5"))
        for engine in options.engine:
            name = f"one-page PNG to first text, --engine {engine}"
            rows.append(timed(name, [*command, "--engine", engine], options.rounds, first_byte=True, goal=""))
        if options.weigh:
            rows += weigh(Path(folder) / "environment")
    about = {"versions": versions(), "hardware": hardware()}
    about["date"] = datetime.datetime.now(datetime.UTC).date().isoformat()
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(row | about for row in rows)
    return 0


def one_page(path: Path) -> Path:
    """The first page of the bundled scan as a PNG."""
    from PIL import Image

    with Image.open(DEMO) as image:
        image.save(path)
    return path


def timed(what: str, command: list[str], rounds: int, *, first_byte: bool, goal: str) -> dict[str, Any]:
    """Seconds until the process ends, or until its first byte of output."""
    seconds = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            if first_byte and not process.stdout.read(1):
                raise SystemExit(f"{' '.join(command)} gave no text")
            spent = time.perf_counter() - started
            process.stdout.read()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
        if number:
            seconds.append(spent if first_byte else time.perf_counter() - started)
    return show(what, statistics.median(seconds), "s", best=min(seconds), rounds=rounds, goal=goal)


def weigh(folder: Path) -> list[dict[str, Any]]:
    """MB on the disk of a fresh environment with the package in it, and of each distribution that came along."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    empty = size_of(folder)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-compile", str(HERE.parent)], check=True)
    places = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    rows = [show("pip install nordocr, everything", (size_of(folder) - empty) / 1e6, "MB")]
    weights = {}
    for distribution in metadata.distributions(path=[places.stdout.strip()]):
        files = [Path(str(distribution.locate_file(file))) for file in distribution.files or []]
        weights[distribution.metadata["Name"]] = sum(f.stat().st_size for f in files if f.is_file()) / 1e6
    weights.pop("pip", None)
    weights.pop("setuptools", None)
    return rows + [show(f"  {name}", size, "MB") for name, size in sorted(weights.items(), key=lambda item: -item[1])]


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def show(what: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    row = {"what": what.strip(), "value": f"{value:.3f}" if unit == "s" else f"{value:.1f}", "unit": unit}
    row |= {key: f"{held:.3f}" if isinstance(held, float) else held for key, held in more.items()}
    print(f"{what}: {row['value']} {unit}" + (f" (best {row['best']})" if "best" in row else ""), flush=True)
    return row


def versions() -> str:
    names = ("nordocr", "onnxruntime", "numpy", "opencv-python-headless", "pydantic", "typer")
    return " ".join([f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in names)])


if __name__ == "__main__":
    sys.exit(main())
