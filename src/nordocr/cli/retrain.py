"""``nordocr retrain``: from data to a model that may or may not replace the one in use, in one resumable command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nordocr.retrain.plan import RetrainPlan


def retrain(
    config: Annotated[Path, typer.Argument(help="YAML file: recipe, pages, reference, in_use, data, ...")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The retraining's folder.")],
) -> None:
    """Check, train, export, engines, benchmark, compare, gate, package; what has not changed is not done again.

    Exit code 0: the new model may replace the one in use; 20: it may not, and OUTPUT/candidate/gate.txt says why.
    """
    from nordocr.cli.console import lab
    from nordocr.pages.listing import page_files
    from nordocr.retrain.plan import Ledger, fingerprint, load_plan

    with lab():
        from nordocr.evaluate.compare.gate import REFUSED
        from nordocr.retrain import stages
    plan = load_plan(config)
    ledger = Ledger(output, lambda line: typer.echo(line, err=True))
    trained = _trained_on(plan)
    # Another recipe or other data is another training: it gets a folder of its own, and the old one stays.
    run = output / f"train-{fingerprint(trained)[:8]}"
    pages = page_files(plan.pages)
    judged = [plan.reference, plan.vlm_model, pages]
    checked, model = output / "check.json", output / "export" / "recognize_svtrv2.onnx"
    held, compared, decision = output / "benchmark", output / "compare", output / "gate.json"
    comparison = compared / "comparison.json"

    ledger.run("check", [trained, plan.max_width, judged], [checked], lambda: stages.check(plan, checked))
    best = run / "best.safetensors"
    ledger.run("train", [trained], [best, run / "recipe.yaml"], lambda: stages.train(plan, run))
    ledger.run("export", [best, plan.max_width], [model], lambda: stages.export(best, model, plan.max_width))
    built = output / "engines"
    version = stages.tensorrt_version()
    ledger.run("engines", [model, version], [built / "engines.json"], lambda: stages.engines(model, built))
    results = [held / f"{name}_result.json" for name in stages.results(plan)]
    used = [plan.in_use, _model_file(plan.in_use), plan.config, plan.tesseract]
    ledger.run("benchmark", [model, pages, used], results, lambda: stages.benchmark(plan, model, held))
    report = compared / "report.html"
    ledger.run("compare", [results, judged], [comparison, report], lambda: stages.compare(plan, held, compared))
    ledger.run(
        "gate",
        [comparison, plan.fewest_lines, plan.in_use],
        [decision],
        lambda: stages.gate(plan, comparison, decision),
    )
    candidate = output / "candidate"
    ledger.run(
        "package",
        [model, comparison, decision, trained, built / "engines.json"],
        [candidate / "CARD.md", candidate / model.name, candidate / "report.html"],
        lambda: stages.package(plan, candidate, model, decision, comparison, run, built),
    )
    typer.echo(decision.with_suffix(".txt").read_text(encoding="utf-8"), nl=False)
    if not json.loads(decision.read_text(encoding="utf-8"))["allowed"]:
        raise typer.Exit(REFUSED)


def _trained_on(plan: RetrainPlan) -> list[Any]:
    """All that a training depends on: the recipe as it is resolved, the lines that it names, where it starts."""
    from nordocr.train.recipe_files import load_recipe

    recipe = load_recipe(plan.recipe, plan.settings)
    folders = [Path(part.path) for entry in recipe.mixture for part in entry.lines]
    folders += [Path(folder) for folder in recipe.validation.folders]
    return [recipe.model_dump(mode="json"), plan.init, plan.data, folders]


def _model_file(name: str) -> Path:
    """The file behind a recogniser's name, as far as there is one."""
    from nordocr.recognize.bundled import bundled_model, bundled_names

    return bundled_model(name) if name in bundled_names() else Path(name)
