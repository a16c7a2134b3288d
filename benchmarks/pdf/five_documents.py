"""OCRmyPDF on five documents, reading with nordocr and with Tesseract: text found, sizes, seconds.

    python benchmarks/pdf/five_documents.py [--csv benchmarks/pdf/five_documents.csv] [--keep DIR]

The documents are made of the demo scan, whose text is known: the TIFF itself, a PDF of a born-digital page and a
scanned one (--skip-text), one with the invisible text of an earlier OCR that read nonsense (--redo-ocr), one whose
pages lie on their sides and on their heads (--rotate-pages), and an encrypted one, which OCRmyPDF refuses until its
encryption is removed. Found is the share of the truth's words that pdftotext gives, counted as often as they are there.

Needs OCRmyPDF, Tesseract with Swedish, poppler and qpdf. Seconds are those of the clock and of the processor, with
OCRmyPDF's children; on a shared machine only the latter compare.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import pikepdf
from PIL import Image

import nordocr
from machine import hardware, revision

DEMO: Final = Path(nordocr.__file__).parent / "demo" / "nordic-report.tif"
_DPI: Final = 200
# On a busy machine OCRmyPDF would give up on Tesseract after three minutes.
_PATIENT: Final = ["--tesseract-timeout", "3600", "--tesseract-non-ocr-timeout", "3600"]
_ENGINES: Final = {"nordocr": ["--plugin", "nordocr.ocrmypdf"], "tesseract": ["--ocr-engine", "tesseract", *_PATIENT]}
_BORN: Final = "Denna sida kommer ur en ordbehandlare"


@dataclass
class Row:
    """One document read by one engine."""

    document: str
    engine: str
    words: int
    found: float
    kilobytes_in: float
    kilobytes_out: float
    seconds: float
    processor_seconds: float
    version: str
    hardware: str
    revision: str


def documents(folder: Path) -> dict[str, tuple[Path, list[str], Counter[str]]]:
    """The files, the options that they need, and the words that they hold."""
    pages = json.loads(DEMO.with_suffix(".json").read_text(encoding="utf-8"))["pages"]
    truth = [Counter(" ".join(line["text"] for line in page["lines"]).split()) for page in pages]
    scans = []
    with Image.open(DEMO) as image:
        for number in range(len(pages)):
            image.seek(number)
            scans.append(image.convert("1"))
    whole = sum(truth, Counter())
    plain = _saved(folder / "scan.pdf", scans)
    mixed = _with_text(folder / "mixed.pdf", _saved(folder / "one.pdf", scans[:1]), _BORN, mode=0, new_page=True)
    old = _with_text(folder / "old.pdf", plain, "Nonsens fran en aldre lasning", mode=3)
    quarter = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    turned = _saved(folder / "turned.pdf", [scan.transpose(turn) for scan, turn in zip(scans, quarter, strict=True)])
    locked = folder / "locked.pdf"
    with pikepdf.Pdf.open(plain) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    return {
        "TIFF": (DEMO, [], whole),
        "mixed": (mixed, ["--skip-text"], truth[0] + Counter(_BORN.split())),
        "with text": (old, ["--redo-ocr"], whole),
        "turned": (turned, ["--rotate-pages"], whole),
        "encrypted": (locked, [], whole),
    }


def _saved(path: Path, scans: list[Image.Image]) -> Path:
    first, *others = scans
    first.save(path, "PDF", resolution=_DPI, save_all=True, append_images=others)
    return path


def _with_text(path: Path, source: Path, text: str, *, mode: int, new_page: bool = False) -> Path:
    """Save the PDF with a text on its first page, or on a page of its own in front of it."""
    with pikepdf.Pdf.open(source) as pdf:
        if new_page:
            pdf.add_blank_page(page_size=(595, 842))
            pdf.pages.insert(0, pdf.pages[-1])
            del pdf.pages[-1]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].resources["/Font"] = pikepdf.Dictionary(F1=font)
        content = f"BT {mode} Tr /F1 12 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
        pdf.pages[0].contents_add(pikepdf.Stream(pdf, content))
        pdf.save(path)
    return path


def read(source: Path, target: Path, options: list[str]) -> tuple[int, float, float, str]:
    """Run OCRmyPDF; its exit code, seconds of the clock and of the processor, and what it said."""
    command = [sys.executable, "-m", "ocrmypdf", "-l", "swe", "--output-type", "pdf", "--jobs", "2", *options]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, str(source), str(target)], capture_output=True, encoding="utf-8", check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, time.perf_counter() - started, spent, done.stderr


def words_in(path: Path) -> Counter[str]:
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, encoding="utf-8", check=True)
    return Counter(done.stdout.split())


def _tesseract() -> str:
    done = subprocess.run(["tesseract", "--version"], capture_output=True, encoding="utf-8", check=True)
    return done.stdout.split()[1]


def measure(folder: Path) -> list[Row]:
    rows = []
    for name, (source, options, truth) in documents(folder).items():
        for engine, engine_options in _ENGINES.items():
            target = folder / f"{name.replace(' ', '-')}-{engine}.pdf"
            code, clock, spent, said = read(source, target, [*options, *engine_options])
            given = source
            if code and name == "encrypted":
                print(f"{name}, {engine}: exit code {code}: {said.strip().splitlines()[-1]}")
                given = folder / "unlocked.pdf"
                subprocess.run(["qpdf", "--decrypt", "--password=b", str(source), str(given)], check=True)
                code, clock, spent, said = read(given, target, [*options, *engine_options])
            if code:
                raise SystemExit(f"{name}, {engine}: exit code {code}: {said}")
            found = (truth & words_in(target)).total() / truth.total()
            row = Row(
                document=name,
                engine=engine,
                words=truth.total(),
                found=round(100 * found, 2),
                kilobytes_in=round(given.stat().st_size / 1000, 1),
                kilobytes_out=round(target.stat().st_size / 1000, 1),
                seconds=round(clock, 1),
                processor_seconds=round(spent, 1),
                version=nordocr.__version__ if engine == "nordocr" else _tesseract(),
                hardware=hardware(),
                revision=revision(),
            )
            print(*asdict(row).values(), sep="\t", flush=True)
            rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--keep", type=Path, help="leave the files in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = measure(folder)
    if given.csv is not None:
        with given.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
            writer.writeheader()
            writer.writerows(asdict(row) for row in rows)


if __name__ == "__main__":
    main()
