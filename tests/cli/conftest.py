"""A page to read and a model that can be read with, both made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image, ImageDraw, ImageFont

from nordocr.charset import NORDIC_126
from nordocr.linespec import LineSpec


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ONNX file that reads every dark stretch of a line as ``x`` and light as nothing."""
    weights = np.full((1, NORDIC_126.num_classes), 0.0, np.float32)
    bias = np.full(NORDIC_126.num_classes, -100.0, np.float32)
    dark = NORDIC_126.encode("x")[0]
    weights[0, 0], weights[0, dark] = 20.0, -20.0
    bias[0], bias[dark] = -12.0, 12.0
    nodes = [
        helper.make_node("AveragePool", ["input"], ["pool"], kernel_shape=[32, 4], strides=[32, 4], ceil_mode=1),
        helper.make_node("ReduceMean", ["pool"], ["columns"], axes=[1, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["columns", "last"], ["tall"]),
        helper.make_node("MatMul", ["tall", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["output"]),
    ]
    values = {"weights": weights, "bias": bias, "last": np.array([2], np.int64)}
    graph = helper.make_graph(
        nodes,
        "dark",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["b", 3, 32, "w"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", "t", NORDIC_126.num_classes])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(proto, {"linespec": LineSpec().to_json()})
    path = tmp_path_factory.mktemp("model") / "dark.onnx"
    onnx.save(proto, str(path))
    return path


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A G4 TIFF of three pages with three lines of type each."""
    font = ImageFont.load_default(40)
    pages = []
    for number in range(3):
        image = Image.new("L", (1000, 700), 255)
        for row in range(3):
            ImageDraw.Draw(image).text((100, 100 + 120 * row), f"Page {number} line {row} of type", fill=0, font=font)
        pages.append(image.convert("1"))
    path = tmp_path_factory.mktemp("scan") / "scan.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4", dpi=(300, 300))
    return path
