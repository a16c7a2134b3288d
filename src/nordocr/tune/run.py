"""The run of ``nordocr tune``: part the lines, train, judge, export. Interrupted, it goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from nordocr.config import settings
from nordocr.data.labels import Labels
from nordocr.data.lines import read_lines
from nordocr.errors import OutputUnwritable, TrainingFailed
from nordocr.evaluate.lines.predict import predict
from nordocr.evaluate.lines.run import charset_of
from nordocr.evaluate.scoring.table import ScoredTable
from nordocr.export.onnx import export_onnx
from nordocr.files import write_whole
from nordocr.jsontext import load_json
from nordocr.model.network import SVTRv2
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.weights import save_weights
from nordocr.recognize.base import Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.train.checkpoint import checkpoints, newest_checkpoint
from nordocr.train.events import metrics_file
from nordocr.train.fingerprint import lines_fingerprint
from nordocr.train.initial import Init, initial_model, recipe_for
from nordocr.train.loop import train
from nordocr.train.prior import first_batches
from nordocr.train.recipe_files import write_recipe
from nordocr.train.source import open_data
from nordocr.train.stopping import Stop
from nordocr.train.validation import validation_sets
from nordocr.tune.blend import blended
from nordocr.tune.judge import Verdict, verdict
from nordocr.tune.plan import TunePlan, tuning_recipe
from nordocr.tune.prepare import Sets, Tell, prepare
from nordocr.tune.share import choose_share
from nordocr.tune.split import Split
from nordocr.tune.start import Start, open_start, save_start
from nordocr.tune.temperature import fit_temperature

MODEL: Final = "model.onnx"
WEIGHTS: Final = "model.safetensors"
REPORT: Final = "report.json"
START: Final = "start.safetensors"
_KEY: Final = "tuning.json"
_BEFORE: Final = "before.json"


@dataclass(frozen=True)
class Tuned:
    """What came of a tuning.

    Attributes:
        verdict: The comparison and the decision.
        model: The exported ONNX file.
        weights: The weights file.
    """

    verdict: Verdict
    model: Path
    weights: Path


@dataclass(frozen=True)
class Trained:
    """A tuning that was trained and not yet judged.

    Attributes:
        start: The model that it started from.
        sets: Its lines.
        before: What the model to start from reads, by the set's name.
        weights: The best weights.
        seconds: Seconds of training, over all sittings.
    """

    start: Start
    sets: Sets
    before: dict[str, ScoredTable]
    weights: Path
    seconds: float


def tune(plan: TunePlan, output: Path, tell: Tell = lambda event: None, stop: Stop | None = None) -> Tuned:
    """Tune a model on corrected lines and find out whether it is better.

    Args:
        plan: What to tune, on what.
        output: The tuning's folder. A tuning that was interrupted goes on there; one that is done is not done again.
        tell: Told events.
        stop: May end the training early. What there is by its deadline is judged; asked to stop, it ends at once.

    Returns:
        The decision and the files.

    Raises:
        DataInvalid: There are too few lines, or none that can be used.
        ModelMissing: There is no such model.
        ModelInvalid: The model cannot be trained.
        ExportRejected: The exported file does not read what the weights read.
        OutputUnwritable: ``output`` holds another tuning, or cannot be written.
        TrainingFailed: The training cannot go on, or was asked to stop.
    """
    done = train_tuned(plan, output, tell, stop)
    start, sets, before = done.start, done.sets, done.before
    way = choose_share(sets.judged, before, partial(_read_at, output / START, done.weights))
    weights, model = output / WEIGHTS, output / MODEL
    blend, held = blended(output / START, done.weights, way.share)
    history = held.history | {"tuned_from": start.name, "share": way.share}
    save_weights(weights, blend, start.spec, history)
    export_onnx(weights, model)
    temperature = fit_temperature(model, [*sets.judged.values()], start.path)
    if temperature is not None:
        tell({"note": f"Confidences calibrated: temperature {temperature:g}."})
    after = _read_all(sets.judged, _opened(plan, str(model)))
    trained = {
        "lines": len(sets.split.train),
        "also": sets.also_lines,
        "held_out": len(sets.split.held),
        "unit": sets.split.unit,
        "units": sets.split.units,
        "steps": held.history.get("step", 0),
        "seconds": done.seconds,
        "share": way.share,
        "shares": [one.model_dump() for one in way.tried],
    }
    found = verdict(before, after, start.name, trained, [*_notes(sets.split), *way.words().splitlines()])
    write_whole(output / REPORT, found.model_dump_json(indent=1) + "\n")
    write_whole(output / "report.txt", found.words())
    return Tuned(found, model, weights)


def train_tuned(plan: TunePlan, output: Path, tell: Tell = lambda event: None, stop: Stop | None = None) -> Trained:
    """Part the lines and train, without judging what comes of it; see :func:`tune`."""
    start = open_start(plan.model)
    _claim(output, plan, start)
    sets = prepare(plan, output, start.spec, tell)
    before = _read_all(sets.judged, _opened(plan, str(start.path)))
    seconds = _trained(plan, sets, start, _noted(before, output), output, tell, stop)
    return Trained(start, sets, before, output / "train" / "best.safetensors", seconds)


def _noted(before: Mapping[str, ScoredTable], output: Path) -> dict[str, float]:
    """CER by the set's name, as the first sitting found it: a training goes on by the recipe that it began with."""
    path = output / _BEFORE
    if not path.is_file():
        write_whole(path, json.dumps({name: table.cer for name, table in before.items()}) + "\n")
    return {str(name): float(value) for name, value in load_json(path.read_bytes()).items()}


