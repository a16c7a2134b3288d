"""How well whole pages are found and read: ours, Tesseract and PP-OCR (rapidocr) on the same pages, in one run.

    python benchmarks/pages.py --real ../shared/real

renders synthetic business pages (1-bit, CCITT G4 quality and fax, each clean and as the recipes ``dirty-g4`` and
``dirty-fax`` soil them) in five languages with the held-out font families and a fixed seed, has Chromium draw others
(``typeset/``: 1-bit and gray scans, layouts that nothing was trained on), adds the pages of the real sets, and writes
``benchmarks/pages.csv``: a row for each set and engine.
The figures are those of :mod:`nordocr.evaluate.documents.tally`. Tesseract reads with page segmentation mode 3 and
each page's own language, as it is and with its lines cut at wide gaps; rapidocr runs in an environment of its own
(``peers/rapidocr_pages.py``). On real pages, text that the truth leaves out (``pages_ignored.json``: handwriting,
stamps, letterheads) counts neither for nor against anyone. Seconds are wall time from the PNG file to the lines.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from machine import hardware, per_cent, revision
from nordocr import __version__
from nordocr.config import ReadingConfig
from nordocr.detect.ink import to_gray
from nordocr.evaluate.documents.placed import PlacedLine
from nordocr.evaluate.documents.readings import read_readings
from nordocr.evaluate.documents.tally import PageTally, page_tally
from nordocr.files import whole_file
from nordocr.pages import open_pages
from nordocr.pipeline.reader import Reader
from nordocr.results import BBox
from peers import tesseract_pages
from typeset.pages import draw

HERE = Path(__file__).resolve().parent
REAL = {
    "danish-typewritten": "dan",
    "english-print": "eng",
    "english-typewritten": "eng",
    "french-typewritten": "fra",
}
NORDIC = {"sv": "swe", "nb": "nor", "da": "dan", "fi": "fin", "is": "isl"}
SEED = 31_337
PROFILES = {
    "g4": ({"clean-1bit": 1, "normal-1bit": 3, "photocopy-1bit": 1}, [[200, 0.5], [300, 0.5]]),
    "fax": ({"fax": 1}, [[200, 1]]),
}
DIRTY = ("dirty-g4", "dirty-fax")
TYPESET = ("typeset-g4", "typeset-gray")
COLUMNS = (
    *("data", "engine", "version", "model", "detector", "pages", "lines", "found", "recall", "precision", "merged"),
    *(
        "split",
        "order_errors",
        "exact",
        "space_insensitive",
        "cer",
        "cer_without_junk",
        "leading_garbage",
        "right_truncation",
        "missed",
    ),
    *("seconds_a_page", "threads", "hardware", "date", "revision"),
)


@dataclass
class Sample:
    """One page: its picture as a PNG file, Tesseract's language, the truth, and places that the truth leaves out."""

    path: Path
    language: str
    truth: list[PlacedLine]
    ignored: list[BBox]


Reading = tuple[list[PlacedLine], float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--real", type=Path, help="folder that holds the real sets")
    add("--count", type=int, default=12, help="synthetic pages a language and set")
    add("--engine", action="append", choices=("nordocr", "tesseract", "rapidocr"), help="repeat (default: all)")
    add("--detector", action="append", help="our detectors; repeat (default: the default one)")
    add("--recognizer", default=ReadingConfig().recognizer, help="our recogniser")
    add("--threads", type=int, default=2)
    add("--limit", type=int, help="first pages of each set only, for trying this script out")
    add("--synthetic", action=argparse.BooleanOptionalAction, default=True)
    add(
        "--set",
        action="append",
        choices=(*(f"synthetic-{name}" for name in PROFILES), *DIRTY, *TYPESET),
        help="repeat (default: all)",
    )
    add("--rapidocr-venv", type=Path, default=Path(tempfile.gettempdir()) / "nordocr-rapidocr")
    add("--output", type=Path, default=HERE / "pages.csv")
    arguments = parser.parse_args()
    engines = arguments.engine or ["nordocr", "tesseract", "rapidocr"]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, samples in samples_of(arguments, Path(scratch)):
            for about, readings in read_all(engines, samples, arguments):
                rows.append(row(name, about, samples, readings, arguments))
                print(" ".join(str(rows[-1][c]) for c in COLUMNS[:-3]), flush=True)
                write(arguments.output, rows)
    return 0


def samples_of(arguments: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, list[Sample]]]:
    if arguments.synthetic:
        for name in (*(f"synthetic-{profile}" for profile in PROFILES), *DIRTY):
            if arguments.set is None or name in arguments.set:
                yield name, render(name, scratch / name, arguments.limit or arguments.count)
        for name in TYPESET:
            if arguments.set is None or name in arguments.set:
                yield name, typeset(name, scratch / name, arguments.limit or arguments.count)
    if arguments.real is not None:
        ignored = json.loads((HERE / "pages_ignored.json").read_text(encoding="utf-8"))
        for name, language in REAL.items():
            if (arguments.real / name / "pages").is_dir():
                yield name, real(arguments.real / name / "pages", language, scratch / name, ignored, arguments.limit)


