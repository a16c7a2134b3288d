"""Mixed precision: a graph whose matrix products and convolutions are fp16, with fp32 input and output.

Precision lives in the graph, because TensorRT 11 has no ``--fp16`` any more and builds strongly typed. Softmax, layer
norm and the sums of the RCTC head stay fp32: that is where fp16's 11 bits cost text. Half the size on disk; meant for
GPUs. ONNX Runtime's CPU kernels compute such a graph in fp32 between casts, slower than the fp32 file, but open it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from nordocr.errors import ExportRejected
from nordocr.export.onnx import simplify
from nordocr.export.parity import HALF, Parity, Scorer
from nordocr.export.publish import FULL, Check, write_checked
from nordocr.export.source import Source, described, onnx_scorer
from nordocr.families import family_of

KEPT_FP32: Final = ("Softmax", "LayerNormalization", "ReduceSum", "Range", "Resize")
"""Operators that stay in fp32; the last two only so that ONNX Runtime's converter never touches them."""

_OPENING_S: Final = 300


def export_fp16(source: Source, output: Path, *, card: str | None = None, check: Check = FULL) -> Parity:
    """Write the mixed-precision ONNX file, within the tolerance for half precision.

    Args:
        source: What is exported.
        output: The file to write.
        card: A model card for the metadata, Markdown.
        check: How it is checked.

    Returns:
        What the parity check found.

    Raises:
        UsageError: The network cannot be exported to fp16.
        ExportRejected: It differs too much, a weight does not fit fp16, or ONNX Runtime on the CPU cannot open the
            file at its default optimisations.
    """
    family_of(source.spec).require_format("fp16")

    def write(partial: Path) -> Scorer:
        onnx.save(described(source, to_fp16(source.proto), "fp16", card), str(partial))
        must_open(partial, output)
        return onnx_scorer(partial)

    return write_checked(source, output, HALF, write, check, precision="fp16")


def to_fp16(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Return a mixed-precision copy of an fp32 graph, simplified first; input and output stay fp32.

    Raises :class:`ExportRejected` where a weight is beyond fp16's range.
    """
    slim = simplify(proto)
    for tensor in slim.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            largest = float(np.abs(onnx.numpy_helper.to_array(tensor)).max(initial=0.0))
            if largest > float(np.finfo(np.float16).max):
                raise ExportRejected(f"The weight {tensor.name} reaches {largest:.3g}, more than fp16 can hold.")
    half = OnnxModel(convert_float_to_float16(slim, keep_io_types=True, op_block_list=list(KEPT_FP32)))
    half.topological_sort()
    mixed: onnx.ModelProto = half.model
    return mixed


def must_open(path: Path, output: Path) -> None:
    """Open and run the file once in a process of its own: :class:`ExportRejected` where that fails.

    Some releases of ONNX Runtime end the whole process, or find no kernel for what they fused, with fp16 graphs on
    the CPU; an export must not go down with them.
    """
    done = subprocess.run(
        [sys.executable, "-c", _OPEN, str(path)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_OPENING_S,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        raise ExportRejected(
            f"{output} was not written: ONNX Runtime cannot run it on the CPU (exit code {done.returncode}): {last}."
        )


_OPEN: Final = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.log_severity_level = 4
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
height = session.get_inputs()[0].shape[2]
for lines, width in ((1, 33), (3, 101)):
    scores = session.run(None, {"input": numpy.ones((lines, 3, height, width), numpy.float32)})[0]
    assert numpy.isfinite(scores).all(), "scores are not finite"
"""
