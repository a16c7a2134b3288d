"""What ``nordocr compare`` shows at the terminal: progress with the time left, the figures, what did not fit."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.table import Table

    from nordocr.evaluate.compare.comparison import Comparison
    from nordocr.evaluate.referee.judge import Progress
    from nordocr.evaluate.scoring.summary import Metrics

_WIDTH = 160  # columns that the table needs
_EVERY = 10.0  # seconds between two lines of progress where there is no terminal


def teller(bar: Bar | None) -> Callable[[Progress], None]:
    """Return a function that shows progress and the time left: a bar on a terminal, else a line now and then."""
    started = time.monotonic()
    task = bar.add_task("asking", total=None) if bar is not None else None
    last = [started]

    def tell(progress: Progress) -> None:
        now = time.monotonic()
        asked = progress.done - progress.cached
        rate = asked / (now - started) if asked and now > started else 0.0
        left = (progress.total - progress.done) / rate if rate else 0.0
        eta = (
            f", about {left // 60:.0f} min {left % 60:02.0f} s left" if rate and progress.done < progress.total else ""
        )
        if bar is not None and task is not None:
            bar.update(task, completed=progress.done, total=progress.total, description=f"asking{eta}")
        elif now - last[0] >= _EVERY or progress.done == progress.total:
            last[0] = now
            said = (
                f"referee: {progress.done} of {progress.total} regions, {progress.cached} from disk, {rate:.1f}/s{eta}"
            )
            print(said, file=sys.stderr, flush=True)

    return tell


def show(comparison: Comparison, written: Sequence[Path], output: Path) -> None:
    """Print notes to stderr; the figures, the error classes, the pairs and the written files to stdout."""
    from rich.console import Console

    from nordocr.cli.figures_console import classes_table

    console, notes = Console(), Console(stderr=True)
    if not console.is_terminal:
        console = Console(width=max(console.width, _WIDTH))
    for note in comparison.notes:
        notes.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
    console.print(_table(comparison))
    metrics = {name: engine.metrics for name, engine in comparison.engines.items() if engine.metrics is not None}
    if metrics:
        console.print(classes_table(metrics))
        console.print(_beside_guide(metrics))
    for pair in comparison.pairs:
        console.print(
            f"{pair.first} / {pair.second}: both exact {pair.both}, only {pair.first} {pair.only_first}, "
            f"only {pair.second} {pair.only_second}, neither {pair.neither}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    for found in comparison.agreement if not comparison.referenced else []:
        console.print(
            f"{found.first} / {found.second}: {found.identical} of {found.both} regions identical, "
            f"{found.space_only} more but for spaces",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    names = ", ".join(path.name for path in written)
    console.print(f"Wrote {names} to {output}", markup=False, highlight=False, soft_wrap=True)


def _beside_guide(metrics: Mapping[str, Metrics]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nordocr.evaluate.compare.guide import CAPTION, beside_guide

    head, rows = beside_guide(metrics)
    table = Table(title="Beside the guide's table", caption=CAPTION, box=SIMPLE_HEAD)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _table(comparison: Comparison) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nordocr.cli.figures_console import rate_cells, rate_headings

    known = [e.metrics for e in comparison.engines.values() if e.metrics is not None]
    over = f"; 95 % intervals over {known[0].units} {known[0].unit}" if known else ""
    table = Table(
        title=f"{comparison.referenced} of {comparison.regions} regions have a reference",
        caption=f"per cent{over}",
        box=SIMPLE_HEAD,
    )
    table.add_column("engine", no_wrap=True)
    for heading in (*rate_headings(counts=True), "missed", "spurious"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, engine in comparison.engines.items():
        table.add_row(name, *rate_cells(engine.metrics, counts=True), str(engine.missed), str(engine.spurious))
    return table
