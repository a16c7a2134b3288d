"""``nordocr eval``: how well a recogniser reads labelled lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nordocr.data.labels import Labels
    from nordocr.evaluate.metrics import Summary
    from nordocr.evaluate.outputs import Evaluation
    from nordocr.recognize.base import Recognizer


def evaluate(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "--recognizer",
            "-m",
            help="A bundled model's name, an .onnx file, a checkpoint (.safetensors), or tesseract.",
        ),
    ],
    data: Annotated[
        list[Path], typer.Option("--data", "-d", help="A labels folder (images/ and labels.tsv); repeat for more.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for metrics.json, predictions.tsv and worst.html.")
    ],
    tess_lang: Annotated[str, typer.Option(help="Tesseract's languages, with tesseract only.")] = "swe+eng",
    tessdata: Annotated[Path | None, typer.Option(help="Folder of Tesseract's *.traineddata files.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first lines of each folder.")] = None,
    threads: Annotated[int, typer.Option(min=0, help="Threads that read; 0 for one a core.")] = 0,
    linespec: Annotated[Path | None, typer.Option(help="The LineSpec of a model file that holds none.")] = None,
    device: Annotated[str, typer.Option(help="Where the model runs: cpu or cuda.")] = "cpu",
) -> None:
    """Read labelled lines with one recogniser, show the figures and write them with every prediction.

    Rows that cannot be used are left out, counted and named on stderr and in metrics.json.
    """
    from rich.console import Console

    from nordocr.config import parse_config
    from nordocr.recognize.registry import open_recognizer

    options: dict[str, Any] = {"recognizer": model, "threads": threads, "linespec": linespec, "device": device}
    config = parse_config(options | {"tess_lang": tess_lang, "tessdata": tessdata}, "The command line")
    run, write_evaluation = _lab()
    notes = Console(stderr=True)
    recognizer = open_recognizer(model, config)
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
    for table in _tables(result):
        console.print(table)
    names = ", ".join(path.name for path in written)
    console.print(f"Wrote {names} to {output}", markup=False, highlight=False, soft_wrap=True)


def _lab() -> tuple[Any, Any]:
    """The evaluation's modules; one sentence instead of a traceback where rapidfuzz is not installed."""
    try:
        from nordocr.evaluate import run
        from nordocr.evaluate.outputs import write_evaluation
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
    tables = [_figures(f"{who}, {seconds}", "data", rows), _classes(rows)]
    if len(result.total.by_width) > 1:
        tables.append(_figures("By width", "px at height 32", result.total.by_width))
    return tables


def _figures(title: str, first: str, rows: Mapping[str, Summary]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    units = dict.fromkeys(summary.unit for summary in rows.values())
    table = Table(title=title, caption=f"per cent; 95 % intervals over {', '.join(units)}", box=SIMPLE_HEAD)
    table.add_column(first, overflow="fold")
    for heading in ("lines", "exact", "95 %", "no spaces", "CER", "95 %", "WER"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, summary in rows.items():
        table.add_row(name, *_cells(summary))
    return table


def _cells(summary: Summary) -> list[str]:
    def figure(name: str, digits: int) -> str:
        share: float | None = getattr(summary, name)
        return "" if share is None else f"{100 * share:.{digits}f}"

    def interval(name: str, digits: int) -> str:
        found = summary.intervals.get(name)
        return f"{100 * found.low:.{digits}f}–{100 * found.high:.{digits}f}" if found else ""

    return [
        str(summary.lines),
        figure("exact", 1),
        interval("exact", 1),
        figure("space_insensitive", 1),
        figure("cer", 2),
        interval("cer", 2),
        figure("wer", 1),
    ]


def _classes(rows: Mapping[str, Summary]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    caption = "nordocr's own definition: docs/evaluation.md"
    table = Table(title="Error classes, lines", caption=caption, box=SIMPLE_HEAD)
    table.add_column("class")
    for name in rows:
        table.add_column(name, justify="right")
    for kind in next(iter(rows.values())).taxonomy:
        table.add_row(kind, *(str(metrics.taxonomy[kind]) for metrics in rows.values()))
    return table
