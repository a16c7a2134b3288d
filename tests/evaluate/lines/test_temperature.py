"""Temperatures: of a model whose overconfidence is known by construction, and where they are kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import TensorProto, helper

from nordocr.charset import NORDIC_126
from nordocr.ctc import decode
from nordocr.errors import ModelInvalid
from nordocr.evaluate.lines.temperature import Evidence, fit, gather, reliability
from nordocr.export.temperature import write_temperature
from nordocr.linespec import LineSpec
from nordocr.recognize.temperature import find_temperature

SPEC = LineSpec()


def known(temperature: float, lines: int = 4000) -> Evidence:
    """One-character lines whose logits are ``temperature`` times what they should be."""
    dice = np.random.default_rng(5)
    honest = dice.uniform(0.3, 0.999, lines)
    logits = np.zeros((lines, 3), np.float32)
    # Two classes share the rest: softmax of (z, 0, 0) gives the first the probability p for z = log(2 p / (1 - p)).
    logits[:, 1] = temperature * np.log(2 * honest / (1 - honest))
    exact = dice.random(lines) < honest
    index = np.arange(lines)
    return Evidence(logits, np.ones(lines, np.int64), index, index, exact)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    found = fit(known(temperature))
    assert found.after.temperature == pytest.approx(temperature, rel=0.08)
    assert found.after.loss <= found.before.loss + 1e-9
    assert found.after.error < 0.03


def test_a_reliability_table_by_hand() -> None:
    logits = np.log(np.array([[0.75, 0.25], [0.75, 0.25], [0.05, 0.95], [0.5, 0.5]], np.float32))
    # Three lines: of the first two steps (two characters), of the third, of the fourth.
    evidence = Evidence(
        logits, np.array([0, 0, 1, 0]), np.arange(4), np.array([0, 2, 3]), np.array([True, True, False])
    )
    np.testing.assert_allclose(evidence.confidences(1.0), [0.75, 0.95, 0.5], atol=1e-6)
    table = reliability(evidence, 1.0)
    assert [(b.low, b.lines, b.exact) for b in table.bins] == [(0.5, 1, 0.0), (0.7, 1, 1.0), (0.9, 1, 1.0)]
    assert table.error == pytest.approx((0.25 + 0.05 + 0.5) / 3, abs=1e-6)
    assert table.loss == pytest.approx(-(math.log(0.75) + math.log(0.95) + math.log(0.5)) / 3, abs=1e-5)
    # At temperature 2 odds become their square roots: 3 to 1 becomes 1.732 to 1.
    assert evidence.confidences(2.0)[0] == pytest.approx(math.sqrt(3) / (1 + math.sqrt(3)), abs=1e-6)


def test_confidences_are_those_of_decoding_at_every_temperature() -> None:
    dice = np.random.default_rng(3)
    widths = (64, 40, 100)

    def score(batch: np.ndarray) -> np.ndarray:
        scores = dice.normal(size=(len(batch), SPEC.time_steps(batch.shape[3]), 126)).astype(np.float32)
        scores[:, :, 0] += 2.0
        scores[len(batch) - 1, :, 0] += 20.0  # a line without text
        seen.append(scores)
        return scores

    seen: list[np.ndarray] = []
    crops = [np.full((32, width), 255, np.uint8) for width in widths]
    evidence = gather(score, SPEC, crops, ["", "", ""])
    for temperature in (0.5, 1.0, 3.0):
        found = evidence.confidences(temperature)
        expected = {}
        for index, scores in zip(([0, 1], [2]), seen, strict=True):
            for i, own in zip(index, scores, strict=True):
                expected[i] = decode(own, SPEC, widths[i], temperature).confidence
        np.testing.assert_allclose(found, [expected[i] for i in range(3)], rtol=1e-5)
    assert evidence.exact.tolist() == [False, True, True]


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_probabilities_and_logits_are_tempered_alike_and_texts_stay(temperature: float) -> None:
    logits = np.random.default_rng(1).normal(size=(20, 126)).astype(np.float32) * 3
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    one = decode(logits, SPEC, 80, temperature)
    other = decode(probabilities, LineSpec(output="probabilities"), 80, temperature)
    assert one.text == other.text == decode(logits, SPEC, 80).text
    assert one.confidence == pytest.approx(other.confidence, rel=1e-4)
    assert (one.confidence < decode(logits, SPEC, 80).confidence) is (temperature > 1)


def tiny_model(path: Path, **metadata: str) -> Path:
    classes = NORDIC_126.num_classes
    graph = helper.make_graph(
        [helper.make_node("Identity", ["input"], ["output"])],
        "nothing",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["b", 3, 32, "w"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", "t", classes])],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(proto, metadata)
    onnx.save(proto, str(path))
    return path


def test_a_temperature_is_kept_in_metadata_or_in_the_yaml_beside(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "m.onnx", linespec=SPEC.to_json(), variant="nano")
    assert write_temperature(model, tmp_path / "n.onnx", 1.75) == tmp_path / "n.onnx"
    facts = {p.key: p.value for p in onnx.load(str(tmp_path / "n.onnx")).metadata_props}
    assert facts["variant"] == "nano"
    assert find_temperature(tmp_path / "n.onnx", facts) == 1.75
    assert find_temperature(model, {}) == 1.0
    old = tiny_model(tmp_path / "old.onnx")
    beside = tmp_path / "old_meta.yaml"
    beside.write_text("num_classes: 126\ndecoder: ctc\n", encoding="utf-8")
    assert write_temperature(old, old, 2.5) == beside
    assert find_temperature(old, {}) == 2.5
    assert yaml.safe_load(beside.read_text(encoding="utf-8"))["num_classes"] == 126


@pytest.mark.parametrize("said", ["hot", "-1", "0", "nan", "inf"])
def test_a_temperature_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(ModelInvalid, match="which is not a positive number"):
        find_temperature(tmp_path / "m.onnx", {"temperature": said})
