"""The stages of ``nordocr retrain``, each a function of files to files that says in a few words what it found."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from nordocr.errors import DataInvalid, EngineUnavailable, ExportRejected, InputMissing, TrainingFailed
from nordocr.files import write_whole
from nordocr.pages.listing import page_files
from nordocr.retrain.plan import RetrainPlan, file_sha256

NEW, USED = "new", "in_use"
"""Short names of the new engine and of the one in use, in results, comparison and gate."""


def check(plan: RetrainPlan, output: Path) -> str:
    """Look at the data before hours are spent on it; writes ``check.json``.

    Raises :class:`DataInvalid` where a folder has no usable line, or where a page to compare on is among the
    documents that are trained on.
    """
    from nordocr.data.stats import label_stats
    from nordocr.evaluate.documents.truth import read_reference
    from nordocr.train.recipe_files import load_recipe

    recipe = load_recipe(plan.recipe, plan.settings)
    if plan.max_width is not None and recipe.max_width != plan.max_width:
        raise DataInvalid(f"The recipe {plan.recipe} trains to {recipe.max_width} px, not to {plan.max_width} px.")
    if plan.init is not None and not plan.init.is_file():
        raise InputMissing(f"There is no file {plan.init} with weights to start from.")
    files = page_files(plan.pages)
    truth = read_reference(plan.reference, files) if not plan.asks else None
    folders: dict[str, Any] = {}
    for folder in plan.data:
        found = label_stats(folder)
        if not found.lines:
            raise DataInvalid(f"{folder} has no line that can be used.")
        leaked = [path.name for path in files if any(_is_of(path, source) for source in found.sources)]
        if leaked:
            raise DataInvalid(f"{folder} trains on {leaked[0]}, which is compared on as well.")
        folders[str(folder)] = {
            "lines": found.lines,
            "sources": len(found.sources),
            "proposed_max_width": found.max_width,
            "longest_label": found.max_label,
            "too_long": found.too_long,
            "outside_charset": dict(found.outside.most_common()),
            "problems": found.report.sentences(),
        }
    values: dict[str, Any] = {"folders": folders, "pages": len(files)}
    values |= (
        {"reference_lines": truth.lines, "notes": truth.notes} if truth is not None else {"referee": plan.vlm_model}
    )
    write_whole(output, json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    lines = sum(held["lines"] for held in folders.values())
    judge = f"{truth.lines} lines of truth" if truth is not None else f"{plan.vlm_model} as referee"
    return f"{lines} labelled lines in {len(folders)} folders; {judge} for {len(files)} page files"


def _is_of(page: Path, source: str) -> bool:
    """Whether a page file is a document's: called like it, perhaps with a page number behind."""
    rest = page.stem.removeprefix(source)
    return bool(source) and (source in (page.name, page.stem) or (rest != page.stem and not rest[:1].isalnum()))


def train(plan: RetrainPlan, run: Path) -> str:
    """Train, or go on from the run's newest checkpoint, in a process of its own; leaves ``best.safetensors``.

    Raises :class:`TrainingFailed` where it ends before the recipe does; the next call goes on from there.
    """
    from nordocr.train.checkpoint import checkpoints
    from nordocr.train.recipe_files import load_recipe

    command = [sys.executable, "-m", "nordocr", "train", plan.recipe]
    command += ["--resume", str(run)] if checkpoints(run) else ["--output", str(run)]
    if plan.init is not None and not checkpoints(run):
        command += ["--init", str(plan.init)]
    command += [part for setting in plan.settings for part in ("--set", setting)]
    command += ["--threads", str(plan.threads)]
    code = subprocess.run(command, check=False).returncode
    if code:
        raise TrainingFailed(f"The training in {run} ended with exit code {code}; its own message is above.")
    recipe = load_recipe(plan.recipe, plan.settings)
    state = json.loads((checkpoints(run)[-1] / "state.json").read_text(encoding="utf-8"))
    at, budget = state["position"], recipe.optimiser.budget_s
    done = at["elapsed_s"] / budget if budget else at["step"] / recipe.steps
    if done < 1:
        raise TrainingFailed(f"The training in {run} was ended at {100 * done:.0f} %; run the command again to go on.")
    best = "none" if at["best_cer"] is None else f"{100 * at['best_cer']:.2f} %"
    return f"{at['step']} steps, {at['lines']} lines, best validation CER {best}"


def export(weights: Path, model: Path, max_width: int | None) -> str:
    """Weights to ONNX behind the export's gate, in a process of its own: torch's memory is not the benchmark's."""
    command = [sys.executable, "-m", "nordocr", "export", "onnx", "--checkpoint", str(weights), "--output", str(model)]
    command += ["--max-width", str(max_width)] if max_width is not None else []
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        raise ExportRejected(f"{weights} was not exported: exit code {done.returncode}; the reason is above.")
    last = (done.stdout.strip().splitlines() or [model.name])[-1]
    return last.removeprefix(f"{model}: ")


