"""Faults around a training: a full disk, a damaged checkpoint, a second training in the same folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.train.tiny import DATA, tiny_recipe

from nordocr.cli.train import train as train_verb
from nordocr.errors import OutputUnwritable, TrainingFailed
from nordocr.files import write_whole
from nordocr.locks import LOCK, alone_in
from nordocr.model.network import build_model
from nordocr.model.weights import save_weights
from nordocr.train import loop
from nordocr.train.checkpoint import checkpoints, newest_checkpoint
from nordocr.train.loop import train
from nordocr.train.recipe_parts import OptimiserPart

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints at steps 3 and 4."""
    torch.set_num_threads(1)
    run = tmp_path_factory.mktemp("run")
    train(tiny_recipe(optimiser=OptimiserPart(steps=4)), DATA, [], run)
    assert len(checkpoints(run)) == 2
    return run


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "run")


@pytest.mark.parametrize("name", ["model", "ema", "optimiser"])
@pytest.mark.parametrize("damage", ["cut", "empty", "missing", "header"])
def test_a_damaged_newest_checkpoint_falls_back_to_the_one_before(run: Path, name: str, damage: str) -> None:
    before, newest = checkpoints(run)
    path = newest / f"{name}.safetensors"
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        header = len(data).to_bytes(8, "little") + data[8:]
        path.write_bytes({"cut": data[:-1], "empty": b"", "header": header}[damage])
    assert newest_checkpoint(run) == before


def test_falling_back_is_said_and_trains_on(run: Path) -> None:
    before, newest = checkpoints(run)
    (newest / "state.json").write_text("[" * 100_000, encoding="utf-8")
    told: list[dict[str, object]] = []
    train(tiny_recipe(optimiser=OptimiserPart(steps=5)), DATA, [], run, resume=True, report=told.append)
    assert f"Checkpoint {newest} is damaged" in str(told[0]["note"]) and f"{before.name} is resumed" in str(told[0])
    assert (run / "checkpoints" / f"{newest.name}.damaged").is_dir()
    assert [path.name for path in checkpoints(run)] == [before.name, "step-00000005"]


def test_where_all_are_damaged_nothing_is_resumed(run: Path) -> None:
    for folder in checkpoints(run):
        (folder / "state.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TrainingFailed, match=r"No checkpoint in .* can be resumed"):
        train(tiny_recipe(), DATA, [], run, resume=True)


@pytest.mark.skipif(sys.platform == "win32", reason="limits a file's size as a full disk would")
def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(loop, "_validate", lambda *_: None)  # it writes too; here the checkpoint comes first
    (run / "checkpoints" / "step-00000009.partial").mkdir()  # of a sitting that was killed
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    recipe = tiny_recipe(optimiser=OptimiserPart(steps=5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OutputUnwritable, match=r"checkpoint .*step-00000005 cannot be written: File too large"):
            train(recipe, DATA, [], run, resume=True)
        with pytest.raises(OutputUnwritable, match=r"weights\.safetensors cannot be written: File too large"):
            save_weights(run / "weights.safetensors", build_model(recipe.model, 126), recipe.spec, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in run.rglob("*") if path.name.endswith((".part", ".partial"))]
    train(recipe, DATA, [], run, resume=True)
    assert checkpoints(run)[-1].name == "step-00000005"


def test_two_trainings_never_share_a_folder(run: Path) -> None:
    code = (
        "import sys, pathlib; from nordocr.locks import alone_in\n"
        "with alone_in(pathlib.Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(run)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline().strip() == b"in"
        with pytest.raises(OutputUnwritable, match="Another process is writing into"):
            train(tiny_recipe(), DATA, [], run, resume=True)
    finally:
        other.kill()
        other.communicate()
    with alone_in(run), alone_in(run):  # free again, and one process may enter twice
        assert (run / LOCK).is_file()


def test_a_used_folder_keeps_its_recipe(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordocr.train.source.open_data", lambda _: DATA)
    write_whole(run / "recipe.yaml", "the recipe of the training that is there\n")
    with pytest.raises(TrainingFailed, match="holds a training already"):
        train_verb("debug", output=run)
    assert (run / "recipe.yaml").read_text(encoding="utf-8") == "the recipe of the training that is there\n"
