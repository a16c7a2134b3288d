"""Long runs on packed bits: what OpenCV's opening gives, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nordocr.detect.base import Mask
from nordocr.detect.rules.bits import LongRuns


def opened(ink: Mask, across: bool, length: int) -> Mask:
    thick = cv2.dilate(ink.view(np.uint8), np.ones((3, 1) if across else (1, 3), np.uint8))
    kernel = np.ones((1, length) if across else (length, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel) > 0, dtype=np.bool_)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("length", [15, 16, 33])
@pytest.mark.parametrize("shape", [(90, 131), (128, 64), (40, 9)])
def test_runs_are_those_of_an_opening(shape: tuple[int, int], length: int, across: bool) -> None:
    rng = np.random.default_rng(length)
    ink = rng.random(shape) < 0.03
    for _ in range(12):
        y, x, n = (int(rng.integers(0, limit)) for limit in (*shape, 60))
        ink[(y, slice(x, x + n)) if across else (slice(y, y + n), x)] = True
    wanted = opened(ink, across, length)
    runs = LongRuns(ink, across, length)
    assert bool(runs) == wanted.any()
    assert (runs.every(8) == (wanted[:, ::8] if across else wanted[::8])).all()
    for top, bottom, left, right in ((0, shape[0], 0, shape[1]), (3, 38, 2, 9), (8, 9, 8, 8)):
        window = slice(top, bottom), slice(left, right)
        assert (runs.window(*window) == wanted[window]).all()


def test_nothing_is_no_run() -> None:
    assert not LongRuns(np.zeros((50, 70), dtype=np.bool_), True, 20)
