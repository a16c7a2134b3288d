"""The guide's fourth gotcha: PARSeq's ONNX gives NaN. Where a NaN comes from, and that nordocr's graph has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from nordocr.export.onnx import simplified, simplify  # noqa: E402
from nordocr.export.source import trace  # noqa: E402
from nordocr.model.layers import MASKED  # noqa: E402
from nordocr.model.network import build_model  # noqa: E402


class Attends(nn.Module):
    """PyTorch's own attention, which the authors' decoder is built of; the mask's first row hides everything."""

    def __init__(self, masked: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.masked = masked

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.triu(torch.full((6, 6), self.masked))
        return self.attention(x, x, x, attn_mask=mask, need_weights=False)[0]  # type: ignore[no-any-return]


def output_of(proto: onnx.ModelProto, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"input": batch})[0])


def not_numbers(proto: onnx.ModelProto, batch: npt.NDArray[np.float32]) -> int:
    return int(np.isnan(output_of(proto, batch)).sum())


@pytest.mark.parametrize(("masked", "nan"), [(float("-inf"), True), (MASKED, False)])
def test_a_row_that_sees_nothing_is_nan_in_the_graph_only_and_only_with_infinite_masks(
    tmp_path: Path, masked: float, nan: bool
) -> None:
    torch.manual_seed(0)
    model, batch = Attends(masked).eval(), torch.randn(2, 6, 16)
    with torch.no_grad():
        assert model(batch).isfinite().all(), "PyTorch gives zeros for such a row"
    torch.onnx.export(
        model, (batch,), str(tmp_path / "a.onnx"), opset_version=17, dynamo=False,
        input_names=["input"], output_names=["output"],
    )  # fmt: skip
    proto = onnx.load(str(tmp_path / "a.onnx"))
    assert (not_numbers(proto, batch.numpy()) > 0) == nan
    assert (not_numbers(simplify(proto), batch.numpy()) > 0) == nan, "no simplifier makes a number of it"


def test_parseq_gives_numbers_as_exported_and_however_it_is_simplified() -> None:
    torch.manual_seed(0)
    proto = trace(build_model("parseq-micro").eval())
    batch = np.ones((2, 3, 32, 40), np.float32)  # white paper: nothing to look at
    batch[1, :, 8:24, 4:30] = -1.0
    outputs = [output_of(graph, batch) for graph in (proto, simplify(proto), simplified(proto))]
    assert all(np.isfinite(output).all() for output in outputs)
    assert all(np.abs(output - outputs[0]).max() < 1e-3 for output in outputs)
