"""A checkpoint as one fp32 ONNX file: opset 17, dynamic batch and width, metadata inside, checked for parity."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import onnx
import onnxslim

from nordocr.errors import ExportRejected
from nordocr.export.parity import FP32, Parity, Scorer
from nordocr.export.publish import QUICK, Check, write_checked
from nordocr.export.source import Source, described, first_line, from_checkpoint, onnx_scorer


def export_onnx(
    checkpoint: Path,
    output: Path,
    *,
    max_width: int | None = None,
    sim: bool = False,
    card: str | None = None,
    check: Check = QUICK,
) -> list[tuple[Path, Parity]]:
    """Write an ONNX file and its ``*_meta.yaml`` from a weights file.

    Args:
        checkpoint: The weights.
        output: The file to write.
        max_width: The width in pixels that the weights were trained to, which must be their own.
        sim: Write a simplified ``*_sim.onnx`` too.
        card: A model card for the metadata, Markdown.
        check: How it is checked.

    Returns:
        The files that were written, and what the parity check found of each.

    Raises:
        ExportRejected: A text differs.
        ConfigInvalid: The weights were trained to another width.
        ModelMissing: There is no such checkpoint.
        ModelInvalid: It does not hold weights.
    """
    source = from_checkpoint(checkpoint, max_width=max_width)
    return write_fp32(source, output, sim=sim, card=card, check=check)


def write_fp32(
    source: Source, output: Path, *, sim: bool, card: str | None, check: Check = QUICK
) -> list[tuple[Path, Parity]]:
    """Write the source's own graph, and with ``sim`` a simplified one beside it; see :func:`export_onnx`."""

    def plain(partial: Path) -> Scorer:
        onnx.save(described(source, source.proto, "fp32", card), str(partial))
        return onnx_scorer(partial)

    written = [(output, write_checked(source, output, FP32, plain, check, precision="fp32"))]
    if sim:
        beside = sim_path(output)
        graph = simplified(source.proto)

        def slim(partial: Path) -> Scorer:
            onnx.save(described(source, graph, "fp32", card), str(partial))
            return onnx_scorer(partial)

        written.append(
            (beside, write_checked(source, beside, FP32, slim, check, precision="fp32", simplified=simplifier()))
        )
    return written


def simplifier() -> str:
    """Return the name and version of the tool that :func:`simplified` uses."""
    try:
        onnxsim: Any = importlib.import_module("onnxsim")
    except ImportError:
        return f"onnxslim {onnxslim.__version__}"
    return f"onnxsim {getattr(onnxsim, '__version__', 'of an unknown version')}"


def simplified(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Simplify a graph with onnxsim where it is installed, else with onnxslim.

    Args:
        proto: The graph, which stays as it is.

    Returns:
        The simplified graph.

    Raises:
        ExportRejected: The tool fails.
    """
    try:
        onnxsim: Any = importlib.import_module("onnxsim")
    except ImportError:
        return simplify(proto)
    try:
        graph: onnx.ModelProto
        graph, right = onnxsim.simplify(proto)
    except Exception as error:  # onnxsim's errors share no base of their own
        raise ExportRejected(f"onnxsim cannot simplify the graph: {first_line(error)}.") from error
    if not right:
        raise ExportRejected("onnxsim says that its simplified graph does not give what the original gives.")
    return graph


def sim_path(output: Path) -> Path:
    """Return ``recognize_svtrv2_sim.onnx`` for ``recognize_svtrv2.onnx``."""
    return output.with_name(f"{output.stem}_sim{output.suffix}")


def simplify(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of the graph after onnxslim: shapes inferred, constants folded, dead and doubled nodes gone.

    Raises :class:`ExportRejected` where onnxslim fails.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    try:
        slim: onnx.ModelProto = onnxslim.slim(copy)
    except Exception as error:  # onnxslim's errors share no base of their own
        raise ExportRejected(f"onnxslim cannot simplify the graph: {first_line(error)}.") from error
    return slim
