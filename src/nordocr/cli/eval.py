"""``nordocr eval``: measure how well a model reads labelled lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.figures_console import classes_table, rate_cells, rate_headings
from nordocr.cli.options import LineOptions, reading_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nordocr.data.labels import Labels
    from nordocr.evaluate.lines.outputs import Evaluation
    from nordocr.evaluate.scoring.accept import AcceptCurve
    from nordocr.evaluate.scoring.summary import Summary
    from nordocr.recognize.base import Recognizer


_PIPE_WIDTH = 100
"""Columns where the output goes to a file: there rich would take 80 and fold the names."""


@reading_options
def evaluate(
    data: Annotated[
        list[Path], typer.Option("--data", "-d", help="Labels folder (images/ and labels.tsv); repeat for more.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for metrics.json, predictions.tsv and worst.html.")
    ],
    reading: LineOptions,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first lines of each folder.")] = None,
) -> None:
    """Read labelled lines with one model, show the figures and write them with every prediction.

    Rows that cannot be used are left out, counted and named on stderr and in metrics.json.
    """
    from rich.console import Console

    from nordocr.recognize.registry import open_recognizer

    settings = reading.settings()
    run, write_evaluation = _lab()
    notes = Console(stderr=True)
    recognizer = open_recognizer(settings.recognizer, settings)
    try:
        sets: dict[str, Labels] = run.open_sets(data, run.charset_of(recognizer))
        result = _read(run, recognizer, sets, limit, notes)
    finally:
        recognizer.close()
    for labels in sets.values():
        for sentence in labels.report.sentences():
            notes.print(f"Note: {sentence}", markup=False, highlight=False, soft_wrap=True)
    written = write_evaluation(result, output)
    console = Console()
    if not console.is_terminal and console.width < _PIPE_WIDTH:
        console = Console(width=_PIPE_WIDTH)
    for table in _tables(result):
        console.print(table)
    names = ", ".join(path.name for path in written)
    console.print(f"Wrote {names} to {output}", markup=False, highlight=False, soft_wrap=True)


def _lab() -> tuple[Any, Any]:
    """Import the evaluation; say in one sentence where rapidfuzz is not installed."""
    try:
        from nordocr.evaluate.lines import run
        from nordocr.evaluate.lines.outputs import write_evaluation
    except ModuleNotFoundError as error:
        from nordocr.errors import EngineUnavailable

        raise EngineUnavailable(f'Evaluation needs {error.name}: pip install "nordocr[eval]".') from error
    return run, write_evaluation


def _read(run: Any, recognizer: Recognizer, sets: dict[str, Labels], limit: int | None, notes: Console) -> Evaluation:
    from rich.progress import Progress

    total = sum(min(len(labels.rows), limit or len(labels.rows)) for labels in sets.values())
    with Progress(console=notes, transient=True, disable=not notes.is_terminal) as bar:
        task = bar.add_task(f"Reading {total} lines", total=total)
        result: Evaluation = run.evaluate_sets(
            recognizer, sets, limit=limit, on_progress=lambda done: bar.advance(task, done)
        )
    return result


def _tables(result: Evaluation) -> list[Table]:
    rows = dict(result.sets) | ({"all": result.total} if len(result.sets) > 1 else {})
    who = " ".join(str(result.engine[key]) for key in ("name", "version", "model") if result.engine[key])
    seconds = f"{result.engine['seconds']:.1f} s"
    tables = [_figures(f"{who}, {seconds}", "data", rows), classes_table(rows)]
    if len(result.total.by_width) > 1:
        tables.append(_figures("By width", "px at height 32", result.total.by_width))
    if result.total.nordic:
        tables.append(_letters(result.total))
    if result.total.accept is not None:
        tables.append(_accept(result.total.accept))
    return tables


def _figures(title: str, first: str, rows: Mapping[str, Summary]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    units = dict.fromkeys(summary.unit for summary in rows.values())
    table = Table(title=title, caption=f"per cent; 95 % intervals over {', '.join(units)}", box=SIMPLE_HEAD)
    table.add_column(first, overflow="fold")
    for heading in ("lines", *rate_headings()):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, summary in rows.items():
        table.add_row(name, str(summary.lines), *rate_cells(summary))
    return table


def _letters(total: Summary) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title="Nordic letters", caption="per cent", box=SIMPLE_HEAD)
    for heading in ("letter", "in the truth", "recall", "read", "precision", "read as instead"):
        table.add_column(heading, justify="left" if heading in ("letter", "read as instead") else "right")
    for letter, found in total.nordic.items():
        wrong = [c for c in total.confusions if c.reference == letter]
        shares = ["–" if share is None else f"{100 * share:.1f}" for share in (found.recall, found.precision)]
        instead = ", ".join(f"{c.hypothesis or 'nothing'} {c.count}" for c in wrong[:4])
        table.add_row(letter, str(found.reference), shares[0], str(found.hypothesis), shares[1], instead)
    return table


def _accept(curve: AcceptCurve) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    caption = f"calibration error {curve.calibration_error:.3f}"
    table = Table(title="Lines that can be accepted unseen", caption=caption, box=SIMPLE_HEAD)
    for heading in ("wanted exact, per cent", "confidence from", "lines", "per cent of lines"):
        table.add_column(heading, justify="right")
    for target, point in curve.targets.items():
        wanted = f"{100 * float(target):g}"
        if point is None:
            table.add_row(wanted, "none reaches it", "0", "0.0")
        else:
            table.add_row(wanted, f"{point.threshold:.4f}", str(point.lines), f"{100 * point.share:.1f}")
    return table
