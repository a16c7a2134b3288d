"""Documents that people have corrected, with whatever program: where the scan lies, and the lines with their texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nordocr.correct import load_corrected, result_path
from nordocr.correct.files import is_corrected
from nordocr.correct.scan import find_scan
from nordocr.data.corrected.xmlpages import XmlPage, read_xml_pages
from nordocr.errors import DataInvalid, InputMissing
from nordocr.pages.image import SUFFIXES
from nordocr.pipeline.cutting import KnownPage
from nordocr.pipeline.given import Outline

_FOLDERS: Final = frozenset({"page", "alto"})
"""Folders in which programs put the XML of the images one level up."""

_XML: Final = ".xml"


@dataclass(frozen=True)
class LabelledLine:
    """A line with its text. ``page`` and ``name``: which of the document's lines; ``who`` may be empty."""

    page: int
    name: str
    text: str
    who: str


@dataclass
class CorrectedScan:
    """One scan with what people say of its lines.

    Attributes:
        source: The document it belongs to.
        name: What its crops' names begin with.
        scan: Its file.
        detector: The detector that found its lines; None where none did.
        pages: Its pages with all their lines.
        lines: The lines whose text a person vouches for.
        unseen: Lines that nobody vouches for.
    """

    source: str
    name: str
    scan: Path
    detector: str | None
    pages: list[KnownPage]
    lines: list[LabelledLine]
    unseen: int = 0


def corrected_files(given: Sequence[Path]) -> list[Path]:
    """List what was corrected among paths, folders searched through: results with corrections, PAGE and ALTO files.

    Raises:
        InputMissing: A path does not exist, or a folder contains nothing corrected.
    """
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            ours = {result_path(p) for p in inside if p.name.endswith((".corrected.json", ".corrected.journal"))}
            found = sorted(ours) + [p for p in inside if p.suffix.lower() == _XML and p.name != "METS.xml"]
            if not found:
                raise InputMissing(f"The folder {path} contains nothing that was corrected.")
            files += found
        elif path.is_file() or is_corrected(path):
            files.append(path if path.suffix.lower() == _XML else result_path(path))
        else:
            raise InputMissing(f"There is no file or folder {path}.")
    return list(dict.fromkeys(files))


def read_corrected(path: Path, images: Path | None, *, by_file: bool = False) -> list[CorrectedScan]:
    """Read what was corrected in one file.

    Args:
        path: A result that was corrected, or a PAGE or ALTO file.
        images: A folder in which scans are looked for first.
        by_file: A PAGE or ALTO file is a document by itself; else its folder is the document.

    Raises:
        InputMissing: Nobody has corrected it, or its scan is not found.
        DataInvalid: It is damaged, or neither of these.
    """
    if path.suffix.lower() != _XML:
        return [_ours(path, images)]
    return _foreign(path, images, by_file)


def _ours(path: Path, images: Path | None) -> CorrectedScan:
    corrected = load_corrected(path)
    document, name = corrected.document, corrected.result.name.removesuffix(".json")
    scan = find_scan(document.source, corrected.result, images)
    if scan is None:
        raise InputMissing(f"The scan {document.source!r} of {path} is not found; --images names its folder.")
    pages = [
        KnownPage(
            page.page_index,
            page.rotation,
            page.skew,
            {line.id: _box(line.bbox) for line in page.lines if not line.moved},
            {line.id: Outline(_box(line.bbox)) for line in page.lines if line.moved},
            turns={line.id: line.rotation for line in page.lines if line.rotation},
        )
        for page in document.pages
    ]
    lines = [LabelledLine(page.page_index, line.id, line.text.strip(), line.who) for page, line in document.labelled()]
    everything = sum(len(page.lines) for page in document.pages)
    detectors = {page.detector for page in document.pages if page.detector}
    detector = next(iter(sorted(detectors)), None)
    return CorrectedScan(name, name, scan, detector, pages, lines, unseen=everything - len(lines))


def _box(box: object) -> tuple[int, int, int, int]:
    values = [int(getattr(box, name)) for name in ("x", "y", "width", "height")]
    return values[0], values[1], values[2], values[3]


def _foreign(path: Path, images: Path | None, by_file: bool) -> list[CorrectedScan]:
    pages = read_xml_pages(path)
    folder = path.parent.parent if path.parent.name.lower() in _FOLDERS else path.parent
    source = path.stem if by_file else folder.resolve().name or path.stem
    by_image: dict[Path, list[XmlPage]] = defaultdict(list)
    for page in pages:
        by_image[_image_of(page, path, images)].append(page)
    return [_scan(found, scan, source, path.stem) for scan, found in by_image.items()]


def _image_of(page: XmlPage, path: Path, images: Path | None) -> Path:
    found = find_scan(page.image, path, images)
    for folder in (images, path.parent, path.parent.parent):
        if found is not None or folder is None:
            continue
        names = (folder / f"{path.stem}{suffix}" for suffix in sorted(SUFFIXES))
        found = next((name for name in names if name.is_file()), None)
    if found is None:
        raise InputMissing(f"The image {page.image!r} of {path} is not found; --images names its folder.")
    return found


def _scan(pages: list[XmlPage], scan: Path, source: str, name: str) -> CorrectedScan:
    found = CorrectedScan(source, name, scan, None, [], [])
    for index, page in enumerate(pages):
        given: dict[str, Outline] = {}
        for number, line in enumerate(page.lines):
            polygon = line.polygon
            if not np.isfinite(polygon).all() or (np.abs(polygon) > 1e7).any():
                raise DataInvalid(f"Line {line.id!r} of {name} lies at no place that a page has.")
            key = f"{number:04d}"
            given[key] = Outline((0, 0, 0, 0), polygon)
            text = " ".join(line.text.split())
            if page.seen and text:
                found.lines.append(LabelledLine(index, key, text, page.who))
            else:
                found.unseen += 1
        found.pages.append(KnownPage(index, 0, 0.0, {}, given, (page.width, page.height)))
    return found
