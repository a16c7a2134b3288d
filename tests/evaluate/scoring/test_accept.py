from __future__ import annotations

import numpy as np
import pytest

from nordocr.evaluate.scoring.accept import accept_curve, calibration_error


def test_the_loosest_threshold_that_reaches_a_target() -> None:
    # 1000 sure lines with one error, then 10 unsure ones that are all wrong.
    confidences = [0.9] * 999 + [0.95] + [0.2] * 10
    right = [True] * 999 + [False] + [False] * 10
    curve = accept_curve(confidences, right)
    point = curve.targets["0.999"]
    assert point is not None
    assert (point.threshold, point.lines, point.exactness) == (0.9, 1000, 0.999)
    assert point.share == pytest.approx(1000 / 1010)
    assert [p.threshold for p in curve.points] == [0.95, 0.9, 0.2]
    assert [p.exactness for p in curve.points] == [0.0, 0.999, pytest.approx(999 / 1010)]


def test_each_target_is_sought_by_itself() -> None:
    # 200 lines: the first hundred all exact, then one error in a hundred.
    confidences = [1 - n / 1000 for n in range(200)]
    right = [n not in (100, 150) for n in range(200)]
    targets = accept_curve(confidences, right).targets
    assert list(targets) == ["0.99", "0.995", "0.999"]
    assert [point.lines if point else None for point in targets.values()] == [200, 100, 100]
    assert len(accept_curve(confidences, right).points) == 100


def test_a_target_out_of_reach_is_none() -> None:
    assert accept_curve([0.5, 0.6], [False, True]).targets["0.999"] is not None
    assert accept_curve([0.5, 0.5], [False, True]).targets["0.999"] is None


def test_lines_of_equal_confidence_are_accepted_together() -> None:
    curve = accept_curve([0.7, 0.7, 0.7], [True, False, True])
    assert len(curve.points) == 1 and curve.points[0].exactness == pytest.approx(2 / 3)


def test_calibration_error() -> None:
    sure = np.ones(4)
    assert calibration_error(sure, np.ones(4)) == 0.0
    assert calibration_error(sure, np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.25)
    # Two bins, half the lines each: |0.9 - 0.5| and |0.3 - 0.0|.
    found = calibration_error(np.array([0.9, 0.9, 0.3, 0.3]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert found == pytest.approx(0.5 * 0.4 + 0.5 * 0.3)


def test_the_points_listed_are_few_but_keep_both_ends() -> None:
    confidences = np.linspace(0, 1, 1001).tolist()
    curve = accept_curve(confidences, [c > 0.3 for c in confidences], points=11)
    assert len(curve.points) == 11
    assert (curve.points[0].threshold, curve.points[-1].threshold) == (1.0, 0.0)
    assert curve.points[-1].share == 1.0


@pytest.mark.parametrize(("confidences", "right"), [([], []), ([0.5], [True, False]), ([1.5], [True])])
def test_what_makes_no_curve(confidences: list[float], right: list[bool]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        accept_curve(confidences, right)
