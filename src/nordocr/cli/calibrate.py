"""``nordocr calibrate``: make confidence scores match how often lines are right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.options import LineSpecFile, NoLanguageModel
from nordocr.config import ReadingConfig
from nordocr.files import whole_file

if TYPE_CHECKING:
    from rich.table import Table

    from nordocr.evaluate.lines.temperature import Fit


def calibrate(
    data: Annotated[list[Path], typer.Option("--data", "-d", help="Labels folder; repeat for more.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--recognizer",
            "--model",
            "-m",
            help=f"Model to calibrate: a bundled name or an .onnx file (default: {ReadingConfig().recognizer}).",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the calibrated model here; may be the model itself.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the fit and both reliability tables as JSON.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first lines of each folder.")] = None,
    linespec: LineSpecFile = None,
    no_lm: NoLanguageModel = False,
) -> None:
    """Calibrate confidence scores on labelled lines that the model was not trained on.

    One temperature is fitted and written into the ONNX metadata, or into the *_meta.yaml beside a model without
    metadata. Texts do not change.
    """
    from rich.console import Console

    fitted, path = _fit(model or ReadingConfig().recognizer, data, limit, linespec, guided=not no_lm)
    console = Console()
    for table in _tables(fitted):
        console.print(table)
    if report is not None:
        with whole_file(report) as file:
            file.write(fitted.model_dump_json(indent=1) + "\n")
    if output is not None:
        from nordocr.export.temperature import write_temperature

        written = write_temperature(path, output, fitted.after.temperature)
        console.print(f"Wrote temperature {fitted.after.temperature} to {written}", markup=False, soft_wrap=True)


def _fit(model: str, data: list[Path], limit: int | None, linespec: Path | None, *, guided: bool) -> tuple[Fit, Path]:
    from nordocr.errors import DataInvalid, EngineUnavailable, ModelMissing
    from nordocr.families import family_of
    from nordocr.lm.file import bundled_file, load_model
    from nordocr.lm.revise import Reviser
    from nordocr.recognize.named import named_model

    try:
        from nordocr.evaluate.lines import temperature
        from nordocr.evaluate.lines.predict import crop_of
        from nordocr.evaluate.lines.run import open_sets
        from nordocr.export.temperature import open_scorer
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f'Calibration needs {error.name}: pip install "nordocr[train]".') from error
    path = Path(model) if model.lower().endswith(".onnx") else named_model(model)
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}.")
    score, spec = open_scorer(path, linespec)
    crops: list[Any] = []
    texts: list[str] = []
    for labels in open_sets(data, spec.charset).values():
        for row in labels.rows[:limit]:
            crops.append(crop_of(row))
            texts.append(row.text)
    if len(crops) < temperature.FEWEST:
        raise DataInvalid(f"{len(crops)} lines are too few to fit a temperature on; {temperature.FEWEST} are needed.")
    reviser = Reviser(load_model(bundled_file()), spec) if guided and family_of(spec).columns else None
    return temperature.fit(temperature.gather(score, spec, crops, texts, reviser)), path


def _tables(fitted: Fit) -> list[Table]:
    from rich import box
    from rich.table import Table

    tables = []
    for reliability in (fitted.before, fitted.after):
        title = f"temperature {reliability.temperature:g}: calibration error {100 * reliability.error:.1f} %"
        table = Table(title=title, box=box.SIMPLE_HEAD)
        for name in ("confidence", "lines", "mean %", "exact %"):
            table.add_column(name, justify="right")
        for row in reliability.bins:
            low, high = f"{row.low:.1f}", f"{row.high:.1f}"
            table.add_row(f"{low}–{high}", str(row.lines), f"{100 * row.confidence:.1f}", f"{100 * row.exact:.1f}")
        tables.append(table)
    return tables
