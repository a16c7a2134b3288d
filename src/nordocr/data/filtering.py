"""Copy labelled lines without those whose label a model doubts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nordocr.data.labels import TABLE, LabelReport, LabelRow
from nordocr.data.likelihood import Doubt, doubts
from nordocr.data.lines import copy_lines, image_of, read_lines
from nordocr.data.lmdb import is_lmdb, write_lmdb
from nordocr.errors import OutputUnwritable
from nordocr.files import whole_file
from nordocr.recognize.engine import LineRecognizer

DOUBTFUL: Final = "doubtful.tsv"
"""What was left out: nats, source, file name, label and what was read, without a header."""

_OFTEN: Final = 256


@dataclass(frozen=True)
class Filtered:
    """What filtering came to.

    Attributes:
        kept: Labels that were written.
        doubtful: Labels that were left out, the most doubtful first.
        report: What could not be read.
    """

    kept: int
    doubtful: tuple[Doubt, ...]
    report: LabelReport


def filter_lines(
    folder: Path,
    output: Path,
    engine: LineRecognizer,
    most_nats: float,
    on_line: Callable[[int], None] | None = None,
) -> Filtered:
    """Copy a labels folder or an LMDB without the labels that a model doubts.

    What is left out is listed in ``doubtful.tsv`` beside the lines: nats, source, file name, label, what was read.

    Args:
        folder: The labels folder or LMDB.
        output: The same kind of folder, which must hold no lines yet.
        engine: Says what it thinks of each label. It should have been trained on lines like these, or read them well.
        most_nats: Labels that are doubted by more are left out.
        on_line: Is called with the number of lines seen, now and then.

    Returns:
        What was kept and what not.

    Raises:
        InputMissing: There are no lines.
        OutputUnwritable: ``output`` holds lines or cannot be written.
    """
    if (output / TABLE).exists() or is_lmdb(output):
        raise OutputUnwritable(f"{output} holds lines already.")
    labels = read_lines(folder, charset=engine.spec.charset)
    kept, doubtful = list[LabelRow](), list[Doubt]()
    for seen, doubt in enumerate(doubts(labels.rows, engine), start=1):
        if doubt.nats > most_nats:
            doubtful.append(doubt)
        else:
            kept.append(doubt.row)
        if on_line is not None and seen % _OFTEN == 0:
            on_line(seen)
    doubtful.sort(key=lambda doubt: -doubt.nats)
    if is_lmdb(folder):
        written = write_lmdb(output, ((image_of(row), row.text, row.source) for row in kept))
    else:
        written = len(copy_lines(kept, output, labels.report))
    with whole_file(output / DOUBTFUL) as table:
        table.writelines(_listed(doubt) for doubt in doubtful)
    return Filtered(written, tuple(doubtful), labels.report)


def _listed(doubt: Doubt) -> str:
    row = doubt.row
    return "\t".join((f"{doubt.nats:.1f}", row.source or "", row.filename, row.text, doubt.read)) + "\n"
