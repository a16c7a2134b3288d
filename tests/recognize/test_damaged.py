"""Damaged and foreign models: each is refused with a sentence of its own and an exit code that scripts can rely on."""

from __future__ import annotations

import ast
import hashlib
import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from safetensors.numpy import save as save_tensors
from tests.recognize import tensorrt_double as double
from tests.recognize.test_onnx import Toy, write_toy

from nordocr.cli.app import main
from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.export.publish import meta_of
from nordocr.export.tensorrt import build
from nordocr.export.trtprofiles import PRESETS, profiles_of
from nordocr.linespec import LineSpec
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.tensorrt_facts import EngineFacts

SPEC = LineSpec()
SAID = json.loads(SPEC.to_json())
Maker = Callable[[Path], Path]


class Bomb:
    """Unpickling it writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.write_text, (self.target, "exploded"))


def raw(name: str, data: bytes) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def toy(**changes: object) -> Maker:
    return lambda folder: write_toy(folder / "m.onnx", Toy(**changes))  # type: ignore[arg-type]


def spec(**changes: object) -> Maker:
    return toy(spec=json.dumps({**SAID, **changes}))


def truncated(folder: Path) -> Path:
    path = write_toy(folder / "m.onnx")
    path.write_bytes(path.read_bytes()[:-400])
    return path


def pickled(name: str) -> Maker:
    return lambda folder: raw(name, pickle.dumps(Bomb(folder / "exploded")))(folder)


def newer_opset(folder: Path) -> Path:
    path = write_toy(folder / "m.onnx")
    proto = onnx.load(str(path))
    proto.opset_import[0].version = 99
    onnx.save(proto, str(path))
    return path


def fixed_width(folder: Path) -> Path:
    path = write_toy(folder / "m.onnx")
    proto = onnx.load(str(path))
    proto.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 768
    onnx.save(proto, str(path))
    return path


def without_its_data(folder: Path) -> Path:
    path = write_toy(folder / "m.onnx")
    onnx.save(onnx.load(str(path)), str(path), save_as_external_data=True, location="m.data", size_threshold=256)
    (folder / "m.data").unlink()
    return path


def yaml_of_another_charset(folder: Path) -> Path:
    path = write_toy(folder / "m.onnx", Toy(spec=None))
    (folder / "m_meta.yaml").write_text("num_classes: 97\ncharset_size: 96\ninput_height: 32\n", encoding="utf-8")
    return path


def weights(header: dict[str, str], tensors: dict[str, object] | None = None) -> Maker:
    held = {name: np.zeros(3, np.float32) for name in tensors or {"x": None}}
    return raw("m.safetensors", save_tensors(held, metadata=header))


def engine_for(architecture: str, version: str) -> Maker:
    def make(folder: Path) -> Path:
        graph = write_toy(folder / "m.onnx").read_bytes()
        plan = build(double.tensorrt(), graph, profiles_of(SPEC, PRESETS["sm_86"], "single"))
        facts = EngineFacts(
            architecture=architecture,
            gpu="another",
            driver="580",
            tensorrt=version,
            profiles=1,
            precision="fp16",
            onnx_sha256="",
            engine_sha256=hashlib.sha256(plan).hexdigest(),
        )
        meta = yaml.safe_dump(meta_of(SPEC, engine=facts.model_dump()), allow_unicode=True)
        (folder / "m_meta.yaml").write_text(meta, encoding="utf-8")
        return raw("m.engine", plan)(folder)

    return make


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4400000\n"
HEADER = {"format": "nordocr-weights-1", "variant": "nano", "linespec": SPEC.to_json(), "history": "{}"}

DAMAGED: dict[str, tuple[Maker, int, str]] = {
    "absent": (lambda folder: folder / "m.onnx", 8, "There is no model file"),
    "a letter": (raw("m.doc", b"Dear"), 8, "is not a model file"),
    "empty": (raw("m.onnx", b""), 9, r"not an ONNX model that can be opened: .*\b[Gg]raph"),
    "text": (raw("m.onnx", b"not a model"), 9, "not an ONNX model that can be opened: Protobuf parsing failed"),
    "a picture": (raw("m.onnx", b"\x89PNG\r\n\x1a\n" + bytes(64)), 9, "is a PNG picture, not a model"),
    "a PyTorch archive": (raw("m.onnx", b"PK\x03\x04" + bytes(64)), 9, "is a zip archive, as PyTorch writes them"),
    "a Git LFS pointer": (raw("m.onnx", LFS), 9, "is a Git LFS pointer; git lfs pull brings the model"),
    "a pickle": (pickled("m.onnx"), 9, "is a pickle, and nordocr unpickles no model"),
    "truncated": (truncated, 9, "not an ONNX model that can be opened: "),
    "without its external data": (without_its_data, 9, "[Ee]xternal data"),
    "newer opset": (newer_opset, 9, "opset 99|Opset 99"),
    "97 classes": (toy(classes=97), 9, "has 97 classes where its charset nordic-126 needs 126"),
    "other names": (toy(names=("x", "logits")), 9, r"has inputs \['x'\] and outputs \['logits'\]"),
    "fixed width": (fixed_width, 9, "has a fixed width of 768; export it with an open width"),
    "floored steps": (toy(ceil=False), 9, r"gives \(1, 8, 126\) for a 33 px line"),
    "probabilities": (toy(softmax=True), 9, "gives probabilities where its LineSpec says logits"),
    "no LineSpec": (toy(spec=None), 9, r"contains no LineSpec, and there is no \*_meta.yaml beside it"),
    "malformed LineSpec": (toy(spec="{}x"), 9, "The LineSpec in .* is not valid: the whole"),
    "unknown key": (spec(padding="gray"), 9, "not valid: padding: extra inputs are not permitted"),
    "imagenet": (spec(normalization="imagenet"), 9, "not valid: normalization"),
    "half a LineSpec": (toy(spec='{"height": 32}'), 9, "lacks align"),
    "other order of characters": (spec(characters=SPEC.characters[::-1]), 9, "other characters or another order"),
    "shorter charset": (spec(charset_name="short", characters="abc"), 9, "126 classes where its charset short needs 4"),
    "another charset by YAML": (yaml_of_another_charset, 9, "has num_classes 97 where 126 is required"),
    "a pickle as weights": (pickled("m.safetensors"), 9, "is a pickle, and nordocr unpickles no model"),
    "torn weights": (raw("m.safetensors", bytes(range(1, 90))), 9, "not a readable safetensors file"),
    "weights of nothing": (weights({}), 9, "does not say which model variant and LineSpec"),
    "weights that do not fit": (weights(HEADER), 9, "do not fit variant nano"),
    "broken xml": (raw("m.xml", b"<net"), 9, "not a model that OpenVINO can open"),
    "broken engine": (raw("m.engine", b"no plan"), 9, "not an engine that TensorRT 11.4.0.106 can load"),
    "engine for another GPU": (engine_for("12.0", "11.4.0.106"), 15, r"was built for sm_120 \(another\)"),
    "engine of another TensorRT": (engine_for("8.6", "10.13.0.35"), 15, r"was built with TensorRT 10\.13\.0\.35"),
}


@pytest.fixture(autouse=True)
def vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", double.tensorrt())
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", double.Cuda("8.6"))
    monkeypatch.delenv("TENSORRT_LIB_DIR", raising=False)


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damaged_model_has_its_sentence_and_exit_code(tmp_path: Path, name: str) -> None:
    make, code, sentence = DAMAGED[name]
    path = make(tmp_path)
    if path.suffix == ".xml":
        pytest.importorskip("openvino")
    with pytest.raises(NordocrError, match=sentence) as caught:
        open_recognizer(str(path), ReadingConfig())
    said = str(caught.value)
    assert caught.value.exit_code == code
    assert path.stem in said
    assert "\n" not in said
    assert said.endswith(".")
    assert not (tmp_path / "exploded").exists()


def test_the_command_line_says_it_and_leaves_with_the_code(
    tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = engine_for("12.0", "11.4.0.106")(tmp_path)
    page = repository / "src" / "nordocr" / "demo" / "nordic-report.tif"
    with pytest.raises(SystemExit) as left:
        main(["process", str(page), "--recognizer", str(model)])
    assert left.value.code == 15
    assert capsys.readouterr().err.startswith(f"nordocr: {model} was built for sm_120")


def test_nothing_is_unpickled_but_openocrs_weights(repository: Path) -> None:
    """Every call that could unpickle, in all of the package: one, and it says weights_only."""
    found = []
    for path in sorted((repository / "src" / "nordocr").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            said = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if called in {"pickle.load", "pickle.loads", "pickle.Unpickler", "torch.load", "joblib.load", "dill.load"}:
                found.append((path.name, called, said.get("weights_only")))
            assert said.get("allow_pickle", "False") == "False", f"{path}:{node.lineno}"
    assert found == [("openocr.py", "torch.load", "True")]
