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
    from nordocr.evaluate.lines.outputs import Evaluation
    from nordocr.evaluate.scoring.accept import AcceptCurve
    from nordocr.evaluate.scoring.metrics import Summary
    from nordocr.recognize.base import Recognizer


_PIPE_WIDTH = 100
"""Columns where the output goes to a file: there rich would take 80 and fold the names."""


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
    lang: Annotated[str | None, typer.Option(help="Languages whose letters may be read: sv,en")] = None,
    no_lm: Annotated[bool, typer.Option("--no-lm", help="Read without the language model.")] = False,
    tess_lang: Annotated[str | None, typer.Option(help="Tesseract's languages (default: swe+eng).")] = None,
    tessdata: Annotated[Path | None, typer.Option(help="Folder of Tesseract's *.traineddata files.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first lines of each folder.")] = None,
    threads: Annotated[int | None, typer.Option(min=0, help="Threads that read; 0 for one a core.")] = None,
    linespec: Annotated[Path | None, typer.Option(help="The LineSpec of a model file that holds none.")] = None,
    device: Annotated[str | None, typer.Option(help="Where the model runs: cpu or cuda.")] = None,
    preset: Annotated[str | None, typer.Option(help="Settings for a machine: cpu, a6000, blackwell.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="What runs the model: auto, onnx, openvino, tensorrt, torch.")
    ] = None,
    precision: Annotated[str | None, typer.Option(help="auto, f32, bf16, f16 or int8.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML or JSON file of settings; options go before it.")] = None,
) -> None:
    """Read labelled lines with one recogniser, show the figures and write them with every prediction.

    Rows that cannot be used are left out, counted and named on stderr and in metrics.json.
    """
    from rich.console import Console

    from nordocr.config import settings
    from nordocr.recognize.registry import open_recognizer

    options: dict[str, Any] = {"recognizer": model, "threads": threads, "linespec": linespec, "device": device}
    options |= {"preset": preset, "engine": engine, "precision": precision, "tessdata": tessdata}
    options |= {"lang": lang, "lm": "none" if no_lm else None}
    options["tess_lang"] = "swe+eng" if tess_lang is None and config is None else tess_lang
    held = settings(config, options)
    run, write_evaluation = _lab()
    notes = Console(stderr=True)
    recognizer = open_recognizer(model, held)
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
    """The evaluation's modules; one sentence instead of a traceback where rapidfuzz is not installed."""
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
    tables = [_figures(f"{who}, {seconds}", "data", rows), _classes(rows)]
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
