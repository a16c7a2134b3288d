"""A tuning that was interrupted goes on, and one that is trained is not trained again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.tune.conftest import Archive

from nordocr.charset import CHARSETS
from nordocr.errors import OutputUnwritable, TrainingFailed
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model, family_of_variant
from nordocr.model.weights import read_weights, save_weights
from nordocr.train.checkpoint import checkpoints
from nordocr.train.stopping import Stop
from nordocr.tune.plan import TunePlan
from nordocr.tune.run import train_tuned

SETTINGS = (
    "optimiser.steps=3",
    "validation.every=2",
    "batch.lines_per_step=4",
    "batch.block_lines=9",
    "batch.workers=0",
    "batch.area=2048",
    "data.1.synth.curriculum=[[0,12]]",
    "precision=fp32",
    "save_every=1",
)


def plan_of(archive: Archive, folder: Path, variant: str = "micro") -> TunePlan:
    """A tuning of a small untrained network."""
    torch.manual_seed(1)
    charset, weights = CHARSETS["nordic-ext"], folder / f"{variant}.safetensors"
    family = family_of_variant(variant).name
    spec = LineSpec(charset_name=charset.name, characters=charset.characters, family=family)
    save_weights(weights, build_model(variant, charset.num_classes), spec, {"step": 9})
    lines = archive("small", 6, 4, 5)
    return TunePlan((lines,), model=str(weights), guard_lines=2, settings=SETTINGS, threads=1)


@pytest.mark.slow
def test_it_goes_on_where_it_was_asked_to_stop(archive: Archive, tmp_path: Path) -> None:
    plan, output = plan_of(archive, tmp_path), tmp_path / "run"
    with pytest.raises(TrainingFailed, match="run the command again to go on"):
        train_tuned(plan, output, stop=Stop(asked=True))
    assert [folder.name for folder in checkpoints(output / "train")] == ["step-00000001"]
    told: list[dict[str, object]] = []
    done = train_tuned(plan, output, told.append)
    assert [folder.name for folder in checkpoints(output / "train")][-1] == "step-00000003"
    assert read_weights(done.weights).history["recipe"]["optimiser"]["layer_decay"] == 0.8
    assert (output / "train" / "metrics.jsonl").is_file()
    assert any("held out" in str(event.get("note")) for event in told)
    # Trained is trained: nothing is begun again, and another plan may not use the folder.
    written = done.weights.stat().st_mtime_ns
    assert train_tuned(plan, output).weights.stat().st_mtime_ns == written
    assert "seconds" in json.loads((output / "trained.json").read_text(encoding="utf-8"))
    with pytest.raises(OutputUnwritable, match="another model or of other lines"):
        train_tuned(TunePlan(plan.lines, model=plan.model, guard_lines=3), output)


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["vit-ctc-micro", "parseq-micro"])
def test_other_families_are_tuned_from_their_weights(archive: Archive, tmp_path: Path, variant: str) -> None:
    plan = plan_of(archive, tmp_path, variant)
    plan = replace(plan, settings=(*SETTINGS, "optimiser.steps=1", "validation.every=1"))
    done = train_tuned(plan, tmp_path / "run")
    before, after = read_weights(Path(plan.model)), read_weights(done.weights)
    assert after.spec.family == before.spec.family == variant.removesuffix("-micro")
    assert after.history["recipe"]["optimiser"]["layer_decay"] == 1.0
    assert any(not torch.equal(after.tensors[name], before.tensors[name]) for name in before.tensors)
