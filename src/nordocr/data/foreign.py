"""Labels as other programs keep them: tesstrain's ``NAME.gt.txt`` beside each image, PaddleOCR's ``rec_gt.txt``.

https://github.com/tesseract-ocr/tesstrain: the text of ``NAME.png`` (or ``.tif``, ``.bin.png`` ...) is the one line of
``NAME.gt.txt``. https://github.com/PaddlePaddle/PaddleOCR, ``doc/datasets``: each row of ``rec_gt.txt``
(``rec_gt_train.txt``, ``rec_gt_test.txt`` ...) is an image's path, a tab and its text; paths begin at the folder of the
table or at the one above.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TEXT: Final = ".gt.txt"
"""What tesstrain's texts end with."""

PADDLE: Final = "rec_gt"
"""What PaddleOCR's tables begin with."""

_IMAGES: Final = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bin.png", ".nrm.png", ".dew.png", ".webp", ".bmp")


@dataclass(frozen=True)
class ForeignLine:
    """One line.

    Attributes:
        number: Its row in the table, from 1; of tesstrain its place in the order of names.
        filename: Its image, below the table's ``base``.
        text: Its text; None where it cannot be one.
        wrong: Why there is no text.
    """

    number: int
    filename: str
    text: str | None
    wrong: str = ""


@dataclass(frozen=True)
class ForeignTable:
    """Labels of another program.

    Attributes:
        name: What reports call the table, below the folder.
        base: The folder that file names begin at.
        lines: Its lines.
    """

    name: str
    base: Path
    lines: list[ForeignLine]


def foreign_table(folder: Path) -> ForeignTable | None:
    """Return the labels of another program in a folder, None where there are none.

    Args:
        folder: The folder; its folders are not searched.
    """
    if not folder.is_dir():
        return None
    names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    texts = [name for name in names if name.endswith(TEXT)]
    if texts:
        return ForeignTable(f"*{TEXT}", folder, list(_tesstrain(folder, texts, frozenset(names))))
    tables = [name for name in names if name.startswith(PADDLE) and name.endswith(".txt")]
    if not tables:
        return None
    lines = [line for table in tables for line in _paddle(folder / table)]
    first = next((line.filename for line in lines if line.filename), "")
    above = not (folder / first).is_file() and (folder.parent / first).is_file()
    return ForeignTable(tables[0] if len(tables) == 1 else f"{PADDLE}*.txt", folder.parent if above else folder, lines)


def _tesstrain(folder: Path, texts: list[str], present: frozenset[str]) -> Iterator[ForeignLine]:
    for number, name in enumerate(texts, start=1):
        stem = name.removesuffix(TEXT)
        image = next((stem + suffix for suffix in _IMAGES if stem + suffix in present), stem + _IMAGES[0])
        try:
            text = (folder / name).read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            yield ForeignLine(number, image, None, str(getattr(error, "reason", None) or error))
            continue
        several = len(text.splitlines()) > 1 or "\t" in text
        yield ForeignLine(number, image, None if several else text, "a tab or line break" if several else "")


def _paddle(table: Path) -> Iterator[ForeignLine]:
    for number, line in enumerate(table.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            filename, tab, text = line.decode("utf-8").removesuffix("\r").partition("\t")
        except UnicodeDecodeError as error:
            yield ForeignLine(number, "", None, error.reason)
            continue
        wrong = "" if tab and "\t" not in text else f"{text.count(chr(9)) + 1 + bool(tab)} fields, not 2"
        yield ForeignLine(number, filename, None if wrong else text, wrong)
