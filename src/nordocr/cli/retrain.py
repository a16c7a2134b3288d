"""``nordocr retrain``: from data to a model that may or may not replace the one in use, in one resumable command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def retrain(
    config: Annotated[Path, typer.Argument(help="YAML file: recipe, pages, reference, in_use, data, ...")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The retraining's folder.")],
) -> None:
    """Check, train, export, build engines, benchmark, compare, decide, package; unchanged stages are skipped.

    Exit code 0: the new model may replace the one in use; 20: it may not, and OUTPUT/candidate/gate.txt says why.
    """
    from nordocr.cli.console import lab
    from nordocr.retrain.plan import load_plan

    with lab():
        from nordocr.evaluate.compare.gate import REFUSED
        from nordocr.retrain.run import run_stages
    verdict = run_stages(load_plan(config), output, lambda line: typer.echo(line, err=True))
    typer.echo(verdict.words, nl=False)
    if not verdict.allowed:
        raise typer.Exit(REFUSED)
