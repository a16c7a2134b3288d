"""OpenVINO's intermediate representation: ``NAME.xml`` with ``NAME.bin`` beside it, weights compressed to fp16.

The graph computes in whatever precision the reader asks OpenVINO for; only what lies on the disk is fp16. The LineSpec
is in the model's ``rt_info`` (section ``nordocr``) and in ``NAME_meta.yaml``.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from nordocr.errors import EngineUnavailable, ExportRejected, OutputUnwritable
from nordocr.export.onnx import simplify
from nordocr.export.parity import HALF, Parity, Scorer, Scores
from nordocr.export.publish import FULL, Check, judge, meta_of, place
from nordocr.export.source import Source, described, first_line
from nordocr.families import family_of
from nordocr.recognize.contract import INPUT, OUTPUT
from nordocr.recognize.modelspec import METADATA_KEY, RT_INFO
from nordocr.recognize.openvino_core import shared_core


def export_openvino(source: Source, output: Path, *, card: str | None = None, check: Check = FULL) -> Parity:
    """Write an IR, within the tolerance for half precision; the check runs the files on the CPU in float32.

    Args:
        source: What is exported.
        output: The ``.xml`` file to write; ``.bin`` and ``*_meta.yaml`` lie beside it.
        card: A model card for the metadata, Markdown.
        check: How it is checked.

    Returns:
        What the parity check found.

    Raises:
        UsageError: The network cannot be exported to OpenVINO's format.
        EngineUnavailable: OpenVINO is not installed.
        ExportRejected: OpenVINO cannot convert the graph, or it differs too much.
        OutputUnwritable: The files cannot be written.
    """
    family_of(source.spec).require_format("openvino")
    openvino = _openvino()
    proto = described(source, simplify(source.proto), "fp16-weights", card)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # Both files have to be called by the model's name while they are written, so they are written in a folder.
        with tempfile.TemporaryDirectory(prefix=f"{output.stem}.partial.", dir=output.parent) as folder:
            aside = Path(folder) / output.name
            _convert(openvino, proto, aside)
            parity, accepted = judge(source, openvino_scorer(aside), HALF, output, check)
            os.replace(aside.with_suffix(".bin"), output.with_suffix(".bin"))
            place(aside, output, meta_of(source.spec, precision="fp16-weights", **accepted))
    except OSError as error:
        raise OutputUnwritable(f"{output} cannot be written: {error.strerror or error}.") from error
    return parity


def openvino_scorer(path: Path, precision: str = "f32") -> Scorer:
    """Return the answers of an IR on the CPU; ``precision``: OpenVINO's inference precision, ``f32`` or ``bf16``."""
    _openvino()  # says what is missing
    try:
        core = shared_core()
        compiled = core.compile_model(core.read_model(str(path)), "CPU", {"INFERENCE_PRECISION_HINT": precision})
    except RuntimeError as error:
        raise ExportRejected(f"{path.name} cannot be opened by OpenVINO: {first_line(error)}.") from error

    def score(batch: npt.NDArray[np.float32]) -> Scores:
        scores: Scores = np.array(compiled({INPUT: batch})[compiled.output(OUTPUT)])
        return scores

    return score


def _convert(openvino: Any, proto: onnx.ModelProto, path: Path) -> None:
    graph = path.with_suffix(".onnx")
    onnx.save(proto, str(graph))
    try:
        model = shared_core().read_model(str(graph))
        for item in proto.metadata_props:
            model.set_rt_info(item.value, [RT_INFO, item.key])
        openvino.save_model(model, str(path), compress_to_fp16=True)
    except RuntimeError as error:
        raise ExportRejected(f"OpenVINO cannot convert the graph: {first_line(error)}.") from error
    saved = shared_core().read_model(str(path)).get_rt_info([RT_INFO, METADATA_KEY])
    if str(getattr(saved, "value", saved)) != {p.key: p.value for p in proto.metadata_props}[METADATA_KEY]:
        raise ExportRejected("OpenVINO did not keep the LineSpec in rt_info as it was given.")


def _openvino() -> Any:
    try:
        import openvino
    except ImportError as error:
        raise EngineUnavailable('This needs openvino: pip install "nordocr[openvino]".') from error
    return openvino
