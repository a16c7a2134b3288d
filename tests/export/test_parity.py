"""The gate itself: what it looks at, what it refuses, and where it says that two models part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from nordocr.errors import ExportRejected
from nordocr.export.parity import FP32, HALF, INT8, Parity, ParityLine, compare, parity_widths, require
from nordocr.linespec import LineSpec

SPEC = LineSpec(ladder=(32, 64, 128, 1024))
CLASSES = SPEC.charset.num_classes
LINES = [ParityLine(np.full((32, width), 200, np.uint8), "A") for width in (30, 60, 120, 900)]
Batch = npt.NDArray[np.float32]


def always(character: str) -> Batch:
    """Scores of one step that are certain of one character."""
    scores = np.zeros(CLASSES, np.float32)
    scores[SPEC.charset.encode(character)[0]] = 9.0
    return scores


def reads_a(batch: Batch) -> npt.NDArray[np.floating]:
    return np.tile(always("A"), (len(batch), SPEC.time_steps(batch.shape[3]), 1))


def test_every_rung_odd_widths_and_batches_are_shown() -> None:
    seen: set[tuple[int, int]] = set()

    def watched(batch: Batch) -> npt.NDArray[np.floating]:
        seen.add((len(batch), batch.shape[3]))
        return reads_a(batch)

    agreement = compare(reads_a, watched, SPEC, LINES)
    assert {(lines, width) for width in SPEC.ladder for lines in (1, 3, 32)} <= seen
    assert {(lines, width) for width in (33, 101, 500, 1023) for lines in (1, 3)} <= seen
    assert (agreement.different, agreement.moved, agreement.cer, agreement.cer_export) == (0, 0, 0.0, 0.0)
    assert str(agreement) == f"{agreement.texts} of {agreement.texts} texts identical, scores within 0.0e+00"
    assert {33, 101, 500, 1023, 1792} <= set(parity_widths(LineSpec()))
    assert set(LineSpec().ladder) <= set(parity_widths(LineSpec()))


def test_steps_are_ceil_and_finite() -> None:
    def floored(batch: Batch) -> npt.NDArray[np.floating]:
        return reads_a(batch)[:, : batch.shape[3] // 4]

    with pytest.raises(ExportRejected, match=r"At 33 px in a batch of 1 the export gives .*1, 8, 126"):
        compare(reads_a, floored, SPEC, LINES)
    with pytest.raises(ExportRejected, match="not finite"):
        compare(reads_a, lambda batch: reads_a(batch) * np.float32(np.nan), SPEC, LINES)


def test_it_says_where_the_texts_part() -> None:
    def wrong_in_the_32nd(batch: Batch) -> npt.NDArray[np.floating]:
        scores = reads_a(batch)
        if len(batch) == 32 and batch.shape[3] == 128:
            scores[31] = always("B")
        return scores

    agreement = compare(reads_a, wrong_in_the_32nd, SPEC, LINES)
    assert (agreement.different, agreement.moved) == (1, 32)
    assert agreement.first == "at 128 px in a batch of 32, 'A' became 'B'"
    with pytest.raises(ExportRejected, match=r"x\.onnx was not written: a score is 9.0e\+00 off at 128 px in"):
        require(agreement, FP32, "x.onnx")


def test_batches_that_need_too_much_memory_are_left_out_and_named() -> None:
    agreement = compare(reads_a, reads_a, SPEC, LINES, memory=lambda lines, width: lines * width * 2**18)
    assert agreement.left_out == ("32 x 1024 px",)
    assert "not run at 32 x 1024 px" in str(agreement)


def found(**changes: float) -> Parity:
    values = {"texts": 2000, "different": 0, "steps": 9, "moved": 0, "worst_logit": 1e-5, "cer": 0.1, "cer_export": 0.1}
    return Parity(where="there", first="here", **(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limits", "changes", "problem"),
    [
        (FP32, {}, None),
        (FP32, {"different": 1}, "1 of 2000 texts differ; here"),
        (FP32, {"worst_logit": 0.01}, "a score is 1.0e-02 off there, and 5e-03 is allowed"),
        (FP32, {"worst_logit": float("nan")}, "a score is nan off there, and 5e-03 is allowed"),
        (FP32, {"texts": 0}, "nothing was compared"),
        (HALF, {"different": 2, "worst_logit": 0.1}, None),
        (HALF, {"different": 3}, "3 of 2000 texts differ; here"),
        (HALF, {"cer_export": 0.1002}, None),
        (HALF, {"cer_export": 0.1003}, "the CER rises by 0.030 points where 0.02 are allowed; here"),
        (INT8, {"different": 900, "cer_export": 0.101}, None),
        (INT8, {"cer_export": 0.1011}, "the CER rises by 0.110 points where 0.1 are allowed; here"),
    ],
)
def test_the_designs_limits(limits: object, changes: dict[str, float], problem: str | None) -> None:
    assert found(**changes).problem(limits) == problem  # type: ignore[arg-type]
