"""Files to make searchable, and poppler to read what was made."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.results import Page
from pdf.tiff_strips import strips as strips

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")

WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>|<page width="([\d.]+)"'
)
Placed = tuple[str, tuple[float, ...]]


def drawn(page: Page) -> Image.Image:
    """A 1-bit picture of a page: its words' boxes filled with their text."""
    image = Image.new("L", (page.width, page.height), 255)
    draw = ImageDraw.Draw(image)
    for line in page.lines:
        for word in line.words:
            draw.text((word.bbox.x, word.bbox.y), word.text, fill=0, font=ImageFont.load_default(word.bbox.height))
    return image.convert("1", dither=Image.Dither.NONE)


def one_strip(path: Path, *images: Image.Image) -> Path:
    """Save a G4 TIFF whose pages are one strip each, as scanners write them."""
    first, *others = images
    strip = {278: max(image.height for image in images)}
    first.save(path, save_all=True, append_images=others, compression="group4", tiffinfo=strip, dpi=(150, 150))
    return path


def poppler(program: str, path: Path, *options: str) -> str:
    command = [program, *options, str(path), "-"] if program == "pdftotext" else [program, *options, str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr in ("", "no word list\n")  # poppler says this of an empty page
    return done.stdout


def placed_words(path: Path) -> list[list[Placed]]:
    """The words of each page and their boxes (left, top, right, bottom), in points from the page's top left."""
    pages: list[list[Placed]] = []
    for match in WORD.finditer(poppler("pdftotext", path, "-bbox", "-cropbox")):
        if match[6]:
            pages.append([])
        else:
            pages[-1].append((html.unescape(match[5]), tuple(map(float, match.groups()[:4]))))
    return pages


def expected_words(page: Page, points: float) -> list[Placed]:
    """The words of a result, ``points`` a pixel."""
    boxes = [(word.text, word.bbox) for line in page.lines for word in line.words]
    return [(text, tuple(points * value for value in (b.x, b.y, b.x + b.width, b.y + b.height))) for text, b in boxes]


def worst_place(found: list[Placed], expected: list[Placed]) -> float:
    """The farthest that an edge of a word is from where it should be; words are told apart by their place."""
    assert sorted(text for text, _ in found) == sorted(text for text, _ in expected)
    return max(
        min(float(np.abs(np.subtract(box, other)).max()) for said, other in found if said == text)
        for text, box in expected
    )


def pixels(path: Path, dpi: int, page: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A page as poppler draws it, gray."""
    prefix = path.with_suffix("")
    options = ["-r", str(dpi), "-f", str(page), "-l", str(page), "-gray", "-singlefile", str(path), str(prefix)]
    subprocess.run(["pdftoppm", *options], check=True)
    with Image.open(prefix.with_suffix(".pgm")) as image:
        return np.asarray(image)


def difference(path: Path, expected: Image.Image, page: int = 1) -> float:
    """The mean difference between a page as poppler draws it and a picture, in gray levels of 8 x 8 px each.

    Poppler enlarges an image by up to a pixel, so that single pixels differ.
    """
    shown, wanted = Image.fromarray(pixels(path, 150, page)), expected.convert("L")
    assert shown.size == wanted.size
    return float(np.abs(np.asarray(shown.reduce(8), float) - np.asarray(wanted.reduce(8), float)).mean())
