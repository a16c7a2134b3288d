"""The lines of a tuning, parted and written to its folder: to train on, to judge by, and to guard the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nordocr.charset import Charset
from nordocr.data.labels import LabelReport, LabelRow
from nordocr.data.lines import copy_lines, read_lines
from nordocr.errors import DataInvalid
from nordocr.linespec import LineSpec
from nordocr.tune.guard import write_guard
from nordocr.tune.judge import FEWEST_HELD, HELD_OUT
from nordocr.tune.plan import TunePlan
from nordocr.tune.split import Split, split_rows

FEWEST: Final = 20
"""Below this many lines nothing is tuned."""

Tell = Callable[[dict[str, Any]], None]
"""Is told events: ``note`` with a sentence, and those of training."""


@dataclass(frozen=True)
class Sets:
    """The lines of a tuning.

    Attributes:
        train: The labels folder that is trained on.
        also: The labels folder of further lines that are trained on; None where there are none.
        also_lines: How many there are.
        judged: Labels folders by name: the held-out lines and what guards the rest.
        split: How the lines were parted.
    """

    train: Path
    also: Path | None
    also_lines: int
    judged: dict[str, Path]
    split: Split


def prepare(plan: TunePlan, output: Path, spec: LineSpec, tell: Tell) -> Sets:
    """Part the lines and write all sets.

    Further lines (:attr:`TunePlan.also`) of documents that are held out are left out: an engine's labels of them would
    show the model what it is judged on.

    Args:
        plan: Where the lines are.
        output: The tuning's folder.
        spec: The model's LineSpec.
        tell: Told what was left out.

    Returns:
        The sets.

    Raises:
        DataInvalid: There are too few lines.
        InputMissing: A folder is not there.
        OutputUnwritable: ``output`` cannot be written.
    """
    rows = _rows(plan.lines, spec.charset, tell)
    if len(rows) < FEWEST:
        raise DataInvalid(f"{len(rows)} corrected lines are too few to tune on; {FEWEST} are needed.")
    split = split_rows(rows, plan.held_share)
    if len(split.held) < FEWEST_HELD:
        raise DataInvalid(f"Only {len(split.held)} lines can be held out to judge by; {FEWEST_HELD} are needed.")
    lines = output / "lines"
    unit = split.unit if split.units != 1 else split.unit[:-1]
    tell({"note": f"{len(split.train)} lines to train on; held out {len(split.held)} lines of {split.units} {unit}."})
    train, held = lines / "corrected", lines / HELD_OUT
    _write(split.train, train, tell)
    _write(split.held, held, tell)
    out = {row.source for row in split.held}
    further = [row for row in _rows(plan.also, spec.charset, tell) if row.source is not None and row.source not in out]
    also = lines / "also" if further else None
    if also is not None:
        _write(further, also, tell)
        tell({"note": f"{len(further)} further lines to train on, of documents that are not held out."})
    guard = write_guard(output / "guard", plan.guard_lines, spec.charset)
    return Sets(train, also, len(further), {HELD_OUT: held, **guard}, split)


def _rows(folders: Sequence[Path], charset: Charset, tell: Tell) -> list[LabelRow]:
    """The rows of folders that have a text; what is wrong with others is told."""
    rows: list[LabelRow] = []
    for folder in folders:
        labels = read_lines(folder, charset=charset)
        rows += [row for row in labels.rows if row.text.strip()]
        for sentence in labels.report.sentences():
            tell({"note": sentence})
    return rows


def _write(rows: Sequence[LabelRow], folder: Path, tell: Tell) -> None:
    report = LabelReport(folder)
    copy_lines(rows, folder, report)
    for sentence in report.sentences():
        tell({"note": sentence})
