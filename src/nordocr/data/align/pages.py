"""Read pages, lay their texts on the lines that were found, and write the lines as labels: documents one by one.

What is cut out is what reading would read, so a model trained on it sees what it will see. A run that was interrupted
goes on where it stopped: every finished document leaves ``parts/NAME.json``, and the table is put together from these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nordocr.data.align.text import Match, align
from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelRow, write_labels
from nordocr.errors import DataInvalid, InputMissing, NordocrError
from nordocr.files import write_whole
from nordocr.jsontext import load_json
from nordocr.linespec import LineSpec
from nordocr.pipeline.leaders import read_with_leaders
from nordocr.pipeline.preparation import Preparation
from nordocr.recognize.base import Recognizer

_HEIGHT: Final = LineSpec().height

PARTS: Final = "parts"
"""Folder of the finished documents."""

LEAST_SCORE: Final = 0.7
"""Lines that resemble their text less are left out: most of them are no line, or lie where the text is silent."""


@dataclass
class Aligned:
    """What came of it.

    Attributes:
        documents: Documents whose lines are in the table.
        unchanged: Those of them that an earlier run had finished.
        lines: Labelled lines.
        left_out: Lines that were read and have no text, or one that resembles them too little.
        failures: Documents that could not be read, with the reason.
    """

    documents: int = 0
    unchanged: int = 0
    lines: int = 0
    left_out: int = 0
    failures: list[NordocrError] = field(default_factory=list)


def align_pages(
    files: Sequence[Path],
    texts: Path,
    output: Path,
    preparation: Preparation,
    recognizer: Recognizer,
    *,
    least_score: float = LEAST_SCORE,
    on_document: Callable[[str], None] = lambda name: None,
) -> Aligned:
    """Write the labelled lines of documents whose text is known.

    Args:
        files: Page files; each is a document, named by its stem.
        texts: A folder with ``STEM.txt`` for each file (pages apart by form feeds, or not at all) or
            ``STEM-0001.txt``, ``STEM-0002.txt`` for each page.
        output: The labels folder to write.
        preparation: Finds the lines.
        recognizer: Reads them.
        least_score: The least likeness of a line and its text, 0 to 1.
        on_document: Told the name of each document before it is read.

    Returns:
        Counts, and what failed; the other documents are written all the same.

    Raises:
        DataInvalid: Two files have one stem, or no line at all was labelled.
        OutputUnwritable: ``output`` cannot be written.
    """
    stems = [path.stem for path in files]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None:
        raise DataInvalid(f"Two page files are called {twice!r}; documents are told apart by their names.")
    found, rows = Aligned(), []
    for path in files:
        on_document(path.stem)
        try:
            part = _document(path, texts, output, preparation, recognizer, least_score, found)
        except NordocrError as error:
            found.failures.append(error)
            continue
        found.documents += 1
        found.left_out += part["left_out"]
        rows += [LabelRow(row["filename"], row["text"], output / IMAGES / row["filename"], 0,
                          row["score"], path.stem, row["width"], row["page"]) for row in part["lines"]]  # fmt: skip
    found.lines = len(rows)
    if not rows:
        reason = f" {found.failures[0]}" if found.failures else ""
        raise DataInvalid(f"None of the {len(files)} documents has a line that resembles its text.{reason}")
    write_labels(output, rows)
    return found


def page_texts(path: Path, texts: Path, pages: int) -> list[str]:
    """Find the text of each page of a document.

    Args:
        path: The page file.
        texts: Folder of the texts.
        pages: How many pages the file has.

    Returns:
        A text for each page, or the whole document's alone where pages are not apart.

    Raises:
        InputMissing: There is no text for the document.
        DataInvalid: A text is not UTF-8.
    """
    whole = texts / f"{path.stem}.txt"
    if whole.is_file():
        parts = _read(whole).removesuffix("\f").split("\f")
        return parts if len(parts) == pages else ["\n".join(parts)]
    apart = [texts / f"{path.stem}-{number:04d}.txt" for number in range(1, pages + 1)]
    if not any(text.is_file() for text in apart):
        raise InputMissing(
            f"There is no text for {path.name} in {texts} (looked for {whole.name} and {apart[0].name})."
        )
    return [_read(text) if text.is_file() else "" for text in apart]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8.") from error
    except OSError as error:
        raise InputMissing(f"{path} cannot be read: {error.strerror or error}.") from error


def _document(
    path: Path,
    texts: Path,
    output: Path,
    preparation: Preparation,
    recognizer: Recognizer,
    least_score: float,
    found: Aligned,
) -> dict[str, Any]:
    """The labelled lines of one document, from its part of an earlier run where nothing has changed since."""
    part = output / PARTS / f"{path.stem}.json"
    key = _key(path, texts, recognizer, least_score)
    held = _held(part, key, output)
    if held is not None:
        found.unchanged += 1
        return held
    # As PNG: a line of 1-bit type is 2 kB then, and a text that is not split by pages needs the whole document first.
    crops: list[list[tuple[bytes, int]]] = []
    read: list[list[str]] = []
    for prepared in preparation.pages(path, recognizer):
        crops.append([(encode_png(crop), round(crop.shape[1] * _HEIGHT / crop.shape[0])) for crop in prepared.crops])
        read.append([line.text for line in read_with_leaders(recognizer, prepared.crops)])
    lines: list[dict[str, Any]] = []
    left_out = 0
    matched = _matched(read, page_texts(path, texts, len(read)))
    for number, (cut, matches) in enumerate(zip(crops, matched, strict=True), start=1):
        for place, ((png, width), match) in enumerate(zip(cut, matches, strict=True), start=1):
            if match is None or match.score < least_score:
                left_out += 1
                continue
            name = f"{path.stem}-{number:04d}-{place:04d}.png"
            write_whole(output / IMAGES / name, png)
            row = {"filename": name, "text": match.text, "score": round(match.score, 4), "width": width}
            lines.append(row | {"page": str(number)})
    values = {"key": key, "left_out": left_out, "lines": lines}
    write_whole(part, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    return values


def _matched(read: Sequence[Sequence[str]], texts: Sequence[str]) -> list[list[Match | None]]:
    """Each page's matches. Pages of one text are aligned with it together, so that none takes another's line."""
    if len(texts) == len(read):
        return [align(lines, text) for lines, text in zip(read, texts, strict=True)]
    everything = iter(align([line for lines in read for line in lines], texts[0]))
    return [[next(everything) for _ in lines] for lines in read]


def _key(path: Path, texts: Path, recognizer: Recognizer, least_score: float) -> str:
    """What a document's part depends on, as hexadecimal digits."""
    digest = hashlib.sha256(f"{recognizer.model_sha256} {least_score}".encode())
    for file in (path, *sorted(texts.glob(f"{_escaped(path.stem)}*.txt"))):
        if file.is_file():
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _escaped(stem: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in stem)


def _held(part: Path, key: str, output: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = load_json(part.read_bytes())
        if values["key"] == key and all((output / IMAGES / row["filename"]).is_file() for row in values["lines"]):
            return values
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None
