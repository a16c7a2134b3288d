"""``nordocr models``: the models too large for the package, listed, verified and pulled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Models too large for the package: list, verify, pull.")

_FOLDER = Path("models")

Folder = Annotated[Path | None, typer.Option("--folder", help="The models folder [$NORDOCR_MODELS, or models].")]
Name = Annotated[str | None, typer.Argument(help="One model instead of all.")]


@app.command("list")
def list_(folder: Folder = None) -> None:
    """Show the bundled models, those that were installed by name, and those of a folder."""
    from nordocr.export.store import INDEX, read_index
    from nordocr.recognize.bundled import bundled_names
    from nordocr.recognize.named import installed_folder, installed_names

    for name in bundled_names():
        typer.echo(f"{name}  bundled")
    where = _folder(folder)
    if folder is None and installed_folder().resolve() != where.resolve():
        for name in installed_names():
            typer.echo(f"{name}  installed in {installed_folder()}")
        if installed_names() and not (where / INDEX).is_file():
            return
    if folder is None and not (where / INDEX).is_file():
        typer.echo(f"There is no folder of further models: {where} has no {INDEX} (nordocr models pull).", err=True)
        return
    for model in read_index(where):
        here = "" if (where / model.file).is_file() else "  (file not here: nordocr models pull)"
        built = "  onnx" if (where / model.file).with_suffix(".onnx").is_file() else ""
        typer.echo(
            f"{model.name}  {model.variant}, {model.spec.max_width} px, {model.spec.charset_name}  "
            f"{model.sha256[:12]}{built}{here}"
        )


@app.command()
def layout(
    width: Annotated[int, typer.Option(help="The width in pixels that the model is trained to.")] = 1024,
    folder: Folder = None,
) -> None:
    """Show where the guide keeps its files, which of them are here, and the command that writes each."""
    from nordocr.export.layout import layout as files

    rows = files(width, _folder(folder))
    broad = max(len(path.as_posix()) for path, _ in rows)
    for path, command in rows:
        typer.echo(f"{path.as_posix():<{broad}}  {'here   ' if path.is_file() else 'missing'}  {command}")


@app.command()
def verify(name: Name = None, folder: Folder = None) -> None:
    """Compute every checksum again and compare it with the index."""
    from nordocr.errors import ModelInvalid
    from nordocr.export.store import verify as verified

    problems = []
    for model, problem in verified(_folder(folder), name):
        typer.echo(f"{model.name}  {problem or 'ok'}")
        problems += [problem] if problem else []
    if problems:
        raise ModelInvalid(f"{len(problems)} of the models are not what the index says: {problems[0]}.")


@app.command()
def pull(
    source: Annotated[str, typer.Argument(help="A folder, an http(s) address, or hf:OWNER/REPOSITORY.")],
    name: Name = None,
    folder: Folder = None,
    onnx: Annotated[bool, typer.Option(help="Build the ONNX file that engines read.")] = True,
) -> None:
    """Bring models into the folder, checksums verified, and build their ONNX files. SOURCE may be the folder itself."""
    from nordocr.export.store import build_onnx
    from nordocr.export.store import pull as pulled

    where = _folder(folder)
    for model in pulled(source, where, name):
        typer.echo(f"{model.name}  {where / model.file}")
        if onnx:
            typer.echo(f"{model.name}  {build_onnx(where, model)}")


@app.command()
def add(
    weights: Annotated[Path, typer.Argument(help="A weights file of training, best-fp16.safetensors.")],
    name: Annotated[str, typer.Argument(help="What the model is to be called, for example base-1024.")],
    card: Annotated[str, typer.Option(help="The model card's file name in the folder.")] = "",
    temperature: Annotated[float, typer.Option(help="What nordocr calibrate fitted for it.")] = 1.0,
    folder: Folder = None,
) -> None:
    """Put a trained model into the folder and its index."""
    from nordocr.export.store import add_weights

    where = _folder(folder)
    model = add_weights(where, weights, name, card, temperature)
    typer.echo(f"{model.name}  {where / model.file}  {model.sha256}")


def _folder(given: Path | None) -> Path:
    return given or Path(os.environ.get("NORDOCR_MODELS") or _FOLDER)
