"""How often the detector goes over a whole page: seconds depend on the machine, passes do not."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.orientation import page_lie

ROWS, COLUMNS = 3508, 2480


def page() -> np.ndarray:
    """A black and white page of type at 300 dpi, with a rule."""
    image = np.full((ROWS, COLUMNS), 255, dtype=np.uint8)
    for row in range(30):
        cv2.putText(image, "Hyra för lokaler och bilar", (250, 300 + 90 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    image[3100:3104, 250:2200] = 0
    return np.where(image < 128, np.uint8(0), np.uint8(255))


def counted(monkeypatch: pytest.MonkeyPatch, name: str, least: int) -> list[int]:
    """The pixels of each call of ``cv2.name`` with an image of at least ``least``."""
    seen: list[int] = []
    real: Any = getattr(cv2, name)

    def counting(image: np.ndarray, *args: Any, **options: Any) -> Any:
        if image.size >= least:
            seen.append(image.size)
        return real(image, *args, **options)

    monkeypatch.setattr(cv2, name, counting)
    return seen


def test_a_clean_page_is_labelled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("connectedComponentsWithStatsWithAlgorithm", "connectedComponentsWithStats", "connectedComponents")
    labelled = [counted(monkeypatch, name, ROWS * COLUMNS // 4) for name in names]
    opened = counted(monkeypatch, "morphologyEx", ROWS * COLUMNS // 4)
    assert len(MorphologyDetector().detect(page())) == 30
    assert [len(calls) for calls in labelled] == [1, 0, 0]
    assert not opened


def test_a_page_of_300_dpi_is_halved_to_see_how_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = counted(monkeypatch, "connectedComponentsWithStatsWithAlgorithm", 1_000_000)
    assert page_lie(page()).turn == 0
    assert labelled == [ROWS // 2 * (COLUMNS // 2)]
