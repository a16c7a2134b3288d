"""Static int8: QuantizeLinear and DequantizeLinear around what bears it, calibrated on rendered lines.

Weights are signed and per channel, activations unsigned, so that ONNX Runtime and OpenVINO use the processor's int8 dot
products (VNNI). Attention's projections, the RCTC head and the first convolution stay fp32: quantised, they alone cost
several times the CER that is allowed. Selections of nodes are tried from fast to safe; the first that passes the parity
check is written.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from nordocr.batching import plan_batches
from nordocr.errors import ExportRejected
from nordocr.export.onnx import simplify
from nordocr.export.parity import INT8, Parity, Scorer
from nordocr.export.parity_run import ParityLine, parity_lines
from nordocr.export.publish import FULL, Check, write_checked
from nordocr.export.source import Source, described, onnx_scorer
from nordocr.families import family_of
from nordocr.linespec import LineSpec, collate, prepare
from nordocr.recognize.contract import INPUT

CALIBRATION_LINES: Final = 256
_AREA: Final = 4096

SELECTIONS: Final = (("convolutions and MLPs", ("Conv", "MatMul")), ("MLPs", ("MatMul",)))
"""What is quantised, from fast to safe: a name and operators. Of the MatMuls only those of MLPs are."""


def export_int8(
    source: Source,
    output: Path,
    *,
    card: str | None = None,
    calibration: Sequence[ParityLine] | None = None,
    check: Check = FULL,
) -> tuple[str, Parity]:
    """Write the int8 QDQ file.

    Args:
        source: What is exported.
        output: The file to write.
        card: A model card for the metadata, Markdown.
        calibration: Lines whose activations set the ranges; rendered ones, other than the check's, where none are
            given.
        check: How it is checked.

    Returns:
        What was quantised, by name, and what the parity check found.

    Raises:
        UsageError: The network cannot be exported to int8.
        ExportRejected: No selection of nodes passes.
    """
    family_of(source.spec).require_format("int8")
    proto = simplify(source.proto)
    lines = calibration or parity_lines(INT8.lines + CALIBRATION_LINES, source.spec)[INT8.lines :]
    reasons = []
    for name, kinds in SELECTIONS:
        nodes = chosen_nodes(proto, kinds)
        if not nodes:
            reasons.append(f"{name}: the graph has none")
            continue
        quantised = described(source, quantise(proto, nodes, lines, source.spec), "int8", card)

        def write(partial: Path, held: onnx.ModelProto = quantised) -> Scorer:
            onnx.save(held, str(partial))
            return onnx_scorer(partial)

        try:
            return name, write_checked(source, output, INT8, write, check, precision="int8", quantised=name)
        except ExportRejected as error:
            reasons.append(f"{name}: {str(error).partition(': ')[2].rstrip('.') or error}")
    raise ExportRejected(f"{output} was not written: {'; '.join(reasons)}.")


def chosen_nodes(proto: onnx.ModelProto, kinds: Sequence[str]) -> list[str]:
    """Return the names of the encoder's nodes that bear int8: convolutions but the first, products of MLPs."""
    weights = {tensor.name for tensor in proto.graph.initializer}
    convolutions = [node.name for node in proto.graph.node if node.op_type == "Conv"]
    found = []
    for node in proto.graph.node:
        if node.op_type not in kinds or not weights & set(node.input):
            continue
        if node.op_type == "MatMul" and ("/mlp/" not in node.name or "decoder" in node.name):
            continue
        if node.name not in convolutions[:1]:
            found.append(node.name)
    return found


def quantise(
    proto: onnx.ModelProto, nodes: Sequence[str], lines: Sequence[ParityLine], spec: LineSpec
) -> onnx.ModelProto:
    """Return a copy of ``proto`` with ``nodes`` quantised, ranges as running averages over batches of ``lines``."""
    with tempfile.TemporaryDirectory() as folder:
        plain, target = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        onnx.save(proto, str(plain))
        logger = logging.getLogger()
        before = logger.level
        logger.setLevel(logging.ERROR)  # it advises a preparation that onnxslim has done already
        try:
            quantize_static(
                str(plain),
                str(target),
                _Batches(lines, spec),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["Conv", "MatMul"],
                nodes_to_quantize=list(nodes),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={"MatMulConstBOnly": True, "CalibMovingAverage": True},
            )
        finally:
            logger.setLevel(before)
        quantised: onnx.ModelProto = onnx.load(str(target))
    return quantised


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    """The calibration lines as reading would batch them."""

    def __init__(self, lines: Sequence[ParityLine], spec: LineSpec) -> None:
        self._batches = self._each(lines, spec)

    def get_next(self) -> dict[str, Any] | None:
        """Return the next batch by input name, or None."""
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}

    @staticmethod
    def _each(lines: Sequence[ParityLine], spec: LineSpec) -> Iterator[npt.NDArray[np.float32]]:
        prepared = [prepare(line.image, spec, family_of(spec).ceiling(spec)) for line in lines]
        for batch in plan_batches([line.width for line in prepared], spec, area=_AREA):
            yield collate([prepared[i] for i in batch.indices], batch.width, spec)
