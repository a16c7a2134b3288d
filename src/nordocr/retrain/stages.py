"""The stages of ``nordocr retrain``, each a function of files to files that returns a short summary."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordocr.errors import DataInvalid, EngineUnavailable, ExportRejected, InputMissing, TrainingFailed
from nordocr.files import write_whole
from nordocr.pages.listing import page_files
from nordocr.retrain.plan import RetrainPlan

if TYPE_CHECKING:
    from nordocr.train.recipe import Recipe

NEW, USED = "new", "in_use"
"""Short names of the new engine and of the one in use, in results, comparison and gate."""


def check(plan: RetrainPlan, output: Path) -> str:
    """Check the data before hours are spent on it.

    Args:
        plan: What to retrain.
        output: ``check.json``, which is written.

    Returns:
        A summary.

    Raises:
        DataInvalid: A folder has no usable line, or lines of a document to compare on are trained or validated on,
            whether ``data``, the recipe or a setting names them.
        InputMissing: The weights to start from, a page or a folder is missing.
    """
    from nordocr.data.stats import label_stats
    from nordocr.evaluate.documents.truth import read_reference

    if plan.init is not None and not plan.init.is_file():
        raise InputMissing(f"There is no file {plan.init} with weights to start from.")
    recipe = recipe_of(plan)
    if plan.max_width is not None and recipe.max_width != plan.max_width:
        raise DataInvalid(f"The recipe {plan.recipe} trains to {recipe.max_width} px, not to {plan.max_width} px.")
    files = page_files(plan.pages)
    truth = read_reference(plan.reference, files) if not plan.asks else None
    _require_apart([*plan.data, *recipe.label_folders()], files)
    folders: dict[str, Any] = {}
    for folder in plan.data:
        found = label_stats(folder)
        if not found.lines:
            raise DataInvalid(f"{folder} has no line that can be used.")
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


def recipe_of(plan: RetrainPlan) -> Recipe:
    """Return the recipe as it will be run: settings laid over it, completed by the weights that it starts from.

    Raises:
        ConfigInvalid: A key is wrong, or the recipe is not one for the weights.
        InputMissing: There is no such recipe.
    """
    from nordocr.train.initial import Init, recipe_for
    from nordocr.train.recipe_files import load_recipe

    recipe = load_recipe(plan.recipe, plan.settings)
    if plan.init is not None:
        recipe = recipe_for(recipe, Init(plan.init, plan.init_dict, plan.init_space, plan.init_change))
    return recipe.for_processes(plan.nproc)


def _require_apart(folders: Iterable[Path], pages: Sequence[Path]) -> None:
    """Raise :class:`DataInvalid` where a folder of lines holds lines of a page's document."""
    from nordocr.data.lines import line_sources

    for folder in dict.fromkeys(folders):
        sources = line_sources(folder)
        leaked = [path.name for path in pages if any(_is_of(path, source) for source in sources)]
        if leaked:
            raise DataInvalid(f"{folder} trains on {leaked[0]}, which is compared on as well.")


def _is_of(page: Path, source: str) -> bool:
    """Tell whether a page file is of a document: named like it, perhaps followed by a page number."""
    rest = page.stem.removeprefix(source)
    return bool(source) and (source in (page.name, page.stem) or (rest != page.stem and not rest[:1].isalnum()))


def train(plan: RetrainPlan, run: Path) -> str:
    """Train, or resume the run's newest checkpoint, in processes of its own.

    Args:
        plan: What to retrain.
        run: The training's folder; ``best.safetensors`` is written there.

    Returns:
        A summary.

    Raises:
        TrainingFailed: It ended before the recipe did; the next call resumes it.
    """
    from nordocr.train.checkpoint import checkpoints
    from nordocr.train.checkpoint import recipe_of as checkpointed

    code = subprocess.run(training_command(plan, run, resume=bool(checkpoints(run))), check=False).returncode
    if code:
        raise TrainingFailed(f"The training in {run} ended with exit code {code}; its own message is above.")
    recipe = checkpointed(run)  # not the plan's: how long an epoch of one's own lines is, the training found out
    state = json.loads((checkpoints(run)[-1] / "state.json").read_text(encoding="utf-8"))
    at, budget = state["position"], recipe.optimiser.budget_s
    done = at["elapsed_s"] / budget if budget else at["step"] / recipe.steps
    if done < 1 and not recipe.enough(at.get("stale", 0)):
        raise TrainingFailed(f"The training in {run} was ended at {100 * done:.0f} %; run the command again to go on.")
    best = "none" if at["best_cer"] is None else f"{100 * at['best_cer']:.2f} %"
    return f"{at['step']} steps, {at['lines']} lines, best validation CER {best}"


