from __future__ import annotations

import inspect
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from tests.evaluate.paper import Paper, call, crops_of, cut_short, lines_of, truth_json, write
from tests.evaluate.referee.vlm_server import Behaviour, serving

from nordocr.cli.retrain import retrain
from nordocr.errors import ConfigInvalid, DataInvalid, InputMissing, TrainingFailed
from nordocr.linespec import LineSpec
from nordocr.retrain import stages
from nordocr.retrain.ledger import Ledger, fingerprint
from nordocr.retrain.plan import RetrainPlan, load_plan
from nordocr.retrain.stages import check, compare

SHORT = ["optimiser.steps=2", "validation.every=2", "validation.synth_lines=4", "batch.lines_per_step=4"]
STAGES = ["check", "train", "export", "engines", "benchmark", "compare", "gate", "package"]


def plan_file(path: Path, **values: Any) -> Path:
    path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    """A model in use that knows nothing."""
    torch = pytest.importorskip("torch")
    from nordocr.model.network import build_model
    from nordocr.model.weights import save_weights

    torch.manual_seed(0)
    path = tmp_path / "in_use.safetensors"
    save_weights(path, build_model("nano", 126), LineSpec(max_width=768), {})
    return path


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute of one core, longer where others use it
def test_the_debug_recipe_end_to_end_and_again(tmp_path: Path, paper: Paper, untrained: Path) -> None:
    truth = write(tmp_path / "truth.json", truth_json(paper))
    keys = {"recipe": "debug", "threads": 1, "pages": [str(paper.file)], "reference": str(truth)}
    keys |= {"in_use": str(untrained), "tesseract": None, "fewest_lines": 30, "settings": SHORT, "parity": "quick"}
    file, output = plan_file(tmp_path / "plan.yaml", **keys), tmp_path / "out"
    first = call(retrain, [file, "-o", output])
    decision = json.loads((output / "gate.json").read_text(encoding="utf-8"))
    assert first.exit_code == (0 if decision["allowed"] else 20), (first.output, first.exception)
    assert ("MAY replace" if decision["allowed"] else "may NOT replace") in first.stdout
    assert sorted(p.name for p in (output / "candidate").iterdir()) == [
        "CARD.md",
        "gate.json",
        "gate.txt",
        "models",
        "recipe.yaml",
        "report.html",
    ]
    models = output / "candidate" / "models"
    assert sorted(p.relative_to(models).as_posix() for p in models.rglob("*.*")) == [
        "svtrv2-768/recognize_svtrv2.onnx",
        "svtrv2-768/recognize_svtrv2_meta.yaml",
    ]
    held = json.loads((output / "stages.json").read_text(encoding="utf-8"))
    assert list(held) == STAGES
    again = call(retrain, [file, "-o", output])
    assert again.exit_code == first.exit_code and again.stderr.count("unchanged") == 8 and "..." not in again.stderr
    plan_file(file, **(keys | {"fewest_lines": 31}))
    stricter = call(retrain, [file, "-o", output])
    assert [stage for stage in STAGES if f"{stage:<10} ..." in stricter.stderr] == ["gate"]  # it decides the same


def test_an_interrupted_stage_is_done_again(tmp_path: Path) -> None:
    said: list[str] = []
    out = tmp_path / "a.txt"

    def fails() -> str:
        out.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    def works() -> str:
        out.write_text("whole", encoding="utf-8")
        return "done"

    with pytest.raises(KeyboardInterrupt):
        Ledger(tmp_path, said.append).run("one", ["x"], [out], fails)
    assert Ledger(tmp_path, said.append).run("one", ["x"], [out], works) == "done"
    assert Ledger(tmp_path, said.append).run("one", ["x"], [out], fails) == "done"
    out.write_text("touched", encoding="utf-8")
    assert Ledger(tmp_path, said.append).run("one", ["x"], [out], works) == "done"
    with pytest.raises(KeyboardInterrupt):
        Ledger(tmp_path, said.append).run("one", ["y"], [out], fails)


