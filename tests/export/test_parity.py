"""The parity check: what it looks at, what it refuses, and where it says that two models part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from nordocr.errors import ExportRejected
from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.export.parity import FP32, HALF, INT8, Extent, Group, Parity, Tolerance, require
from nordocr.export.parity_run import ParityLine, compare, parity_widths
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


def test_the_quick_check_shows_every_width_and_large_batches_of_narrow_lines() -> None:
    seen: set[tuple[int, int]] = set()
    asked: list[int] = []

    def watched(batch: Batch) -> npt.NDArray[np.floating]:
        seen.add((len(batch), batch.shape[3]))
        return reads_a(batch)

    def counted(batch: Batch) -> npt.NDArray[np.floating]:
        asked.append(batch.shape[3] * len(batch))
        return reads_a(batch)

    compare(counted, watched, SPEC, LINES, extent="quick")
    assert {(lines, width) for width in parity_widths(SPEC) for lines in (1, 3)} <= seen
    assert {(32, width) for width in (32, 64, 128)} <= seen
    assert (32, 1024) not in seen
    quick = sum(asked)
    asked.clear()
    compare(counted, watched, SPEC, LINES, extent="full")
    assert quick < 0.9 * sum(asked)


@pytest.mark.parametrize("extent", ["quick", "full"])
def test_steps_are_ceil_and_finite(extent: Extent) -> None:
    def floored(batch: Batch) -> npt.NDArray[np.floating]:
        return reads_a(batch)[:, : batch.shape[3] // 4]

    with pytest.raises(ExportRejected, match=r"At 33 px in a batch of 1 the export gives .*1, 8, 126"):
        compare(reads_a, floored, SPEC, LINES, extent=extent)
    with pytest.raises(ExportRejected, match="not finite"):
        compare(reads_a, lambda batch: reads_a(batch) * np.float32(np.nan), SPEC, LINES, extent=extent)


@pytest.mark.parametrize("extent", ["quick", "full"])
def test_it_says_where_the_texts_part(extent: Extent) -> None:
    def wrong_in_the_32nd(batch: Batch) -> npt.NDArray[np.floating]:
        scores = reads_a(batch)
        if len(batch) == 32 and batch.shape[3] == 128:
            scores[31] = always("B")
        return scores

    agreement = compare(reads_a, wrong_in_the_32nd, SPEC, LINES, extent=extent)
    assert (agreement.different, agreement.moved) == (1, 32)
    assert agreement.stretched.first == "at 128 px in a batch of 32, 'A' became 'B'"
    with pytest.raises(ExportRejected, match=r"x\.onnx was not written: a score is 9.0e\+00 off at 128 px in"):
        require(agreement, FP32, "x.onnx")


def test_batches_that_need_too_much_memory_are_left_out_and_named() -> None:
    agreement = compare(reads_a, reads_a, SPEC, LINES, memory=lambda lines, width: lines * width * 2**18)
    assert agreement.left_out == ("32 x 1024 px",)
    assert "not run at 32 x 1024 px" in str(agreement)


@pytest.mark.parametrize("extent", ["quick", "full"])
def test_padding_is_never_decoded_on_either_side(extent: Extent) -> None:
    def speaks_in_padding(batch: Batch) -> npt.NDArray[np.floating]:
        scores = reads_a(batch)
        white = batch[:, 0, 0, ::4] == 1.0  # the lines are gray, so only padding is
        scores[white[:, : scores.shape[1]]] = always("B")
        return scores

    agreement = compare(reads_a, speaks_in_padding, SPEC, LINES, extent=extent)
    # Lines of 28, 60, 120 and 900 px are padded to 32, 64, 128 and 1024.
    assert (agreement.natural.texts, agreement.natural.different, agreement.moved) == (4, 0, 0)
    assert (agreement.cer, agreement.cer_export, agreement.worst_logit) == (0.0, 0.0, 0.0)


PLANTED = {
    "a class moved": lambda scores, batch: np.roll(scores, 1, axis=2),
    "half of the lines shifted a step": lambda scores, batch: np.roll(scores, 1, axis=1) * (scores > 0),
    "softmax in the graph": lambda scores, batch: np.exp(scores) / np.exp(scores).sum(-1, keepdims=True),
    "one odd width": lambda scores, batch: scores * (batch.shape[3] != 101),
    "only alone": lambda scores, batch: scores * (len(batch) != 1),
    "only wide lines": lambda scores, batch: scores * (batch.shape[3] < 1000),
    "rows of a batch swapped": lambda scores, batch: scores[::-1],
}


@pytest.mark.parametrize("extent", ["quick", "full"])
@pytest.mark.parametrize("fault", PLANTED)
def test_planted_faults_are_found(fault: str, extent: Extent) -> None:
    def reads_gray(batch: Batch) -> npt.NDArray[np.floating]:
        """The darker a column, the later its letter: lines and steps differ."""
        scores = np.zeros((len(batch), SPEC.time_steps(batch.shape[3]), CLASSES), np.float32)
        level = np.round((1 - batch[:, 0, 0, ::4]) * 20).astype(int)
        np.put_along_axis(scores, level[..., None], 9.0, axis=2)
        return scores

    rng = np.random.default_rng(2)
    lines = [ParityLine(np.tile(rng.integers(0, 200, w, dtype=np.uint8), (32, 1)), "A") for w in (30, 60, 120, 900)]
    wrong = PLANTED[fault]
    agreement = compare(reads_gray, lambda batch: wrong(reads_gray(batch), batch), SPEC, lines, extent=extent)
    assert agreement.problem(FP32) is not None
    assert compare(reads_gray, reads_gray, SPEC, lines, extent=extent).problem(FP32) is None


def test_near_ties_are_those_that_the_precision_does_not_tell_apart() -> None:
    def undecided(margin: float, winner: str) -> npt.NDArray[np.float32]:
        scores = 16 * (always("A") + always("B")) / 9
        scores[SPEC.charset.encode(winner)[0]] += margin / 2
        return scores

    spacing = 16 * 2**-10
    for margin, ties in ((0.9 * spacing, 4), (3 * spacing, 0)):

        def reference(batch: Batch, held: float = margin) -> npt.NDArray[np.floating]:
            return np.tile(undecided(2 * held, "A"), (len(batch), SPEC.time_steps(batch.shape[3]), 1))

        def candidate(batch: Batch, held: float = margin) -> npt.NDArray[np.floating]:
            return np.tile(undecided(2 * held, "B"), (len(batch), SPEC.time_steps(batch.shape[3]), 1))

        found = compare(reference, candidate, SPEC, LINES, resolution=HALF.resolution)
        assert (found.natural.different, found.natural.near_ties) == (4, ties)
        assert compare(reference, candidate, SPEC, LINES).natural.near_ties == 0


def test_random_strings_are_judged_apart_and_say_nothing_of_the_cer() -> None:
    lines = [ParityLine(line.image, line.text, random=line.image.shape[1] == 60) for line in LINES]

    def wrong_at_60(batch: Batch) -> npt.NDArray[np.floating]:
        scores = reads_a(batch)
        if batch.shape == (1, 3, 32, 64) and (batch[..., 60:] == 1).all():
            scores[:] = always("B")
        return scores

    found = compare(reads_a, wrong_at_60, SPEC, lines)
    assert (found.random.texts, found.random.different, found.natural.different) == (1, 1, 0)
    assert (found.natural.texts, found.cer, found.cer_export) == (3, 0.0, 0.0)
    said = str(found)
    assert "0 of 3 natural lines, 1 of 1 random strings, 0 of" in said


def found(
    different: int = 0, near_ties: int = 0, random: int = 0, stretched: int = 0, texts: int = 2000, **changes: object
) -> Parity:
    values: dict[str, object] = {"steps": 9, "worst_logit": 1e-5, "cer": 0.1, "cer_export": 0.1, "where": "there"}
    return Parity(
        natural=Group(texts, different, near_ties, "here"),
        random=Group(texts and 100, random, 0, "somewhere"),
        stretched=Group(texts and 500, stretched, 0, "anywhere"),
        **(values | changes),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("limits", "changes", "problem"),
    [
        (FP32, {}, None),
        (FP32, {"different": 1}, "1 of 2000 texts of natural lines differ; here"),
        (FP32, {"random": 1}, "1 of 100 texts of random strings differ; somewhere"),
        (FP32, {"stretched": 1}, "1 of 500 texts of stretched lines differ; anywhere"),
        (FP32, {"worst_logit": 0.01}, "a score is 1.0e-02 off there, and 5e-03 is allowed"),
        (FP32, {"worst_logit": float("nan")}, "a score is nan off there, and 5e-03 is allowed"),
        (FP32, {"texts": 0}, "nothing was compared"),
        (HALF, {"different": 2, "worst_logit": 0.1}, None),
        (HALF, {"different": 3}, "3 of 2000 texts of natural lines differ; here"),
        (HALF, {"different": 5, "near_ties": 3}, None),
        (HALF, {"random": 1, "stretched": 5}, None),
        (HALF, {"random": 2}, "2 of 100 texts of random strings differ; somewhere"),
        (HALF, {"stretched": 6}, "6 of 500 texts of stretched lines differ; anywhere"),
        (HALF, {"cer_export": 0.1002}, None),
        (HALF, {"cer_export": 0.1003}, "the CER rises by 0.030 points where 0.02 are allowed; here"),
        (HALF, {"cer_export": 0.1001, "rise": Interval(low=0.0, high=0.0005)}, None),
        (
            HALF,
            {"cer_export": 0.1001, "rise": Interval(low=0.0, high=0.0006)},
            "the CER may rise by 0.060 points (95 % interval) where 0.05 are allowed; here",
        ),
        (INT8, {"different": 900, "cer_export": 0.101}, None),
        (INT8, {"cer_export": 0.1011}, "the CER rises by 0.110 points where 0.1 are allowed; here"),
    ],
)
def test_the_tolerances(limits: Tolerance, changes: dict[str, object], problem: str | None) -> None:
    assert found(**changes).problem(limits) == problem  # type: ignore[arg-type]


def test_the_rise_of_the_cer_has_an_interval_over_lines() -> None:
    lines = [ParityLine(np.full((32, 40 + 4 * n), 200, np.uint8), "A") for n in range(20)]
    spec = LineSpec(ladder=(32, 128), max_width=128)

    def one_in_four(batch: Batch) -> npt.NDArray[np.floating]:
        scores = reads_a(batch)
        scores[::4] = always("B")
        return scores

    agreement = compare(reads_a, one_in_four, spec, lines)
    assert agreement.cer == 0.0 and agreement.cer_export > 0.2
    assert agreement.rise is not None
    assert 0 < agreement.rise.low < agreement.cer_export < agreement.rise.high < 0.6
    assert f"{100 * agreement.rise.high:+.3f})" in str(agreement)