def tensorrt_version() -> str:
    """The version of TensorRT on this machine, "" where there is none."""
    if importlib.util.find_spec("tensorrt") is None:
        return ""
    return str(getattr(importlib.import_module("tensorrt"), "__version__", "unknown"))


def engines(model: Path, folder: Path) -> str:
    """A TensorRT engine for this machine's GPU in ``folder``; elsewhere the reason why there is none.

    ``folder/engines.json`` says it too. Raises :class:`ExportRejected` where TensorRT is there and does not agree.
    """
    version = tensorrt_version()
    if not version:
        said = "left out: TensorRT is not installed on this machine"
    else:
        folder.mkdir(parents=True, exist_ok=True)
        engine = folder / f"{model.stem}.engine"
        command = [sys.executable, "-m", "nordocr", "export", "tensorrt", "--onnx", str(model), "--output", str(engine)]
        command += ["--timing-cache", str(folder / "timing.cache")]
        code = subprocess.run(command, check=False).returncode
        if code and code != EngineUnavailable.exit_code:
            raise ExportRejected(f"No engine was built from {model}: exit code {code}; the reason is above.")
        said = f"{engine.name} by TensorRT {version}" if not code else "left out: TensorRT finds no GPU that it can use"
    write_whole(folder / "engines.json", json.dumps({"said": said}) + "\n")
    return said


def benchmark(plan: RetrainPlan, model: Path, output: Path) -> str:
    """Read the pages' lines with the new model, the one in use and Tesseract; writes their results."""
    from nordocr.config import settings
    from nordocr.evaluate.documents.benchmark import benchmark as run
    from nordocr.evaluate.documents.benchmark import write_benchmark

    engines = {NEW: str(model), USED: plan.in_use} | ({"tess": "tesseract"} if plan.tesseract else {})
    config = settings(plan.config, {"threads": plan.threads, "tess_lang": plan.tesseract})
    summary, documents = run(page_files(plan.pages), engines, config)
    write_benchmark(summary, documents, output)
    rates = ", ".join(f"{name} {times.lines_per_second} lines/s" for name, times in summary.engines.items())
    return f"{summary.regions} regions on {summary.pages} pages; {rates}"


def results(plan: RetrainPlan) -> list[str]:
    """Short names of the engines that are benchmarked."""
    return [USED, NEW, *(["tess"] if plan.tesseract else [])]


def compare(plan: RetrainPlan, held: Path, output: Path) -> str:
    """Compare all engines with the page truth, or the referee, whose answers stay beside ``output``."""
    from nordocr.evaluate.compare.run import Referee, compare_files
    from nordocr.evaluate.referee.client import referee_settings

    referee = None
    if plan.asks:
        asked = referee_settings(plan.vlm_url, plan.vlm_model)
        referee = Referee(asked, output.with_name("vlm-cache"), plan.workers)
    found, _ = compare_files(
        page_files(plan.pages),
        {name: held / f"{name}_result.json" for name in results(plan)},
        output,
        reference=None if plan.asks else plan.reference,
        referee=referee,
    )
    exact = {name: value.metrics.exact for name, value in found.engines.items() if value.metrics is not None}
    return "exact " + ", ".join(f"{name} {100 * (share or 0.0):.1f} %" for name, share in exact.items())


def gate(plan: RetrainPlan, comparison: Path, output: Path) -> str:
    """The decision, as JSON and in words beside it."""
    from nordocr.evaluate.compare.gate import gate as decide
    from nordocr.evaluate.compare.gate_input import gate_input

    lines = gate_input(comparison, comparison, baseline_engine=USED, candidate_engine=NEW)
    report = decide(
        lines.baseline,
        lines.candidate,
        baseline_name=plan.in_use,
        candidate_name=NEW,
        unshared=lines.unshared,
        fewest_lines=plan.fewest_lines,
        notes=lines.notes,
    )
    write_whole(output, report.model_dump_json(indent=1) + "\n")
    write_whole(output.with_suffix(".txt"), report.words())
    return report.words().splitlines()[0]


def package(
    plan: RetrainPlan,
    folder: Path,
    model: Path,
    gate_json: Path,
    comparison: Path,
    run: Path,
    engines_folder: Path,
) -> str:
    """The folder that is handed on: the model with its ``*_meta.yaml``, its card, the decision and the report."""
    from nordocr.recognize.modelspec import meta_path

    folder.mkdir(parents=True, exist_ok=True)
    report = comparison.with_name("report.html")
    described = [path for path in (meta_path(model),) if path.is_file()]
    for source in (model, *described, gate_json, gate_json.with_suffix(".txt"), run / "recipe.yaml", report):
        shutil.copyfile(source, folder / source.name)
    for engine in engines_folder.glob(f"{model.stem}*") if "left out" not in _said(engines_folder) else ():
        shutil.copyfile(engine, folder / engine.name)
    crops = comparison.with_name("report-crops")
    if crops.is_dir():
        shutil.copytree(crops, folder / crops.name, dirs_exist_ok=True)
    write_whole(folder / "CARD.md", _card(plan, model, gate_json, comparison, _said(engines_folder)))
    return f"{folder.name}/ with the model, CARD.md, gate.txt and report.html"


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
