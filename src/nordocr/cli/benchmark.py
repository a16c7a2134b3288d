"""``nordocr benchmark``: read the same regions of the same pages with several engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.console import progress_bar, quiet_libraries
from nordocr.cli.options import PageOptions, reading_options
from nordocr.config import ReadingConfig

if TYPE_CHECKING:
    from rich.table import Table

    from nordocr.evaluate.documents.benchmark import Benchmark


@reading_options
def benchmark(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGES...", help="TIFF, PDF, PNG or JPEG files, or folders.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for NAME_result.json and benchmark.json.")],
    reading: PageOptions,
    engines: Annotated[
        str, typer.Option(help="Comma-separated: svtrv2 (the configured model), tesseract, a model file, NAME=MODEL.")
    ] = "svtrv2,tesseract",
) -> None:
    """Find the lines of every page once and read them with each engine.

    One document gives the result JSON of `process`; several give {"documents": [...]} of them.
    """
    run_benchmark(pages, output, engines, reading.settings())


def run_benchmark(pages: list[Path], output: Path, engines: str, settings: ReadingConfig) -> None:
    """Read the pages with each engine, write the results and show the times."""
    from nordocr.cli.console import lab
    from nordocr.pages.listing import page_files

    with lab():
        from nordocr.evaluate.documents.benchmark import benchmark as run
        from nordocr.evaluate.documents.benchmark import parse_engines, write_benchmark
    chosen = parse_engines(engines, settings)
    files = page_files(pages)
    with quiet_libraries(), progress_bar() as bar:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int) -> None:
            if bar is not None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(stage, total=None)
                bar.update(tasks[stage], completed=done)

        summary, documents = run(files, chosen, settings, show)
    write_benchmark(summary, documents, output)
    _show(summary, output)


def _show(summary: Benchmark, output: Path) -> None:
    from rich.console import Console

    console = Console()
    console.print(_table(summary))
    names = ", ".join([*(f"{name}_result.json" for name in summary.engines), "benchmark.json"])
    console.print(f"Wrote {names} to {output}", markup=False, highlight=False, soft_wrap=True)


def _table(summary: Benchmark) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(
        title=f"{summary.regions} regions on {summary.pages} pages",
        caption=f"decoding {summary.decode_seconds:.1f} s, finding lines {summary.detect_seconds:.1f} s, once for all",
        box=SIMPLE_HEAD,
    )
    table.add_column("engine")
    for heading in ("open s", "recognise s", "lines/s", "read empty", "peak MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, times in summary.engines.items():
        table.add_row(
            f"{name} ({times.recognizer} {Path(times.model).name})",
            f"{times.open_seconds:.2f}",
            f"{times.recognize_seconds:.1f}",
            f"{times.lines_per_second:.1f}" if times.lines_per_second else "–",
            str(times.empty),
            f"{times.peak_memory / 1e6:.0f}" if times.peak_memory else "–",
        )
    return table
