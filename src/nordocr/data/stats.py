"""What labelled lines hold: lengths, widths, characters, documents; and the width and label length they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordocr.charset import NORDIC_126, Charset
from nordocr.data.labels import LabelReport, Labels, Problem
from nordocr.data.lines import read_lines, size_of, stored_lines
from nordocr.data.lmdb import DATA_FILE, is_lmdb
from nordocr.errors import InputUnreadable
from nordocr.families import family_of
from nordocr.linespec import CEILING, LADDER, LineSpec

_SHARE = 99.5
"""The proposed width holds this percentage of the lines; the others are squeezed."""


@dataclass(frozen=True)
class LabelStats:
    """Counts over the usable lines of a folder.

    ``lengths``: characters a line; ``widths``: pixels a line at height 32, before any limit. ``too_long``: lines whose
    label needs more output steps than their width gives (CTC cannot learn them). ``max_width`` in pixels: the
    narrowest rung that holds 99.5 % of the lines; ``max_label`` in characters: the longest label.
    """

    lines: int
    lengths: list[int]
    widths: list[int]
    characters: Counter[str]
    sources: Counter[str]
    outside: Counter[str]
    too_long: int
    max_width: int
    max_label: int
    report: LabelReport


def label_stats(folder: Path, charset: Charset = NORDIC_126) -> LabelStats:
    """Read the labels of a folder and the sizes of its images.

    Args:
        folder: A labels folder or an LMDB.
        charset: Characters outside it are counted.

    Returns:
        The counts.

    Raises:
        InputMissing: There are neither labels nor an LMDB.
        DataInvalid: The table or the LMDB is damaged.
    """
    report, lines = _lines(folder, charset)
    spec = LineSpec()
    family = family_of(spec)
    lengths, widths = [], []
    characters: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    too_long = 0
    for text, source, (across, down) in lines:
        width = round(across * spec.height / down)
        widths.append(width)
        lengths.append(len(text))
        characters.update(text)
        sources[source or ""] += 1
        too_long += not family.fits(text, spec, max(4, min(width, CEILING)))
    wanted = float(np.percentile(widths, _SHARE, method="higher")) if widths else LADDER[0]
    max_width = next((rung for rung in LADDER if rung >= wanted), CEILING)
    outside = Counter({c: n for c, n in characters.items() if c not in charset})
    return LabelStats(
        len(widths), lengths, widths, characters, sources, outside, too_long,
        max_width, max(lengths, default=0), report,
    )  # fmt: skip


_Line = tuple[str, str | None, tuple[int, int]]


def _lines(folder: Path, charset: Charset) -> tuple[LabelReport, Iterator[_Line]]:
    """Return a report, and the lines with a readable image as (text, document, size); the report fills meanwhile."""
    if is_lmdb(folder):
        report = LabelReport(folder, table=DATA_FILE)
        return report, _stored(folder, report, charset)
    labels = read_lines(folder, charset=charset)
    return labels.report, _listed(labels)


def _stored(folder: Path, report: LabelReport, charset: Charset) -> Iterator[_Line]:
    for number, text, source, size in stored_lines(folder, report, charset):
        report.usable += 1
        if 0 in size:
            report.add(Problem.UNREADABLE_IMAGE, number, f"image-{number:09d}")
        else:
            yield text, source, size


def _listed(labels: Labels) -> Iterator[_Line]:
    for row in labels.rows:
        try:
            size = size_of(row)
        except InputUnreadable as error:
            labels.report.add(Problem.UNREADABLE_IMAGE, row.row, row.filename, str(error.__cause__))
            continue
        yield row.text, row.source, size
