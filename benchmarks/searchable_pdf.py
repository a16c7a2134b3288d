"""Searchable PDF of the demo scan and of a thousand pages: words in their places, kept streams, sizes, memory.

    python benchmarks/searchable_pdf.py [--chromium] [--pages 100 1000]

Reads the demo scan, writes its PDF, and asks poppler (`pdftotext -bbox`, `-raw`), PDFium (its own search; it is
Chromium's engine) and qpdf; with ``--chromium`` also Chromium itself, headless: the text that its viewer selects. Then
documents of so many pages of 60 full lines each are written from results that were never read, since reading them would
take an hour and shows nothing of PDF, and the peak memory of that process is noted; so is that of making PDF/A of them.

Needs poppler, qpdf and pikepdf. Linux.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import math
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image

import nordocr
from machine import hardware, revision
from nordocr.formats import About
from nordocr.formats.pdf_options import PdfOptions
from nordocr.formats.writing import writing
from nordocr.pages import Origin
from nordocr.results import BBox, Document, Engine, Line, Page, Word
from pdf.chromium import selected_text
from pdf.tiff_strips import strips

DEMO: Final = Path(nordocr.__file__).parent / "demo" / "nordic-report.tif"
_POINTS: Final = 72 / 200
_WORD: Final = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>|<page width="([\d.]+)"'
)
Placed = tuple[str, tuple[float, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", action="store_true")
    parser.add_argument("--pages", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--only-write", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--pdfa", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only_write:
        write_long(given.only_write, pdfa=given.pdfa)
        return
    print(f"nordocr {nordocr.__version__} {revision()}, {hardware()}")
    with tempfile.TemporaryDirectory() as temporary:
        demo(Path(temporary), chromium=given.chromium)
    for pages in given.pages:
        for further in ([], ["--pdfa"]):
            command = [sys.executable, __file__, "--only-write", str(pages), *further]
            print(subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout, end="")


def demo(folder: Path, *, chromium: bool) -> None:
    """Read the demo and say how its PDF fares."""
    scan = one_strip(folder / DEMO.name)
    options = ["--lang", "sv", "-f", "json,pdf", "-o", str(folder)]
    subprocess.run([sys.executable, "-m", "nordocr", "process", str(scan), *options], check=True)
    pdf, result = folder / "nordic-report.pdf", folder / "nordic-report.json"
    pages = json.loads(result.read_text(encoding="utf-8"))["pages"]
    expected = [[_placed(word) for line in page["lines"] for word in line["words"]] for page in pages]
    order = [[said for said, _ in words] for words in expected]
    say("poppler, pdftotext -bbox", offsets(poppler_words(pdf), expected))
    raw = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, encoding="utf-8", check=True).stdout
    print("poppler, order as in the JSON:", [part.split() for part in raw.split("\f")[: len(order)]] == order)
    say("PDFium, its search", offsets(pdfium_words(pdf, expected), expected))
    print("PDFium, order as in the JSON:", pdfium_order(pdf) == order)
    if chromium:
        text = selected_text(pdf)
        whole = [said for words in order for said in words]
        print("Chromium, its viewer's text as in the JSON:", text.split() == whole, len(text.split()), "words")
    check = subprocess.run(["qpdf", "--check", str(pdf)], capture_output=True, encoding="utf-8", check=False)
    print("qpdf --check:", check.returncode, check.stderr.strip() or "no errors")
    kept = [hashlib.sha256(data).hexdigest() for data in image_streams(pdf)]
    print("image streams kept:", kept == [hashlib.sha256(data).hexdigest() for data in strips(scan)])
    added = (pdf.stat().st_size - sum(map(len, strips(scan)))) / len(pages)
    print(f"what is added to the image data: {added / 1000:.1f} kB a page")
    for further in ([], ["--pdfa"]):
        convert = [sys.executable, "-m", "nordocr", "convert", str(result), "-f", "pdf", *further, "-o"]
        twice = []
        for number in range(2):
            subprocess.run([*convert, str(folder / str(number)), "--source", str(scan)], check=True)
            twice.append((folder / str(number) / pdf.name).read_bytes())
        size = (len(twice[0]) - sum(map(len, strips(scan)))) / len(pages) / 1000
        print(f"convert {' '.join(further)}: the same bytes twice: {twice[0] == twice[1]}, {size:.1f} kB a page added")


def _placed(word: dict[str, Any]) -> Placed:
    x, y, width, height = (word["bbox"][key] for key in ("x", "y", "width", "height"))
    return word["text"], tuple(_POINTS * value for value in (x, y, x + width, y + height))


def say(what: str, far: list[float]) -> None:
    lost = sum(map(math.isinf, far))
    found = [value for value in far if not math.isinf(value)]
    print(f"{what}: {len(found)} of {len(far)} words found, {lost} not; farthest edge from its box, in points: "
          f"mean {np.mean(found):.3f}, largest {max(found):.2f}")  # fmt: skip


def offsets(found: list[list[Placed]], expected: list[list[Placed]]) -> list[float]:
    """How far each word's farthest edge is from where the nearest such word was found; infinite where none was."""
    far = []
    for there, words in zip(found, expected, strict=True):
        for said, box in words:
            boxes = [other for text, other in there if text == said]
            far.append(min((float(np.abs(np.subtract(other, box)).max()) for other in boxes), default=math.inf))
    return far


