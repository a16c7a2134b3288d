"""``nordocr autolabel``: documents one by one, each finished one kept, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nordocr.data.crops import decode_crop, encode_png
from nordocr.data.labels import IMAGES, LabelReport, LabelRow, write_labels
from nordocr.data.lines import copy_lines, image_of, read_lines
from nordocr.errors import DataInvalid, InputUnreadable, NordocrError
from nordocr.evaluate.lines.predict import natural_width
from nordocr.files import write_whole
from nordocr.jsontext import load_json
from nordocr.pipeline.preparation import Preparation
from nordocr.recognize.base import Crop, Recognizer
from nordocr.tune.autolabel.agree import Opinion, Rule, decide
from nordocr.tune.autolabel.engines import Voice

PROVENANCE: Final = "provenance.tsv"
"""Who read what: file name, the engines that agree, then each engine's text and confidence."""

SAMPLE: Final = "sample"
"""Labels folder of the lines that a person is to correct, so that the error can be measured."""

_PARTS: Final = "parts"
_TOGETHER: Final = 256


@dataclass(frozen=True)
class Source:
    """A document to label.

    Attributes:
        name: Its name; the file names of its lines begin with it.
        key: What its lines depend on, as hexadecimal digits.
        lines: Opens its lines: crops, each with its page, counted from 1, or None.
    """

    name: str
    key: str
    lines: Callable[[], Iterator[tuple[Crop, str | None]]]


@dataclass
class Labelled:
    """What came of it.

    Attributes:
        documents: Documents that are in the set.
        unchanged: Those of them that an earlier run had finished.
        lines: Lines with a label.
        left_out: Lines on which the engines are not sure or do not agree.
        sampled: Lines set aside to be corrected.
        failures: Documents that could not be read, with the reason.
    """

    documents: int = 0
    unchanged: int = 0
    lines: int = 0
    left_out: int = 0
    sampled: int = 0
    failures: list[NordocrError] = field(default_factory=list)


def page_sources(files: Sequence[Path], preparation: Preparation, recognizer: Recognizer) -> list[Source]:
    """Return page files as documents; lines are found and cut as in reading.

    Raises:
        DataInvalid: Two files have one name.
    """
    stems = [path.stem for path in files]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None:
        raise DataInvalid(f"Two page files are called {twice!r}; documents are told apart by their names.")

    def opened(path: Path) -> Iterator[tuple[Crop, str | None]]:
        for number, page in enumerate(preparation.pages(path, recognizer), start=1):
            yield from ((crop, str(number)) for crop in page.crops)

    return [Source(path.stem, _file_key(path), lambda path=path: opened(path)) for path in files]  # type: ignore[misc]


def folder_sources(folders: Sequence[Path]) -> list[Source]:
    """Return the documents of labels folders and LMDBs; their texts, which may be empty, count for nothing."""
    held: dict[str, list[LabelRow]] = {}
    for folder in folders:
        for row in read_lines(folder).rows:
            held.setdefault(row.source or folder.resolve().name, []).append(row)

    def opened(rows: Sequence[LabelRow]) -> Iterator[tuple[Crop, str | None]]:
        for row in rows:
            try:
                yield decode_crop(image_of(row), row.image), row.page
            except InputUnreadable:
                continue

    return [Source(name, _rows_key(rows), lambda rows=rows: opened(rows)) for name, rows in held.items()]  # type: ignore[misc]


