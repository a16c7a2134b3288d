"""The ONNX engine on a real, tiny network whose answer can be computed by hand.

Its scores come from the line's own pixels: the mean of each 4 columns picks one of the classes, so that a line of
flat gray bands spells a known text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nordocr.batching import CPU_AREA
from nordocr.charset import NORDIC_126
from nordocr.config import ReadingConfig
from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.linespec import LineSpec
from nordocr.recognize.onnx import OnnxRecognizer

SPEC = LineSpec()
CLASSES = SPEC.charset.num_classes


@dataclass(frozen=True)
class Toy:
    """What can be wrong with a toy model."""

    classes: int = CLASSES
    names: tuple[str, str] = ("input", "output")
    spec: str | None = SPEC.to_json()
    softmax: bool = False
    ceil: bool = True


def write_toy(path: Path, toy: Toy = Toy()) -> Path:
    """A network of a few nodes: columns pooled by 4, then class c scores -(level - c)^2 in units of 2 gray levels.

    White (level 127.5) lies beyond the last class; class 0 is given the level of white, so that paper is blank.
    """
    source, target = toy.names
    levels = np.arange(toy.classes, dtype=np.float32)
    levels[0] = 127.5
    constants = {
        "levels": levels.reshape(1, 1, -1),
        "scale": np.array(63.75, dtype=np.float32),
        "one": np.array(1.0, dtype=np.float32),
        "minus": np.array(-1.0, dtype=np.float32),
        "axis": np.array([-1], dtype=np.int64),
        "height": np.array([1, 2], dtype=np.int64),
    }
    nodes = [
        helper.make_node(
            "AveragePool", [source], ["pooled"], kernel_shape=[1, 4], strides=[1, 4], ceil_mode=int(toy.ceil)
        ),
        helper.make_node("ReduceMean", ["pooled"], ["columns"], axes=[1, 2], keepdims=0),
        helper.make_node("Add", ["columns", "one"], ["shifted"]),
        helper.make_node("Mul", ["shifted", "scale"], ["level"]),
        helper.make_node("Unsqueeze", ["level", "axis"], ["level3"]),
        helper.make_node("Sub", ["level3", "levels"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["squared"]),
        helper.make_node("Mul", ["squared", "minus"], ["scores" if toy.softmax else target]),
    ]
    if toy.softmax:
        nodes.append(helper.make_node("Softmax", ["scores"], [target], axis=-1))
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(source, TensorProto.FLOAT, ["b", 3, 32, "w"])],
        [helper.make_tensor_value_info(target, TensorProto.FLOAT, ["b", "t", toy.classes])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if toy.spec is not None:
        helper.set_model_props(model, {"linespec": toy.spec})
    onnx.save(model, str(path))
    return path


def banded(text: str, height: int = 32, band: int = 12) -> npt.NDArray[np.uint8]:
    """A crop that the toy reads as ``text``: one flat band a character, white between and around."""
    columns = [np.full(band, 255)]
    for character in text:
        columns += [np.full(band, 2 * SPEC.charset.encode(character)[0]), np.full(band, 255)]
    return np.tile(np.concatenate(columns).astype(np.uint8), (height, 1))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy(tmp_path_factory.mktemp("toy") / "toy.onnx")


def test_reads_what_the_bands_spell(model: Path) -> None:
    engine = OnnxRecognizer(model, threads=1)
    [line] = engine.read([banded("Åre 12")])
    assert line.text == "Åre 12"
    assert len(line.char_confidences) == 6
    assert [w.text for w in line.words] == ["Åre", "12"]
    assert line.flags == ()
    assert engine.read([]) == []
    assert engine.model == "toy.onnx"
    assert len(engine.model_sha256) == 64
    engine.close()


def test_rgb_and_gray_crops_read_alike(model: Path) -> None:
    gray = banded("Smør")
    engine = OnnxRecognizer(model, threads=1)
    assert engine.read([np.repeat(gray[:, :, None], 3, axis=2)]) == engine.read([gray])


@pytest.mark.parametrize("area", [1, 700, 16_384])
def test_a_line_reads_the_same_alone_and_in_any_batch(model: Path, area: int) -> None:
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(list("abcåäö019"), size=n)) for n in rng.integers(1, 60, size=40)]
    crops = [banded(text) for text in texts]
    engine = OnnxRecognizer(model, threads=1, batch_area=area)
    together = engine.read(crops)
    alone = [engine.read([crop])[0] for crop in crops]
    assert [line.text for line in together] == [line.text for line in alone] == texts
    for a, b in zip(together, alone, strict=True):
        assert a.char_confidences == pytest.approx(b.char_confidences, abs=1e-5)


def test_batches_on_a_cpu_are_small_unless_a_size_is_given(model: Path) -> None:
    sizes: list[tuple[int | None, int]] = [(None, CPU_AREA), (4096, 4096)]
    for given, area in sizes:
        engine = OnnxRecognizer.from_config(model, ReadingConfig(batch_area=given))
        seen: list[int] = []
        run = engine.scores
        engine.scores = lambda batch, run=run, seen=seen: (seen.append(batch.shape[0] * batch.shape[3]), run(batch))[1]  # type: ignore[method-assign,misc]
        engine.read([banded("abcdefghijklmnop")] * 100)
        assert max(seen) == area


def test_padding_is_never_decoded(tmp_path: Path) -> None:
    """A model that answers white with a character gives none for the padding: each item has its own length."""
    path = write_toy(tmp_path / "greedy.onnx")
    graph = onnx.load(str(path))
    for tensor in graph.graph.initializer:
        if tensor.name == "levels":
            values = numpy_helper.to_array(tensor).copy()
            values[0, 0, :2] = [0.0, 127.5]  # white now reads as the first character, "0"
            tensor.CopyFrom(numpy_helper.from_array(values, "levels"))
    onnx.save(graph, str(path))
    dark = np.full((32, 40), 2 * SPEC.charset.encode("k")[0], np.uint8)
    wide = np.full((32, 60), 2 * SPEC.charset.encode("m")[0], np.uint8)
    assert [line.text for line in OnnxRecognizer(path, threads=1).read([dark, wide])] == ["k", "m"]


def test_lines_above_the_ceiling_are_split_at_a_gap_and_joined(model: Path) -> None:
    crop = np.concatenate([banded("abcdefgh"), np.full((32, 40), 255, np.uint8), banded("ijklmnop")], axis=1)
    engine = OnnxRecognizer(model, threads=1, max_input_width=256)
    [line] = engine.read([crop])
    assert line.text == "abcdefgh ijklmnop"
    assert line.flags == ("split",)
    assert len(line.char_confidences) == len(line.text)
    first, second = line.words
    assert first.right < 0.5 < second.left < second.right <= 1.0


def test_lines_above_the_ceiling_without_a_gap_are_squeezed_and_flagged(model: Path) -> None:
    crop = np.full((32, 900), 60, np.uint8)
    crop[:4] = 255
    [line] = OnnxRecognizer(model, threads=1, max_input_width=256).read([crop])
    assert len(line.text) == 1
    assert line.flags == ("squeezed",)


def test_probabilities_in_a_meta_yaml_model_are_found_out(tmp_path: Path) -> None:
    path = write_toy(tmp_path / "old.onnx", Toy(spec=None, softmax=True))
    meta = "model: svtrv2\ndecoder: ctc\nblank_index: 0\ncharset_size: 125\nnum_classes: 126\nstride: 4\n"
    meta += "input_height: 32\nmax_width_tested: 768\nnormalization: '[-1, 1]'\n"
    (tmp_path / "old_meta.yaml").write_text(meta, encoding="utf-8")
    engine = OnnxRecognizer(path, threads=1)
    assert (engine.spec.output, engine.spec.max_width) == ("probabilities", 768)
    assert engine.read([banded("Øl")])[0].text == "Øl"


def test_an_explicit_linespec_serves_and_must_not_contradict(tmp_path: Path, model: Path) -> None:
    bare = write_toy(tmp_path / "bare.onnx", Toy(spec=None))
    with pytest.raises(ModelInvalid, match=r"bare\.onnx contains no LineSpec"):
        OnnxRecognizer(bare, threads=1)
    spec = tmp_path / "spec.json"
    spec.write_text(LineSpec(max_width=768).to_json(), encoding="utf-8")
    assert OnnxRecognizer(bare, threads=1, linespec=spec).spec.max_width == 768
    with pytest.raises(ModelInvalid, match=r"spec\.json has max_width 768"):
        OnnxRecognizer(model, threads=1, linespec=spec)
    with pytest.raises(ModelMissing, match=r"none\.json"):
        OnnxRecognizer(model, threads=1, linespec=tmp_path / "none.json")


OTHER = json.loads(SPEC.to_json())


@pytest.mark.parametrize(
    ("toy", "sentence"),
    [
        (Toy(classes=97), "has 97 classes where its charset nordic-126 needs 126"),
        (Toy(names=("x", "output")), "has inputs \\['x'\\]"),
        (Toy(names=("input", "logits")), "outputs \\['logits'\\]"),
        (Toy(spec="{}x"), "The LineSpec in .* is not valid"),
        (Toy(spec=json.dumps({**OTHER, "pad_value": 128, "padding": "gray"})), "padding"),
        (Toy(spec=json.dumps({**OTHER, "normalization": "imagenet"})), "normalization"),
        (Toy(spec=json.dumps({**OTHER, "characters": NORDIC_126.characters[::-1]})), "other characters"),
        (Toy(softmax=True), "gives probabilities where its LineSpec says logits"),
        (Toy(ceil=False), r"gives \(1, 8, 126\) for a 33 px line, not \(1, 9, classes\)"),
    ],
)
def test_a_model_that_breaks_the_contract_is_refused(tmp_path: Path, toy: Toy, sentence: str) -> None:
    with pytest.raises(ModelInvalid, match=sentence):
        OnnxRecognizer(write_toy(tmp_path / "wrong.onnx", toy), threads=1)


def test_damaged_and_missing_files(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no model file .*absent\.onnx"):
        OnnxRecognizer(tmp_path / "absent.onnx")
    cut, text = tmp_path / "cut.onnx", tmp_path / "text.onnx"
    cut.write_bytes(model.read_bytes()[:-400])
    text.write_text("not a model", encoding="utf-8")
    for path in (cut, text):
        with pytest.raises(ModelInvalid) as caught:
            OnnxRecognizer(path)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)