def render(name: str, folder: Path, count: int) -> list[Sample]:
    """Synthetic pages with the command that users have: five languages, a seed for each."""
    folder.mkdir(parents=True)
    if name in DIRTY:
        bundled = resources.files("nordocr.synth.pages") / "recipes" / f"{name}.yaml"
        keys: dict[str, Any] = yaml.safe_load(bundled.read_text(encoding="utf-8"))
    else:
        profiles, dpi = PROFILES[name.removeprefix("synthetic-")]
        keys = {"bilevel": 1.0, "fonts": {"split": "validation"}, "dpi": dpi}
        keys["degrade"] = {"keep_size": True, "inverted": 0.0, "profiles": profiles}
    recipe = str(folder / "recipe.yaml")
    (folder / "recipe.yaml").write_text(yaml.safe_dump(keys | {"tick_truth": True}), encoding="utf-8")
    nordocr = [sys.executable, "-c", "import sys; from nordocr.cli import main; sys.exit(main())"]
    samples = []
    for number, (code, language) in enumerate(NORDIC.items()):
        out = folder / code
        options = ["--count", str(count), "--seed", str(SEED + number), "--language", code]
        options += ["--recipe", recipe]
        subprocess.run([*nordocr, "synth", "pages", str(out), *options], check=True, stdout=subprocess.DEVNULL)
        for truth in sorted(out.glob("*.json")):
            source = next(path for path in (truth.with_suffix(".tif"), truth.with_suffix(".png")) if path.is_file())
            samples.append(sample(source, truth, language, folder / "png" / f"{code}-{truth.stem}.png", []))
    return samples


def typeset(name: str, folder: Path, count: int) -> list[Sample]:
    """Pages that Chromium draws, as scans: so many in each language."""
    samples = []
    for truth, code in draw(folder, count * len(NORDIC), SEED, gray=name.endswith("gray")):
        source = truth.with_suffix(".png" if name.endswith("gray") else ".tif")
        samples.append(sample(source, truth, NORDIC[code], folder / "png" / f"{truth.stem}.png", []))
    return samples


def real(folder: Path, language: str, out: Path, ignored: dict[str, Any], limit: int | None) -> list[Sample]:
    samples = []
    for truth in sorted(folder.glob("*.json"))[:limit]:
        source = folder / json.loads(truth.read_text(encoding="utf-8"))["image"]
        places = [BBox(x=x, y=y, width=w, height=h) for x, y, w, h in ignored.get(truth.stem, [])]
        samples.append(sample(source, truth, language, out / "png" / f"{truth.stem}.png", places))
    return samples


def sample(source: Path, truth: Path, language: str, png: Path, ignored: list[BBox]) -> Sample:
    """The page as a PNG without loss, so that every engine reads the same pixels from the same kind of file."""
    png.parent.mkdir(parents=True, exist_ok=True)
    [page] = open_pages(source)
    Image.fromarray(page.image).save(png, compress_level=1)
    return Sample(png, language, read_readings(truth)[0].pages[0].lines, ignored)


