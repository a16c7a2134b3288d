"""``nordocr benchmark``: the same regions of the same pages through several engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.console import progress_bar, quiet_libraries

if TYPE_CHECKING:
    from rich.table import Table

    from nordocr.evaluate.documents.benchmark import Benchmark


def benchmark(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGES...", help="TIFF, PDF, PNG or JPEG files, or folders.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for NAME_result.json and benchmark.json.")],
    engines: Annotated[
        str, typer.Option(help="Comma-separated: svtrv2 (the configured model), tesseract, a model file, NAME=MODEL.")
    ] = "svtrv2,tesseract",
    config: Annotated[Path | None, typer.Option(help="YAML or JSON file of settings; options go before it.")] = None,
    recognizer: Annotated[
        str | None, typer.Option(help="What svtrv2 stands for: a bundled name or model file.")
    ] = None,
    linespec: Annotated[Path | None, typer.Option(help="The LineSpec of a model file that holds none.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the recognisers; 0 is all cores.")] = None,
    tess_lang: Annotated[str | None, typer.Option(help="Tesseract's languages: swe+eng")] = None,
    tessdata: Annotated[Path | None, typer.Option(help="Folder of Tesseract's language data.")] = None,
    device: Annotated[str | None, typer.Option(help="Where models run: cpu or cuda.")] = None,
) -> None:
    """Find the lines of every page once and read them with each engine.

    One document gives the result JSON of `process`; several give {"documents": [...]} of them.
    """
    from nordocr.cli.console import lab
    from nordocr.pages.listing import page_files

    settings = _settings(config, locals())
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


def engine_names(engines: str, **options: Any) -> list[str]:
    """The short names that :func:`benchmark` gives to ``engines``, in their order."""
    from nordocr.evaluate.documents.benchmark import parse_engines

    given = dict.fromkeys(("recognizer", "linespec", "threads", "tess_lang", "tessdata", "device")) | options
    return list(parse_engines(engines, _settings(options.get("config"), given)))


def _settings(config: Path | None, given: dict[str, Any]) -> Any:
    from nordocr.config import settings

    names = ("recognizer", "linespec", "threads", "tess_lang", "tessdata", "device")
    return settings(config, {name: given[name] for name in names})


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
