"""Checkpoint to ONNX: opset 17, dynamic batch and width, one file, the LineSpec in its metadata, behind the gate."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch

from nordocr import __version__
from nordocr.errors import ConfigInvalid, ExportRejected
from nordocr.export.gate import Agreement, compare, gate_lines
from nordocr.linespec import LineSpec
from nordocr.model.network import SVTRv2
from nordocr.model.weights import Weights, load_model

OPSET: Final = 17


def export_onnx(checkpoint: Path, output: Path, *, max_width: int | None = None) -> Agreement:
    """Write ``output`` from the weights file ``checkpoint``; the file appears only if it passes the gate.

    ``max_width`` in pixels, where given, must be the checkpoint's own. Raises :class:`ExportRejected` where any text
    differs, :class:`ConfigInvalid` for another width, and what :func:`load_model` raises.
    """
    model, weights = load_model(checkpoint)
    if max_width is not None and max_width != weights.spec.max_width:
        raise ConfigInvalid(f"{checkpoint} was trained to {weights.spec.max_width} px, not to {max_width} px.")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(output.name + ".partial")
    try:
        _write(model, partial)
        _describe(partial, weights, hashlib.sha256(checkpoint.read_bytes()).hexdigest())
        agreement = _check(model, partial, weights.spec)
        if agreement.different:
            raise ExportRejected(f"{output} was not written: {agreement}; {agreement.first}.")
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)
    return agreement


def _write(model: SVTRv2, path: Path) -> None:
    # A width that is no multiple of 4 keeps the tracer from taking W / 4 for a whole number.
    example = torch.zeros(2, 3, 32, 101)
    with warnings.catch_warnings():
        # The tracing exporter is chosen on purpose: its graph is right at odd widths, which the gate proves each time.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        torch.onnx.export(
            model,
            (example,),
            str(path),
            opset_version=OPSET,
            dynamo=False,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes={"input": {0: "batch", 3: "width"}, "output": {0: "batch", 1: "steps"}},
        )


def _describe(path: Path, weights: Weights, sha256: str) -> None:
    proto = onnx.load(str(path))
    facts = {
        "linespec": weights.spec.to_json(),
        "variant": weights.variant,
        "charset": weights.spec.charset_name,
        "checkpoint_sha256": sha256,
        "history": json.dumps(weights.history, ensure_ascii=False),
        "nordocr": __version__,
    }
    onnx.helper.set_model_props(proto, facts)
    onnx.checker.check_model(proto)
    onnx.save(proto, str(path))


def _check(model: SVTRv2, path: Path, spec: LineSpec) -> Agreement:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def exported(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        scores: npt.NDArray[np.floating] = session.run(["output"], {"input": batch})[0]
        return scores

    @torch.inference_mode()
    def original(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        scores: npt.NDArray[np.floating] = model(torch.from_numpy(batch)).numpy()
        return scores

    return compare(original, exported, spec, gate_lines())