def autolabel(
    sources: Sequence[Source],
    voices: Sequence[Voice],
    rule: Rule,
    output: Path,
    *,
    sample: int = 100,
    on_document: Callable[[str], None] = lambda name: None,
) -> Labelled:
    """Label the lines of documents.

    Args:
        sources: The documents.
        voices: Whom to ask.
        rule: When what they say becomes a label.
        output: The labels folder to write or to go on with.
        sample: Lines to set aside in ``output/sample``, to be corrected by a person.
        on_document: Told the name of each document before it is read.

    Returns:
        Counts, and what failed; the other documents are written all the same.

    Raises:
        DataInvalid: No line got a label.
        OutputUnwritable: ``output`` cannot be written.
    """
    found, rows, table = Labelled(), list[LabelRow](), list[str]()
    told = "\n".join(f"{voice.name} {voice.key}" for voice in voices) + f"\n{rule.agree} {rule.least}"
    for source in sources:
        on_document(source.name)
        try:
            part = _document(source, voices, rule, output, told, found)
        except NordocrError as error:
            found.failures.append(error)
            continue
        found.documents += 1
        found.left_out += part["left_out"]
        for line in part["lines"]:
            image = output / IMAGES / line["filename"]
            rows.append(
                LabelRow(
                    line["filename"], line["text"], image, 0, line["weight"], source.name, line["width"], line["page"]
                )
            )
            table.append(_provenance(line))
    found.lines = len(rows)
    if not rows:
        reason = f" {found.failures[0]}" if found.failures else ""
        raise DataInvalid(f"No line of the {len(sources)} documents got a label.{reason}")
    write_labels(output, rows)
    write_whole(output / PROVENANCE, "filename\tengines\topinions\n" + "".join(table))
    found.sampled = _set_aside(rows, output / SAMPLE, sample)
    return found


def _document(
    source: Source, voices: Sequence[Voice], rule: Rule, output: Path, told: str, found: Labelled
) -> dict[str, Any]:
    """The lines of one document, from its part of an earlier run where nothing has changed since."""
    key = hashlib.sha256(f"{told}\n{source.key}".encode()).hexdigest()
    name = hashlib.sha256(source.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    part = output / _PARTS / f"{name}.json"
    held = _held(part, key, output)
    if held is not None:
        found.unchanged += 1
        return held
    lines: list[dict[str, Any]] = []
    left_out = number = 0
    for crops, pages in _chunks(source.lines()):
        read = [voice.read(crops) for voice in voices]
        for crop, page, opinions in zip(crops, pages, zip(*read, strict=True), strict=True):
            number += 1
            label = decide(opinions, rule)
            if label is None:
                left_out += 1
                continue
            filename = f"{_plain(source.name)}-{number:05d}.png"
            write_whole(output / IMAGES / filename, encode_png(crop))
            row = {"filename": filename, "text": label.text, "weight": round(label.weight, 4), "page": page}
            said = [[o.engine, o.text, o.confidence] for o in opinions]
            lines.append(row | {"width": natural_width(crop), "engines": list(label.engines), "opinions": said})
    values = {"key": key, "left_out": left_out, "lines": lines}
    write_whole(part, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    return values


def _chunks(lines: Iterator[tuple[Crop, str | None]]) -> Iterator[tuple[list[Crop], list[str | None]]]:
    crops, pages = list[Crop](), list[str | None]()
    for crop, page in lines:
        crops.append(crop)
        pages.append(page)
        if len(crops) == _TOGETHER:
            yield crops, pages
            crops, pages = [], []
    if crops:
        yield crops, pages


def _held(part: Path, key: str, output: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = load_json(part.read_bytes())
        if values["key"] == key and all((output / IMAGES / row["filename"]).is_file() for row in values["lines"]):
            return values
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _set_aside(rows: Sequence[LabelRow], folder: Path, count: int) -> int:
    """Copy a random sample, always the same of the same lines; a folder that is there is left: it may be corrected."""
    if count <= 0 or folder.exists():
        return 0
    drawn = sorted(rows, key=lambda row: hashlib.sha256(f"sample {row.filename}".encode()).digest())[:count]
    return len(copy_lines(drawn, folder, LabelReport(folder)))


def _provenance(line: dict[str, Any]) -> str:
    opinions = [Opinion(*held) for held in line["opinions"]]
    said = json.dumps({o.engine: [o.text, o.confidence] for o in opinions}, ensure_ascii=False)
    return f"{line['filename']}\t{'+'.join(line['engines'])}\t{said}\n"


def _plain(name: str) -> str:
    """A document's name as part of a file's name."""
    kept = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:80]
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return kept if kept == name else f"{kept}-{digest}"


def _file_key(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _rows_key(rows: Sequence[LabelRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        try:
            digest.update(hashlib.sha256(image_of(row)).digest())
        except InputUnreadable:
            digest.update(b"-")
    return digest.hexdigest()