def training_command(plan: RetrainPlan, run: Path, *, resume: bool) -> list[str]:
    """Return the command that trains: ``nordocr train``, under torchrun where the plan wants several processes."""
    command = [sys.executable]
    if plan.nproc > 1:
        command += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(plan.nproc)]
    command += ["-m", "nordocr", "train", plan.recipe]
    command += ["--resume", str(run)] if resume else ["--output", str(run)]
    if plan.init is not None and not resume:
        command += ["--init", str(plan.init)]
        command += ["--init-dict", str(plan.init_dict)] if plan.init_dict is not None else []
        command += ["--init-space"] if plan.init_space else []
        command += [part for key in plan.init_change for part in ("--init-change", key)]
    command += [part for setting in plan.settings for part in ("--set", setting)]
    return [*command, "--threads", str(plan.threads)]


def export(weights: Path, model: Path, max_width: int | None, parity: str = "full") -> str:
    """Export weights to ONNX in a process of its own, so that torch's memory does not count in the benchmark.

    Args:
        weights: The training's ``best.safetensors``.
        model: The ONNX file to write.
        max_width: The width in pixels that the weights must have been trained to, or None.
        parity: How much the parity check shows, ``quick`` or ``full``.

    Returns:
        What the parity check found.

    Raises:
        ExportRejected: The file was not written.
    """
    command = [sys.executable, "-m", "nordocr", "export", "onnx", "--checkpoint", str(weights), "--output", str(model)]
    command += ["--parity", parity]
    command += ["--max-width", str(max_width)] if max_width is not None else []
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode:
        raise ExportRejected(f"{weights} was not exported: exit code {done.returncode}; the reason is above.")
    last = (done.stdout.strip().splitlines() or [model.name])[-1]
    return last.removeprefix(f"{model}: ")


def tensorrt_version() -> str:
    """Return the version of TensorRT on this machine, "" where there is none."""
    if importlib.util.find_spec("tensorrt") is None:
        return ""
    return str(getattr(importlib.import_module("tensorrt"), "__version__", "unknown"))


def engines(model: Path, folder: Path) -> str:
    """Build a TensorRT engine for this machine's GPU.

    An engine that is refused does not end the retraining: the ONNX file is compared without it.

    Args:
        model: The exported ONNX file.
        folder: Where the engine and ``engines.json`` are written.

    Returns:
        The engine's name, or why there is none.
    """
    version = tensorrt_version()
    if not version:
        said = "left out: TensorRT is not installed on this machine"
    else:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.engine"):
            old.unlink()
        command = [sys.executable, "-m", "nordocr", "export", "tensorrt", "--onnx", str(model), "--output", str(folder)]
        command += ["--timing-cache", str(folder / "timing.cache")]
        code = subprocess.run(command, check=False).returncode
        if code == EngineUnavailable.exit_code:
            said = "left out: TensorRT finds no GPU that it can use"
        elif code:
            said = f"refused and left out: the build ended with exit code {code}; the reason is above"
        else:
            built = ", ".join(sorted(path.name for path in folder.glob("*.engine")))
            said = f"{built} by TensorRT {version}"
    write_whole(folder / "engines.json", json.dumps({"said": said}) + "\n")
    return said


def benchmark(plan: RetrainPlan, model: Path, output: Path) -> str:
    """Read the pages' lines with the new model, the one in use and Tesseract, and write their results to ``output``."""
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
    """Return the short names of the engines that are benchmarked."""
    return [USED, NEW, *(["tess"] if plan.tesseract else [])]


def compare(plan: RetrainPlan, held: Path, output: Path) -> str:
    """Compare all engines with the page truth, or with the referee, whose answers are kept beside ``output``."""
    from nordocr.config import settings
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
        config=settings(plan.config, {}),
    )
    exact = {name: value.metrics.exact for name, value in found.engines.items() if value.metrics is not None}
    return "exact " + ", ".join(f"{name} {100 * (share or 0.0):.1f} %" for name, share in exact.items())


def gate(plan: RetrainPlan, comparison: Path, output: Path) -> str:
    """Decide whether the new engine may replace the one in use; write the decision as JSON and as text beside it."""
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
