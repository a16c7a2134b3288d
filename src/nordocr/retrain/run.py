"""The run of ``nordocr retrain``: every stage in turn, each skipped while its inputs have not changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nordocr.pages.listing import page_files
from nordocr.retrain import card, stages
from nordocr.retrain.ledger import Ledger, fingerprint
from nordocr.retrain.plan import RetrainPlan


@dataclass(frozen=True)
class Verdict:
    """The outcome of a retraining: whether the new model may replace the one in use, and the gate's own words."""

    allowed: bool
    words: str


def run_stages(plan: RetrainPlan, output: Path, say: Callable[[str], None]) -> Verdict:
    """Check, train, export, build engines, benchmark, compare, decide and package.

    Args:
        plan: What to retrain.
        output: The retraining's folder.
        say: Called with one line of progress at a time.

    Returns:
        The gate's decision.

    Raises:
        NordocrError: Whatever a stage raises; the next call goes on with that stage.
    """
    ledger = Ledger(output, say)
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
    asked = [best, plan.max_width, plan.parity]
    ledger.run("export", asked, [model], lambda: stages.export(best, model, plan.max_width, plan.parity))
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
        [candidate / "CARD.md", card.model_place(plan, candidate), candidate / "report.html"],
        lambda: card.package(plan, candidate, model, decision, comparison, run, built),
    )
    allowed = bool(json.loads(decision.read_text(encoding="utf-8"))["allowed"])
    words = decision.with_suffix(".txt").read_text(encoding="utf-8")
    engines = json.loads((built / "engines.json").read_text(encoding="utf-8"))["said"]
    return Verdict(allowed, words + (f"- TensorRT engine {engines}.\n" if engines.startswith("refused") else ""))


def _trained_on(plan: RetrainPlan) -> list[Any]:
    """All that a training depends on: the resolved recipe, the lines that it names, and where it starts."""
    recipe = stages.recipe_of(plan)
    start = [plan.init_dict, plan.init_space, plan.init_change]
    return [recipe.model_dump(mode="json"), plan.init, plan.data, recipe.label_folders(), start, plan.nproc]


def _model_file(name: str) -> Path:
    """The file behind a recogniser's name, as far as there is one."""
    from nordocr.recognize.bundled import bundled_names
    from nordocr.recognize.named import installed_names, named_model

    return named_model(name) if name in {*bundled_names(), *installed_names()} else Path(name)
