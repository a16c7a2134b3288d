"""``nordocr train``: train a recogniser by a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def train(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name or a YAML file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run's folder.")] = Path("runs/train"),
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value laid over the recipe.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the run's newest checkpoint.")] = False,
    init: Annotated[Path | None, typer.Option(help="Start from these weights.")] = None,
    threads: Annotated[int, typer.Option(help="Threads of PyTorch; 0 leaves its default.")] = 0,
) -> None:
    """Train a recogniser; the best weights are written to OUTPUT/best.safetensors."""
    import torch

    from nordocr.train.loop import metrics_file
    from nordocr.train.loop import train as run_training
    from nordocr.train.recipe import load_recipe
    from nordocr.train.source import training_source, validation_source
    from nordocr.train.validation import validation_sets

    if threads:
        torch.set_num_threads(threads)
    plan = load_recipe(recipe, set_ or [])
    write = metrics_file(output)

    def report(event: dict[str, Any]) -> None:
        write(event)
        typer.echo(_line(event), err=True)

    sets = validation_sets(plan.validation, plan.spec, validation_source(plan))
    best = run_training(plan, training_source(plan), sets, output, resume=resume, init=init, report=report)
    typer.echo(str(best))


def _line(event: dict[str, Any]) -> str:
    if "validation" in event:
        scores = "  ".join(f"{s['name']} {100 * s['exact']:.1f}/{100 * s['cer']:.2f}" for s in event["validation"])
        return f"step {event['step']:>7}  validation, exact % / CER %:  {scores}"
    return (
        f"step {event['step']:>7}  {100 * event['progress']:5.1f} %  loss {event['loss']:7.3f}  lr {event['lr']:.2e}  "
        f"{event['lines_per_s']:6.1f} lines/s  waited {event['waited']:.1f} s"
    )
