"""``nordocr train-detector``: train the learned line detector by a recipe and write it as a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def train_detector(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name (dbnet-cpu, debug) or a YAML file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run's folder.")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value laid over the recipe.")] = None,
    init: Annotated[Path | None, typer.Option(help="Start from these weights of a detector (.safetensors).")] = None,
) -> None:
    """Train a line detector on synthetic pages; OUTPUT/best.safetensors, and OUTPUT/detect_dbnet.onnx.

    Read with it by ``nordocr process --detector OUTPUT/detect_dbnet.onnx``.
    """
    import json

    from nordocr.export.detector import export_detector, load_weights
    from nordocr.train.detector.loop import train_detector as run_training
    from nordocr.train.detector.recipe import load_detector_recipe

    plan = load_detector_recipe(recipe, list(set_ or []))
    if init is not None:
        load_weights(init)  # says in one sentence what is wrong with it, before any page is made
    output.mkdir(parents=True, exist_ok=True)
    (output / "recipe.json").write_text(plan.model_dump_json(indent=1), encoding="utf-8")
    with (output / "events.jsonl").open("a", encoding="utf-8") as events:

        def report(event: dict[str, Any]) -> None:
            events.write(json.dumps(event) + "\n")
            events.flush()
            typer.echo("  ".join(f"{key} {value:.4g}" for key, value in event.items()), err=True)

        best = run_training(plan, output, report, init)
    model = output / "detect_dbnet.onnx"
    parity = export_detector(best, model, long_side=plan.long_side)
    typer.echo(f"{model}: {parity}")
