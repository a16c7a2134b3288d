"""Write the lines that people have corrected as a labels folder, cut as reading cuts them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nordocr.charset import nfc
from nordocr.config import ReadingConfig
from nordocr.data.corrected.documents import CorrectedScan, read_corrected
from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelRow, write_labels
from nordocr.errors import DataInvalid, NordocrError
from nordocr.files import write_whole
from nordocr.linespec import LineSpec
from nordocr.pipeline.cutting import cut_again
from nordocr.pipeline.preparation import Preparation

_HEIGHT: Final = LineSpec().height
_UNFIT: Final = re.compile(r"[^\w.-]+")


@dataclass
class Gathered:
    """What came of it.

    Attributes:
        documents: Documents with at least one labelled line.
        lines: Labelled lines.
        unseen: Lines left out because nobody vouches for their text.
        strays: Lines that reading does not find any more at their places; they were cut by their boxes.
        lost: Lines whose place lies beside the page.
        failures: Files that could not be used, with the reason.
    """

    documents: int = 0
    lines: int = 0
    unseen: int = 0
    strays: int = 0
    lost: int = 0
    failures: list[NordocrError] = field(default_factory=list)


def gather_labels(
    files: Sequence[Path],
    output: Path,
    config: ReadingConfig,
    *,
    images: Path | None = None,
    by_file: bool = False,
    detector: str | None = None,
    on_file: Callable[[str], None] = lambda name: None,
) -> Gathered:
    """Write a labels folder of the lines whose text a person vouches for.

    Args:
        files: Results that were corrected, PAGE and ALTO files.
        output: The labels folder to write.
        config: Limits and passwords for the scans.
        images: A folder in which scans are looked for first.
        by_file: Each PAGE or ALTO file is a document by itself; else those of a folder are one.
        detector: The detector that finds the lines again; None for the one that each result names.
        on_file: Told the name of each file before it is used.

    Returns:
        Counts, and what failed; the other files are written all the same.

    Raises:
        DataInvalid: Two results have one name, or there is no line at all.
        OutputUnwritable: ``output`` cannot be written.
    """
    named = Counter(path.name for path in files if path.suffix.lower() != ".xml")
    twice = next((name for name, count in named.items() if count > 1), None)
    if twice is not None:
        raise DataInvalid(f"Two results are called {twice!r}; documents are told apart by their names.")
    found, rows, sources = Gathered(), list[LabelRow](), set[str]()
    preparations: dict[str, Preparation] = {}
    taken: set[str] = set()
    for path in files:
        on_file(path.name)
        try:
            for scan in read_corrected(path, images, by_file=by_file):
                name = detector or scan.detector or config.detector
                if name not in preparations:
                    preparations[name] = Preparation(config.model_copy(update={"detector": name}))
                fresh = _rows(scan, output, preparations[name], found, taken)
                rows += fresh
                sources |= {scan.source} if fresh else set()
        except NordocrError as error:
            found.failures.append(error)
    if not rows:
        reason = f" {found.failures[0]}" if found.failures else ""
        raise DataInvalid(f"None of the {len(files)} files has a line that a person has seen.{reason}")
    write_labels(output, rows)
    found.lines, found.documents = len(rows), len(sources)
    return found


def _rows(
    scan: CorrectedScan, output: Path, preparation: Preparation, found: Gathered, taken: set[str]
) -> list[LabelRow]:
    """The rows of one scan, whose crops are written."""
    found.unseen += scan.unseen
    wanted = {(line.page, line.name): line for line in scan.lines}
    rows: dict[tuple[int, str], LabelRow] = {}
    for page in cut_again(preparation, scan.scan, scan.pages, frozenset(wanted)):
        index = page.known.index
        found.strays += len(page.strays)
        for name, crop in page.crops.items():
            line = wanted[index, name]
            file = _unused(_UNFIT.sub("_", f"{scan.name}-{index + 1:04d}-{name}"), taken)
            write_whole(output / IMAGES / file, encode_png(crop))
            rows[index, name] = LabelRow(
                filename=file,
                text=nfc(line.text),
                image=output / IMAGES / file,
                row=0,
                source=scan.source,
                width=round(crop.shape[1] * _HEIGHT / crop.shape[0]),
                page=str(index + 1),
                who=line.who or None,
            )
    found.lost += len(wanted) - len(rows)
    return [rows[key] for key in wanted if key in rows]


def _unused(name: str, taken: set[str]) -> str:
    """The name of a file that is not taken; capitals do not tell files apart everywhere."""
    number, file = 1, f"{name}.png"
    while file.lower() in taken:
        number += 1
        file = f"{name}-{number}.png"
    taken.add(file.lower())
    return file