def _claim(output: Path, plan: TunePlan, start: Start) -> None:
    """Make ``output`` this tuning's folder, or find that it is; :class:`OutputUnwritable` where it is another's."""
    values: list[Any] = [start.sha256, *(lines_fingerprint(folder) for folder in (*plan.lines, *plan.also))]
    values += [plan.held_share, plan.guard_lines, list(plan.settings)]
    key = hashlib.sha256(json.dumps(values).encode("utf-8")).hexdigest()
    path = output / _KEY
    if path.is_file():
        if load_json(path.read_bytes()).get("key") != key:
            raise OutputUnwritable(f"{output} holds a tuning of another model or of other lines: name another folder.")
        return
    if output.is_dir() and any(output.iterdir()):
        raise OutputUnwritable(f"{output} holds other files: name another folder.")
    write_whole(path, json.dumps({"key": key}) + "\n")


def _trained(
    plan: TunePlan,
    sets: Sets,
    start: Start,
    before: Mapping[str, float],
    output: Path,
    tell: Tell,
    stop: Stop | None,
) -> float:
    """Train, or go on with it, or find that it is done; gives the seconds."""
    import torch

    run, begin = output / "train", output / START
    done = output / "trained.json"
    stages = isinstance(start.model, SVTRv2)
    recipe = tuning_recipe(plan, sets, before, stages=stages)
    if not begin.is_file():
        # Norms are measured on lines as training sees them, padded and augmented.
        known = recipe.model_copy(update=_facts(start))
        save_start(start, first_batches(open_data(known).source, known), begin)
    init = Init(begin)
    recipe = recipe_for(recipe, init)
    if done.is_file():
        return float(load_json(done.read_bytes())["seconds"])
    if plan.threads:
        torch.set_num_threads(plan.threads)
    with ExitStack() as stack:
        stop = stop or stack.enter_context(Stop().on_signals())
        data = open_data(recipe)
        for note in data.notes:
            tell({"note": note})
        model, _ = initial_model(recipe, init)
        judged = validation_sets(recipe, None, data.held_out, run)
        resume = bool(checkpoints(run))
        run.mkdir(parents=True, exist_ok=True)
        write_recipe(recipe, run / "recipe.yaml")
        write = metrics_file(run)

        def report(event: dict[str, Any]) -> None:
            write(event)
            tell(event)

        train(recipe, data, judged, run, resume=resume, initial=model, stop=stop, report=report)
    seconds = float(load_json((newest_checkpoint(run) / "state.json").read_bytes())["position"]["elapsed_s"])
    if stop.asked:
        raise TrainingFailed(f"The training in {run} was ended; run the command again to go on.")
    if not stop.now:
        write_whole(done, json.dumps({"seconds": round(seconds, 1)}) + "\n")
    return seconds


def _facts(start: Start) -> dict[str, Any]:
    """What the recipe takes from the model before there is a weights file to take it from."""
    spec = start.spec
    return {
        "model": start.model.variant.name,
        "max_width": spec.max_width,
        "interpolation": spec.interpolation,
        "framing": spec.framing,
        "charset": spec.charset_name,
    }


def _read_at(start: Path, trained: Path, share: float, folders: Mapping[str, Path]) -> dict[str, ScoredTable]:
    """Read sets with the weights at a share of the way."""
    model, held = blended(start, trained, share)
    return _read_all(folders, TorchRecognizer(model, held.spec))


def _read_all(folders: Mapping[str, Path], recognizer: Recognizer) -> dict[str, ScoredTable]:
    """Read every set and score it."""
    try:
        return {name: predict(recognizer, _labels(folder, recognizer)).table for name, folder in folders.items()}
    finally:
        recognizer.close()


def _labels(folder: Path, recognizer: Recognizer) -> Labels:
    return read_lines(folder, charset=charset_of(recognizer))


def _opened(plan: TunePlan, name: str) -> Recognizer:
    return open_recognizer(name, settings(None, {"threads": plan.threads, "lm": "none"}))


def _notes(split: Split) -> list[str]:
    notes: list[str] = []
    if split.unit != "documents":
        notes.append(
            f"All lines are of one document, so {split.unit} of it were held out: figures on other documents are worse."
        )
    return notes
