"""How much work a page of specks makes: it grows with their number, not with its square."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from nordocr.detect import sheet
from nordocr.detect.components import Components, find_components
from nordocr.detect.rules.pieces import beside_letters

worked = 0


class Counted(np.ndarray):
    """An array that adds the size of what is computed with it, and with what is taken out of it, to ``worked``."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        global worked
        worked += max(np.size(one) for one in inputs)
        plain = [np.asarray(one) if isinstance(one, Counted) else one for one in inputs]
        if "out" in options:
            options["out"] = tuple(np.asarray(one) for one in options["out"])
        found = getattr(ufunc, method)(*plain, **options)
        return found.view(Counted) if isinstance(found, np.ndarray) else found


def counted(components: Components) -> Components:
    for name in ("left", "top", "right", "bottom", "area"):
        setattr(components, name, getattr(components, name).view(Counted))
    return components


def specks(side: int, *, thin: bool = False) -> npt.NDArray[np.uint8]:
    """A square page of blots as high as letters; ``thin``: of upright bars, as high, between two level rules."""
    rng = np.random.default_rng(3)
    if not thin:
        noise = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 3.5)
        return np.where(noise > 0.09, 0, 255).astype(np.uint8)
    page = np.full((side, side), 255, np.uint8)
    for x in range(8, side - 8, 12):
        for y in range(8, side - 30, 30):
            page[y + int(rng.integers(0, 4)) : y + 20, x : x + 2] = 0
    return page


def test_four_times_the_specks_are_not_sixteen_times_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    global worked
    monkeypatch.setattr(sheet, "find_components", lambda ink: counted(find_components(ink)))
    work = []
    for side in (420, 840):
        worked = 0
        assert sheet.take_apart(specks(side)) is not None
        work.append(worked)
    assert work[0] > 10_000
    assert work[1] < 10 * work[0]


def test_letters_beside_pieces_are_looked_for_in_their_rows_only() -> None:
    global worked
    work = []
    for side in (420, 840):
        components = counted(find_components(specks(side, thin=True) < 128))
        bars = np.arange(1, len(components.left), 2)
        worked = 0
        beside_letters(components, bars, 15.0)
        work.append(worked / len(bars))
    assert work[1] < 3 * work[0]
