"""Small pages that showed a fault each, read whole: every word that stands on them and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nordocr.config import ReadingConfig
from nordocr.pipeline.reader import Reader

CASES = Path(__file__).parent / "cases"
READ = (
    "black-all-round",
    "black-header",
    "close-columns",
    "comb-fields",
    "dark-head-gray",
    "heavy-headings",
    "letter-spaced",
    "light-ink",
    "mono-amounts",
    "preview-before",
    "skew-6",
    "three-columns",
    "twelve-bit",
    "zeros-sans",
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(ReadingConfig(threads=1)) as opened:
        yield opened


@pytest.mark.parametrize("name", READ)
def test_every_word_of_the_page_is_read_and_nothing_else(reader: Reader, name: str) -> None:
    [path] = (path for path in CASES.glob(f"{name}.*") if path.suffix != ".txt")
    pages = reader.document(path).pages
    read = "\n".join(line.text for page in pages for line in page.lines)
    truth = (CASES / f"{name}.txt").read_text(encoding="utf-8")
    # Set with spaces between its letters, it looks as the lines below it, and is a word as they are.
    truth = truth.replace("Å R S R E D O V I S N I N G", "ÅRSREDOVISNING")
    assert Counter(_folded(read).split()) == Counter(_folded(truth).split())


def _folded(text: str) -> str:
    """Leave to the recogniser's own tests how long a dash is, and whether a monospaced comma has a space behind it."""
    return re.sub(r"(?<=\d), (?=\d\d$)", ",", re.sub("[–—]", "-", text), flags=re.MULTILINE)
