"""The package of a retraining: the folder that is handed on, with a model card that says how the decision was made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from nordocr.export.layout import ROOT, onnx_place
from nordocr.files import write_whole
from nordocr.recognize.modelspec import meta_path
from nordocr.retrain.ledger import file_sha256
from nordocr.retrain.plan import RetrainPlan
from nordocr.retrain.stages import NEW, USED, recipe_of


def package(
    plan: RetrainPlan,
    folder: Path,
    model: Path,
    gate_json: Path,
    comparison: Path,
    run: Path,
    engines_folder: Path,
) -> str:
    """Fill the folder that is handed on: models laid out as in the guide, card, decision and report.

    Args:
        plan: What was retrained.
        folder: The folder to fill.
        model: The exported ONNX file.
        gate_json: The gate's decision, with its ``.txt`` beside it.
        comparison: ``comparison.json``, with ``report.html`` beside it.
        run: The training's folder.
        engines_folder: Where TensorRT engines were built, with ``engines.json``.

    Returns:
        A summary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = comparison.with_name("report.html")
    place = model_place(plan, folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, place)
    if meta_path(model).is_file():
        shutil.copyfile(meta_path(model), meta_path(place))
    for source in (gate_json, gate_json.with_suffix(".txt"), run / "recipe.yaml", report):
        shutil.copyfile(source, folder / source.name)
    for engine in engines_folder.glob(f"{model.stem}*") if "left out" not in _said(engines_folder) else ():
        shutil.copyfile(engine, place.parents[1] / engine.name)
    crops = comparison.with_name("report-crops")
    if crops.is_dir():
        shutil.copytree(crops, folder / crops.name, dirs_exist_ok=True)
    write_whole(folder / "CARD.md", _card(plan, model, gate_json, comparison, _said(engines_folder)))
    return f"{folder.name}/ with {place.relative_to(folder).as_posix()}, CARD.md, gate.txt and report.html"


def model_place(plan: RetrainPlan, folder: Path) -> Path:
    """Return where the new model lies in the folder that is handed on: as in the guide, under ``models``."""
    spec = recipe_of(plan).spec
    return onnx_place(spec.max_width, folder / ROOT, spec.family)


def _said(engines_folder: Path) -> str:
    return str(json.loads((engines_folder / "engines.json").read_text(encoding="utf-8"))["said"])


def _card(plan: RetrainPlan, model: Path, gate_json: Path, comparison: Path, built: str) -> str:
    decision = json.loads(gate_json.read_text(encoding="utf-8"))
    found = json.loads(comparison.read_text(encoding="utf-8"))
    rows = [
        "| engine | exact % | space-insensitive % | CER % | right trunc. | leading garb. |",
        "|---|---|---|---|---|---|",
    ]
    called = {NEW: "new", USED: f"in use: {Path(plan.in_use).name}", "tess": f"Tesseract {plan.tesseract}"}
    for name, engine in found["engines"].items():
        m = engine["metrics"]
        cells = [f"{100 * m[key]:.{digits}f}" for key, digits in (("exact", 1), ("space_insensitive", 1), ("cer", 2))]
        cells += [str(m["taxonomy"][kind]) for kind in ("right_truncation", "leading_garbage")]
        rows.append(f"| {' | '.join([called.get(name, name), *cells])} |")
    verdict = "may replace" if decision["allowed"] else "may not replace"
    reasons = [f"- {reason}" for reason in decision["reasons"]]
    settings = "".join(f", `{setting}`" for setting in plan.settings)
    facts = [
        f"- file: `{model.name}`, SHA-256 `{file_sha256(model)}`",
        f"- recipe: `{plan.recipe}`{settings}",
        f"- started from: {plan.init or 'random weights'}",
        f"- TensorRT engine: {built}",
        f"- measured on {found['referenced']} of {found['regions']} regions on {found['pages']} pages",
        f"- reference: {found['reference']}",
    ]
    title = f"# {model.stem}\n\nThe gate says: it {verdict} {decision['baseline']}.\n"
    return "\n\n".join([title.rstrip(), "\n".join(reasons), "\n".join(facts), "\n".join(rows)]) + "\n"