def test_fingerprints_follow_what_files_hold(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels.tsv").write_text("a\tb\n", encoding="utf-8")
    before = fingerprint(tmp_path, 1)
    assert before == fingerprint(tmp_path, 1) != fingerprint(tmp_path, 2)
    (tmp_path / "labels.tsv").write_text("a\tc\n", encoding="utf-8")
    changed = fingerprint(tmp_path, 1)
    (tmp_path / "images" / "1.png").write_bytes(b"x")
    assert len({before, changed, fingerprint(tmp_path, 1)}) == 3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"recipe": "debug"}, "pages"),
        ({"recipe": "debug", "pages": ["a"], "reference": "b", "epocs": 3}, "epocs"),
        ({"recipe": "debug", "pages": [], "reference": "b"}, "pages"),
        ({"recipe": "debug", "pages": ["a"], "reference": "vlm", "vlm_url": "http://h/v1"}, "vlm_model"),
    ],
)
def test_wrong_keys_are_named(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigInvalid, match=said):
        load_plan(plan_file(tmp_path / "plan.yaml", **values))
    with pytest.raises(InputMissing):
        load_plan(tmp_path / "none.yaml")


@pytest.mark.parametrize("source", ["report", "report.tif", "rep", "report-2"])
def test_training_on_what_is_compared_on_is_refused(tmp_path: Path, paper: Paper, source: str) -> None:
    pytest.importorskip("torch")
    folder = tmp_path / "labels"
    (folder / "images").mkdir(parents=True)
    Image.new("L", (200, 32), 255).save(folder / "images" / "1.png")
    (folder / "labels.tsv").write_text(f"filename\ttext\tsource\n1.png\tSumma\t{source}\n", encoding="utf-8")
    truth = write(tmp_path / "truth.json", truth_json(paper))
    keys = {"recipe": "debug", "pages": [str(paper.file)], "reference": str(truth), "data": [str(folder)]}
    plan = load_plan(plan_file(tmp_path / "plan.yaml", **keys))
    if source in ("rep", "report-2"):
        check(plan, tmp_path / "check.json")
        return
    with pytest.raises(DataInvalid, match=r"report\.tif"):
        check(plan, tmp_path / "check.json")


@pytest.mark.parametrize("place", ["data", "recipe", "setting", "validation", "lmdb"])
def test_a_leak_is_found_wherever_the_lines_are_named(tmp_path: Path, paper: Paper, place: str) -> None:
    pytest.importorskip("torch")
    from nordocr.data.lmdb import write_lmdb

    image = io.BytesIO()
    Image.new("L", (200, 32), 255).save(image, "PNG")
    folder = tmp_path / "lines"
    if place == "lmdb":
        write_lmdb(folder, [(image.getvalue(), "Summa", "report")])
    else:
        (folder / "images").mkdir(parents=True)
        (folder / "images" / "1.png").write_bytes(image.getvalue())
        (folder / "labels.tsv").write_text("filename\ttext\tsource\n1.png\tSumma\treport\n", encoding="utf-8")
    keys: dict[str, Any] = {"recipe": "debug", "pages": [str(paper.file)]}
    keys["reference"] = str(write(tmp_path / "truth.json", truth_json(paper)))
    if place in ("data", "lmdb"):
        keys["data"] = [str(folder)]
    elif place == "recipe":
        named = {"extends": "debug", "data": [{"lines": [{"path": str(folder)}]}]}
        keys["recipe"] = str(plan_file(tmp_path / "mine.yaml", **named))
    elif place == "setting":
        keys |= {"recipe": "finetune", "settings": [f"data.0.lines.0.path={folder}"]}
    else:
        keys["settings"] = [f"validation.folders=[{folder}]"]
    with pytest.raises(DataInvalid, match=r"lines trains on report\.tif"):
        check(load_plan(plan_file(tmp_path / "plan.yaml", **keys)), tmp_path / "check.json")