def read_all(
    engines: list[str], samples: list[Sample], arguments: argparse.Namespace
) -> Iterator[tuple[dict[str, str], list[Reading]]]:
    if "nordocr" in engines:
        for detector in arguments.detector or [ReadingConfig().detector]:
            yield ours(detector, samples, arguments)
    if "tesseract" in engines:
        yield from tesseract(samples)
    if "rapidocr" in engines:
        yield rapidocr(samples, arguments)


def ours(detector: str, samples: list[Sample], arguments: argparse.Namespace) -> tuple[dict[str, str], list[Reading]]:
    config = ReadingConfig(detector=detector, recognizer=arguments.recognizer, threads=arguments.threads)
    with Reader(config) as reader:
        reader.document(samples[0].path)  # what is loaded once is no page's time
        readings = []
        for page in samples:
            started = time.perf_counter()
            lines = reader.document(page.path).pages[0].lines
            seconds = time.perf_counter() - started
            readings.append(([PlacedLine(line.text, line.bbox) for line in lines], seconds))
        about = reader.engine()
    model = f"{Path(about.model).name or arguments.recognizer} {about.model_sha256[:12]}"
    return {"engine": "nordocr", "version": __version__, "model": model, "detector": detector}, readings


def tesseract(samples: list[Sample]) -> Iterator[tuple[dict[str, str], list[Reading]]]:
    opened: dict[str, tesseract_pages.TesseractPages] = {}
    found = []
    for page in samples:
        if page.language not in opened:
            opened[page.language] = tesseract_pages.TesseractPages(page.language)
        started = time.perf_counter()
        lines = opened[page.language].read(to_gray(np.asarray(Image.open(page.path))))
        found.append((lines, time.perf_counter() - started))
    version = next(iter(opened.values())).version
    for engine in opened.values():
        engine.close()
    about = {"version": version, "model": "+".join(opened), "detector": "psm 3"}
    yield about | {"engine": "tesseract"}, [(tesseract_pages.whole(lines), s) for lines, s in found]
    yield about | {"engine": "tesseract, cut"}, [(tesseract_pages.cut(lines), s) for lines, s in found]


def rapidocr(samples: list[Sample], arguments: argparse.Namespace) -> tuple[dict[str, str], list[Reading]]:
    folder = samples[0].path.parent
    results = folder / "rapidocr.json"
    script = HERE / "peers" / "rapidocr_pages.py"
    command = [sys.executable, str(script), str(folder), str(results), "--venv", str(arguments.rapidocr_venv)]
    subprocess.run([*command, "--threads", str(arguments.threads)], check=True)
    about = json.loads(results.read_text(encoding="utf-8"))
    readings = []
    for page in samples:
        read = about["pages"][page.path.stem]
        lines = [PlacedLine(t, BBox(x=x, y=y, width=w, height=h)) for x, y, w, h, t in read["lines"]]
        readings.append((lines, read["seconds"]))
    return {
        "engine": "rapidocr",
        "version": about["version"],
        "model": about["model"],
        "detector": about["model"],
    }, readings


def row(
    name: str, about: dict[str, str], samples: list[Sample], readings: list[Reading], arguments: argparse.Namespace
) -> dict[str, Any]:
    total = PageTally()
    for page, (lines, _) in zip(samples, readings, strict=True):
        total += page_tally(np.asarray(Image.open(page.path)), page.truth, lines, page.ignored)
    counts = {f.name: getattr(total, f.name) for f in fields(total)}
    return {
        **{key: value for key, value in counts.items() if key in COLUMNS},
        **about,
        "data": name,
        "lines": total.truth,
        "recall": per_cent(total.recall),
        "precision": per_cent(total.precision),
        "order_errors": total.order,
        "exact": per_cent(total.exact / max(1, total.truth)),
        "space_insensitive": per_cent(total.space_insensitive / max(1, total.truth)),
        "cer": per_cent(total.cer, 3),
        "cer_without_junk": per_cent(total.cer_without_junk, 3),
        "seconds_a_page": f"{sum(seconds for _, seconds in readings) / max(1, len(readings)):.2f}",
        "threads": 1 if about["engine"].startswith("tesseract") else arguments.threads,
        "hardware": hardware(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "revision": revision(),
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
