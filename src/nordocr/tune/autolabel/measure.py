"""How many labels that engines made are wrong, by a sample that a person has corrected."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from nordocr.data.crops import decode_crop
from nordocr.data.labels import LabelRow
from nordocr.data.lines import image_of, read_lines
from nordocr.errors import DataInvalid, InputUnreadable
from nordocr.evaluate.scoring.bootstrap import Interval, choose_unit, intervals
from nordocr.evaluate.scoring.table import Pair, ScoredTable
from nordocr.files import write_whole

ERROR: Final = "error.json"
"""The file beside the set that says how wrong it is."""

_Z: Final = 1.959963984540054


class LabelError(BaseModel):
    """How wrong labels are.

    Attributes:
        lines: Lines of the set whose truth is known.
        wrong: How many of their labels differ from it, doubled spaces aside.
        share: ``wrong`` over ``lines``.
        interval: 95 % interval of the share (Wilson 1927).
        cer: Character edits over characters of the truth.
        cer_interval: 95 % interval of ``cer`` over documents, pages or lines; None where it cannot be given.
        unit: What ``cer_interval`` is over.
        vouched: For how many of the lines the truth names a person who vouches for it.
    """

    model_config = ConfigDict(extra="forbid")

    lines: int
    wrong: int
    share: float
    interval: Interval
    cer: float
    cer_interval: Interval | None
    unit: str
    vouched: int

    def words(self) -> str:
        """Return it as a sentence."""
        said = f"{self.wrong} of {self.lines} labels are wrong: {100 * self.share:.1f} % "
        said += f"(95 % interval {100 * self.interval.low:.1f} to {100 * self.interval.high:.1f}), "
        return f"{said}CER {100 * self.cer:.2f} %"


def measure(folder: Path, truth: Path) -> LabelError:
    """Compare labels with the truth for some of their lines, and write ``error.json`` beside them.

    Lines are the same where their pixels are: a line that was corrected elsewhere is found whatever its file is called.

    Args:
        folder: The set that engines labelled.
        truth: A labels folder or LMDB of corrected lines; those that are not in the set are passed over.

    Returns:
        What was found.

    Raises:
        DataInvalid: None of the truth's lines is in the set.
    """
    rows = {_pixels(row): row for row in read_lines(truth).rows}
    known = {key: row.text for key, row in rows.items()}
    keyed = [(key, row) for row in read_lines(folder).rows if (key := _pixels(row)) in known and key]
    pairs = [Pair(known[key], row.text, source=row.source, page=row.page) for key, row in keyed]
    if not pairs:
        raise DataInvalid(f"None of the lines of {truth} is one of {folder}.")
    found = _error(pairs, sum(rows[key].who is not None for key, _ in keyed))
    write_whole(folder / ERROR, found.model_dump_json(indent=1) + "\n")
    return found


def wilson(wrong: int, lines: int) -> Interval:
    """Return the 95 % interval of a share by Wilson's score, which is right for small shares too."""
    share, z2 = wrong / lines, _Z * _Z
    middle = (share + z2 / (2 * lines)) / (1 + z2 / lines)
    half = _Z / (1 + z2 / lines) * math.sqrt(share * (1 - share) / lines + z2 / (4 * lines * lines))
    return Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))


def _error(pairs: Sequence[Pair], vouched: int) -> LabelError:
    table = ScoredTable(pairs)
    wrong = len(table) - int(table.exact.sum())
    unit, codes, count = choose_unit([pair.source for pair in pairs], [pair.page for pair in pairs])
    spread = intervals({"cer": (table.edits, table.characters)}, codes, count)
    return LabelError(
        lines=len(table),
        wrong=wrong,
        share=wrong / len(table),
        interval=wilson(wrong, len(table)),
        cer=table.cer,
        cer_interval=spread.get("cer"),
        unit=unit,
        vouched=vouched,
    )


def _pixels(row: LabelRow) -> str:
    """A checksum of a line's pixels, "" where they cannot be read."""
    try:
        image = decode_crop(image_of(row), row.image)
    except InputUnreadable:
        return ""
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()