def test_several_processes_are_started_by_torchrun_and_a_pth_has_its_dictionary(tmp_path: Path) -> None:
    keys = {"recipe": "debug", "pages": ["p"], "reference": "r", "settings": ["seed=3"], "nproc": 2}
    keys |= {"init": "x.pth", "init_dict": "d.txt", "init_space": True}
    plan = load_plan(plan_file(tmp_path / "plan.yaml", **keys))
    command = stages.training_command(plan, tmp_path / "run", resume=False)
    assert command[1:6] == ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    assert command[6:10] == ["-m", "nordocr", "train", "debug"]
    assert " --init x.pth --init-dict d.txt --init-space --set seed=3 " in " ".join(command)
    resumed = stages.training_command(plan, tmp_path / "run", resume=True)
    assert "--resume" in resumed and not {"--init", "--init-dict", "--output"} & set(resumed)
    from nordocr.cli.train import train

    offered = set(inspect.signature(train).parameters) | {"set"}
    after = command[command.index("train") :]
    assert {part[2:].replace("-", "_") for part in after if part.startswith("--")} <= offered


def test_every_key_is_described() -> None:
    assert not [name for name, field in RetrainPlan.model_fields.items() if not field.description]


def test_a_language_model_may_be_the_reference(tmp_path: Path, paper: Paper) -> None:
    pytest.importorskip("torch")
    truth = write(tmp_path / "benchmark" / "new_result.json", truth_json(paper))
    write(tmp_path / "benchmark" / "in_use_result.json", lines_of(paper, cut_short))
    with serving(Behaviour(crops_of(paper, truth), seed=5, faults=0.2)) as url:
        keys = {"recipe": "debug", "pages": [str(paper.file)], "reference": "vlm", "vlm_url": url, "vlm_model": "m"}
        plan = load_plan(plan_file(tmp_path / "plan.yaml", **keys, tesseract=None))
        assert check(plan, tmp_path / "check.json").endswith("m as referee for 1 page files")
        compare(plan, tmp_path / "benchmark", tmp_path / "compare")
    found = json.loads((tmp_path / "compare" / "comparison.json").read_text(encoding="utf-8"))
    assert found["reference"] == "m" and found["referee"]["regions"] == 36 and 25 < found["referenced"] < 36
    assert len(list((tmp_path / "vlm-cache").rglob("*.json"))) == 36


@pytest.mark.parametrize(
    ("code", "said"),
    [(0, "recognize_svtrv2_1024_sm86.engine by TensorRT 11.0"), (10, "left out"), (12, "refused and left out")],
)
def test_engines_are_built_where_tensorrt_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        if not code:
            (tmp_path / "engines" / "recognize_svtrv2_1024_sm86.engine").write_bytes(b"x")
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(stages, "tensorrt_version", lambda: "")
    assert stages.engines(tmp_path / "model.onnx", tmp_path / "none").startswith("left out") and not calls
    monkeypatch.setattr(stages, "tensorrt_version", lambda: "11.0")
    monkeypatch.setattr(subprocess, "run", run)
    assert stages.engines(tmp_path / "model.onnx", tmp_path / "engines").startswith(said)
    assert calls[0][3:5] == ["export", "tensorrt"] and str(tmp_path / "engines") in calls[0]
    from nordocr.cli.export import tensorrt

    offered = set(inspect.signature(tensorrt).parameters)
    assert {part[2:].replace("-", "_") for part in calls[0] if part.startswith("--")} - {"onnx"} <= offered


def test_a_training_that_fails_stops_the_retraining(
    tmp_path: Path, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    calls: list[list[str]] = []

    def fail(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 13)

    monkeypatch.setattr(subprocess, "run", fail)
    truth = write(tmp_path / "truth.json", truth_json(paper))
    keys = {"recipe": "debug", "pages": [str(paper.file)], "reference": str(truth), "settings": ["seed=3"]}
    result = call(retrain, [plan_file(tmp_path / "plan.yaml", **keys), "-o", tmp_path / "out"])
    assert isinstance(result.exception, TrainingFailed) and "13" in str(result.exception)
    assert "--set" in calls[0] and "seed=3" in calls[0] and "--resume" not in calls[0]
    assert list(json.loads((tmp_path / "out" / "stages.json").read_text(encoding="utf-8"))) == ["check"]
