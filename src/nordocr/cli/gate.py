"""``nordocr gate``: decide whether a new engine may replace the one in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nordocr.files import write_whole


def gate(
    baseline: Annotated[
        Path, typer.Option(help="Engine in use: comparison.json, metrics.json of eval, or a result JSON.")
    ],
    candidate: Annotated[Path, typer.Option(help="New engine: the same kind of file.")],
    reference: Annotated[Path | None, typer.Option(help="Page truth, needed with result JSONs.")] = None,
    baseline_engine: Annotated[str | None, typer.Option(help="Engine of a comparison.json with several.")] = None,
    candidate_engine: Annotated[str | None, typer.Option(help="Engine of a comparison.json with several.")] = None,
    fewest_lines: Annotated[int, typer.Option(min=1, help="Refuse with fewer common lines.")] = 200,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the decision as JSON.")] = None,
) -> None:
    """Compare two engines line by line and decide: exit code 0, the candidate may replace the baseline; 20, it may not.

    Exact lines or CER must be surely better, and nothing worse: exact, CER, right truncation, leading garbage, each
    Nordic letter. A difference is sure if its whole 95 % interval lies on one side of zero.
    """
    from nordocr.cli.console import lab

    with lab():
        from nordocr.evaluate.compare.gate import REFUSED
        from nordocr.evaluate.compare.gate import gate as decide
        from nordocr.evaluate.compare.gate_input import gate_input
    lines = gate_input(
        baseline,
        candidate,
        baseline_engine=baseline_engine,
        candidate_engine=candidate_engine,
        reference=reference,
    )
    report = decide(
        lines.baseline,
        lines.candidate,
        baseline_name=baseline_engine or baseline.name,
        candidate_name=candidate_engine or candidate.name,
        unshared=lines.unshared,
        fewest_lines=fewest_lines,
        notes=lines.notes,
    )
    if output is not None:
        write_whole(output, report.model_dump_json(indent=1) + "\n")
    typer.echo(report.words(), nl=False)
    if not report.allowed:
        raise typer.Exit(REFUSED)
