"""What is trained on and what is judged on: documents apart, however few there are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nordocr.data.labels import LabelRow

Unit = Literal["documents", "pages", "lines"]


@dataclass(frozen=True)
class Split:
    """Rows in two parts.

    Attributes:
        train: Rows to train on.
        held: Rows to judge on.
        unit: What was kept together.
        units: How many of them were held out.
    """

    train: list[LabelRow]
    held: list[LabelRow]
    unit: Unit
    units: int


def split_rows(rows: Sequence[LabelRow], share: float) -> Split:
    """Hold out whole documents: as many as give ``share`` of the lines, at least one, and never more than half of them.

    Which ones is decided by a hash of their names, so that it is the same at every start. Where there is one document
    alone its pages are parted, where there is one page alone its lines; the figures are then too good, because what is
    judged on looks like what was trained on. Lines without a document are trained on.

    Args:
        rows: All rows.
        share: The share of the lines, 0 to 1.

    Returns:
        The two parts, in the order of ``rows``.
    """
    for unit in ("documents", "pages", "lines"):
        names = [_name(row, number, unit) for number, row in enumerate(rows)]
        held = _held(names, share)
        if held:
            train = [row for row, name in zip(rows, names, strict=True) if name not in held]
            out = [row for row, name in zip(rows, names, strict=True) if name in held]
            return Split(train, out, unit, len(held))
    return Split(list(rows), [], "lines", 0)


def _name(row: LabelRow, number: int, unit: Unit) -> str | None:
    if unit == "lines":
        return f"{row.filename}\t{number}"
    if unit == "pages":
        return f"{row.source or ''}\t{row.page}" if row.page is not None else None
    return row.source


def _held(names: Sequence[str | None], share: float) -> set[str]:
    lines: dict[str, int] = {}
    for name in names:
        if name is not None:
            lines[name] = lines.get(name, 0) + 1
    if len(lines) < 2:
        return set()
    held: set[str] = set()
    count = 0
    for name in sorted(lines, key=_drawn):
        if count >= share * len(names):
            break
        if count + lines[name] <= len(names) / 2:
            held.add(name)
            count += lines[name]
    return held


def _drawn(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8, person=b"nordocr-tune").digest()
