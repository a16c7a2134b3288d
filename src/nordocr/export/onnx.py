"""A checkpoint as one fp32 ONNX file: opset 17, dynamic batch and width, metadata inside, behind the gate."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxslim

from nordocr.errors import ExportRejected
from nordocr.export.parity import FP32, Parity, Scorer
from nordocr.export.publish import write_checked
from nordocr.export.source import Source, described, first_line, from_checkpoint, onnx_scorer


def export_onnx(
    checkpoint: Path, output: Path, *, max_width: int | None = None, sim: bool = False, card: str | None = None
) -> list[tuple[Path, Parity]]:
    """Write ``output`` and its ``*_meta.yaml`` from a weights file; with ``sim`` also a simplified ``*_sim.onnx``.

    ``max_width`` in pixels, where given, must be the checkpoint's own. ``card``: a model card for the metadata,
    Markdown. Gives what was written and what the gate found. Raises :class:`ExportRejected` where any text differs,
    and what :func:`nordocr.export.source.from_checkpoint` raises.
    """
    source = from_checkpoint(checkpoint, max_width=max_width)
    return write_fp32(source, output, sim=sim, card=card)


def write_fp32(source: Source, output: Path, *, sim: bool, card: str | None) -> list[tuple[Path, Parity]]:
    """The source's own graph, and with ``sim`` a simplified one beside it, each behind the gate."""

    def plain(partial: Path) -> Scorer:
        onnx.save(described(source, source.proto, "fp32", card), str(partial))
        return onnx_scorer(partial)

    def simplified(partial: Path) -> Scorer:
        onnx.save(described(source, simplify(source.proto), "fp32", card), str(partial))
        return onnx_scorer(partial)

    written = [(output, write_checked(source, output, FP32, plain, precision="fp32"))]
    if sim:
        beside = sim_path(output)
        written.append((beside, write_checked(source, beside, FP32, simplified, precision="fp32", simplified=True)))
    return written


def sim_path(output: Path) -> Path:
    """``recognize_svtrv2.onnx`` to ``recognize_svtrv2_sim.onnx``."""
    return output.with_name(f"{output.stem}_sim{output.suffix}")


def simplify(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The graph after onnxslim: shapes inferred, constants folded, dead and doubled nodes gone. A copy.

    Raises :class:`ExportRejected` where onnxslim fails.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    try:
        slim: onnx.ModelProto = onnxslim.slim(copy)
    except Exception as error:  # onnxslim's errors share no base of their own
        raise ExportRejected(f"onnxslim cannot simplify the graph: {first_line(error)}.") from error
    return slim