def poppler_words(path: Path) -> list[list[Placed]]:
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, encoding="utf-8", check=True)
    pages: list[list[Placed]] = []
    for match in _WORD.finditer(done.stdout):
        if match[6]:
            pages.append([])
        else:
            pages[-1].append((html.unescape(match[5]), tuple(map(float, match.groups()[:4]))))
    return pages


def pdfium_words(path: Path, expected: list[list[Placed]]) -> list[list[Placed]]:
    """Search for every word of every page; each match with the box around its characters."""
    document, pages = pypdfium2.PdfDocument(path), []
    for shown, words in zip(document, expected, strict=True):
        text, top = shown.get_textpage(), shown.get_height()
        found: list[Placed] = []
        for said in {said for said, _ in words}:
            search = text.search(said, match_case=True)
            while (at := search.get_next()) is not None:
                boxes = np.array([text.get_charbox(number) for number in range(at[0], at[0] + at[1])])
                (left, bottom), (right, high) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
                found.append((said, (left, top - high, right, top - bottom)))
        pages.append(found)
    return pages


def pdfium_order(path: Path) -> list[list[str]]:
    return [
        page.get_textpage().get_text_range().replace("\ufffe", "- ").split() for page in pypdfium2.PdfDocument(path)
    ]


def image_streams(path: Path) -> list[bytes]:
    with pikepdf.Pdf.open(path) as pdf:
        return [image.read_raw_bytes() for page in pdf.pages for image in page.get_images().values()]


def one_strip(path: Path) -> Path:
    """Save the demo scan as scanners write TIFF: Group 4, one strip a page. The demo itself has several."""
    with Image.open(DEMO) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("1"))
    first, *others = frames
    tall = {278: first.height}
    first.save(path, save_all=True, append_images=others, compression="group4", tiffinfo=tall, dpi=(200, 200))
    return path


def write_long(pages: int, *, pdfa: bool) -> None:
    """Write a document of so many pages of 60 full lines, and say what that took."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        scan = one_strip(Path(folder) / "scan.tif")
        origin = Origin("long.tif", scan)
        target = Path(folder) / "long.pdf"
        with writing("pdf", target, About(said="sv"), PdfOptions(pdfa=pdfa)) as output:
            for number in range(pages):
                output.page(full_page(number), origin, number % 3)
            output.end(Document(source="long.tif", engine=Engine(name="", recognizer="", detector="", nordocr="")))
        check = subprocess.run(["qpdf", "--check", str(target)], capture_output=True, check=False).returncode
        size = target.stat().st_size / 1000 / pages
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - started
    kind = "PDF/A-2b" if pdfa else "PDF"
    print(f"{pages} pages to {kind}: peak {peak:.0f} MB, {seconds:.1f} s, {size:.1f} kB a page, qpdf --check: {check}")


def full_page(number: int) -> Page:
    lines = []
    for row in range(60):
        words, x = [], 100
        for part in f"Rad {row} på sidan {number}: omsättningen ökade med 7,3 % till 48 612 tkr i år".split():
            box = BBox(x=x, y=100 + 35 * row, width=16 * len(part), height=26)
            words.append(Word(text=part, confidence=0.9, bbox=box))
            x += 16 * (len(part) + 1)
        whole = BBox(x=100, y=100 + 35 * row, width=x - 116, height=26)
        lines.append(Line(text=" ".join(w.text for w in words), confidence=0.9, bbox=whole, words=words))
    return Page(page_index=number, width=1654, height=2339, lines=lines)


if __name__ == "__main__":
    main()
