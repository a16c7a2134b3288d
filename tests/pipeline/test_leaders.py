"""Long rows of dots are read short and written whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nordocr.ctc import WordSpan
from nordocr.pipeline.leaders import Leader, leader_of, read_with_leaders, unfolded
from nordocr.recognize.base import Crop, LineText

DOTS, STEP = 90, 11


def line(dots: int = DOTS, *, step: int = STEP, missing: tuple[int, ...] = (), pepper: int = 0) -> Crop:
    """A label of ten bars, dots, and a number of two bars, 60 px high."""
    crop = np.full((60, 200 + dots * step + 80), 255, np.uint8)
    for x in (*range(10, 190, 18), crop.shape[1] - 60, crop.shape[1] - 40):
        crop[15:45, x : x + 8] = 0
    for number in set(range(dots)) - set(missing):
        x = 200 + number * step
        crop[39:45, x : x + 6] = 0
    rng = np.random.default_rng(3)
    for y, x in zip(rng.integers(2, 30, pepper), rng.integers(200, crop.shape[1] - 80, pepper), strict=True):
        crop[y : y + 2, x : x + 3] = 0
    return crop


class Reads:
    """A recogniser that reads a label, a few dots and a number, and keeps what it was shown."""

    name = model = model_sha256 = "reads"

    def __init__(self, text: str = "Bilagor ..... 12") -> None:
        self.text, self.seen = text, []

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.seen: list[Crop] = list(crops)
        share = 1 / len(self.text)
        extents = tuple((i * share, (i + 1) * share) for i in range(len(self.text)))
        words = [WordSpan(w, 0.8, self.text.index(w) * share, (self.text.index(w) + len(w)) * share) for w in
                 dict.fromkeys(self.text.split())]  # fmt: skip
        sure = tuple((0.5 if i % 2 else 0.8) if c == "." else 0.9 for i, c in enumerate(self.text))
        return [LineText(self.text, min(sure), sure, tuple(words), (), extents) for _ in crops]

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("missing", [(), (20, 21, 40), tuple(range(3, 90, 7))])
@pytest.mark.parametrize("pepper", [0, 40])
def test_dots_are_counted_whatever_is_missing(missing: tuple[int, ...], pepper: int) -> None:
    crop = line(missing=missing, pepper=pepper)
    found = leader_of(crop)
    assert found is not None
    assert found.count == DOTS
    assert 200 < found.first < 200 + 10 * STEP
    assert 200 + (DOTS - 10) * STEP < found.last < 200 + DOTS * STEP


def test_the_line_is_read_short_and_written_whole() -> None:
    reader = Reads()
    crop = line()
    [text] = read_with_leaders(reader, [crop])
    [short] = reader.seen
    assert short.shape[1] < 0.5 * crop.shape[1]
    assert text.text == "Bilagor " + DOTS * "." + " 12"
    assert len(text.char_confidences) == len(text.char_extents) == len(text.text)
    assert set(text.char_confidences[8 : 8 + DOTS]) == {0.8}
    assert text.confidence == 0.8
    assert [word.text for word in text.words] == ["Bilagor", DOTS * ".", "12"]
    lefts = [left for left, _ in text.char_extents]
    assert lefts == sorted(lefts)
    assert text.char_extents[-1][1] == pytest.approx(1.0)
    assert text.words[2].left > (200 + (DOTS - 10) * STEP) / crop.shape[1]
    assert text.words[0].right < 200 / crop.shape[1] + 0.1


@pytest.mark.parametrize("read", ["Bilagor . . . . 12", "Bilagor . . . . .. . . 12"])
def test_spaced_dots_stay_spaced(read: str) -> None:
    text = read_with_leaders(Reads(read), [line()])[0]
    assert text.text == "Bilagor " + " ".join(DOTS * ".") + " 12"
    assert [word.text for word in text.words] == ["Bilagor", " ".join(DOTS * "."), "12"]


def test_where_no_dots_were_read_none_are_put_in() -> None:
    text = read_with_leaders(Reads("Bilagor 12"), [line()])[0]
    assert text.text == "Bilagor 12"
    assert text.char_extents[-1][1] == pytest.approx(1.0)


@pytest.mark.parametrize("crop", [line(12), line(60, missing=tuple(range(5, 55))), np.full((60, 900), 255, np.uint8)])
def test_other_lines_are_read_as_they_are(crop: Crop) -> None:
    reader = Reads()
    assert leader_of(crop) is None
    read_with_leaders(reader, [crop])
    assert reader.seen[0] is crop


def test_places_before_and_behind_the_fold() -> None:
    text = LineText("a ... b", 1.0, (), (WordSpan("a", 1.0, 0.0, 0.1), WordSpan("b", 1.0, 0.9, 1.0)))
    whole = unfolded(text, Leader(40, 50, 150), 200)
    assert (whole.words[0].left, whole.words[0].right) == (0.0, 0.05)
    assert (whole.words[-1].left, whole.words[-1].right) == pytest.approx((0.95, 1.0))
