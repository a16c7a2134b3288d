"""``nordocr export``: from a checkpoint to a file that other people run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="From a checkpoint to an engine file, behind a numeric gate.")


@app.callback()
def _export() -> None:
    """From a checkpoint to an engine file, behind a numeric gate."""


@app.command()
def onnx(
    checkpoint: Annotated[Path, typer.Option(help="A weights file written by training (.safetensors).")],
    output: Annotated[Path, typer.Option(help="The ONNX file to write.")],
    max_width: Annotated[
        int | None, typer.Option(help="The width in pixels that the checkpoint was trained to.")
    ] = None,
) -> None:
    """Write an fp32 ONNX file, refused unless it reads what the checkpoint reads."""
    from nordocr.export.onnx import export_onnx

    agreement = export_onnx(checkpoint, output, max_width=max_width)
    typer.echo(f"{output}: {agreement}")
