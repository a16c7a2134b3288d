"""Framing by ink: crops that are askew are straightened, loose ones cut; everything else stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from nordocr.framing import INK_SHARE, frame
from nordocr.linespec import LineSpec, prepare

UInt8Array = npt.NDArray[np.uint8]
FRAMED = LineSpec(interpolation="area", framing="ink")


def typed(text: str = "Resultat efter skatt 1234", above: int = 40, below: int = 30) -> UInt8Array:
    """A line of letters with so much paper above and below its ink."""
    page = np.full((160, 24 * len(text)), 235, np.uint8)
    cv2.putText(page, text, (10, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 3)
    rows = np.flatnonzero((page < 128).any(axis=1))
    ink = page[rows[0] : rows[-1] + 1, : np.flatnonzero((page < 128).any(axis=0))[-1] + 12]
    return np.pad(ink, ((above, below), (0, 0)), constant_values=235)


def climbing(crop: UInt8Array, rise: float) -> UInt8Array:
    """The crop whose line climbs by ``rise`` rows from its left end to its right, on paper enough for it."""
    height, width = crop.shape
    more = int(np.ceil(rise))
    matrix = np.asarray([[1, 0, 0], [-rise / width, 1, more]], dtype=np.float64)
    moved = cv2.warpAffine(crop, matrix, (width, height + more), borderMode=cv2.BORDER_CONSTANT, borderValue=[235.0])
    return np.asarray(moved, dtype=np.uint8)


def ink_share(crop: UInt8Array) -> float:
    rows = np.flatnonzero((crop < 128).any(axis=1))
    return float(rows[-1] + 1 - rows[0]) / crop.shape[0]


@pytest.mark.parametrize(("above", "below"), [(40, 30), (60, 4), (3, 80), (15, 15)])
def test_a_loose_crop_is_cut_around_its_ink(above: int, below: int) -> None:
    crop = typed(above=above, below=below)
    cut = frame(crop, 0)
    # The paper on one side may be less than the margin; then the ink's share is higher, never lower.
    assert INK_SHARE - 0.06 <= ink_share(cut) <= (0.90 if min(above, below) < 5 else INK_SHARE + 0.06)
    assert cut.shape[1] == crop.shape[1]
    assert np.array_equal(cut.min(axis=0), crop.min(axis=0))  # no ink is lost


def test_a_tight_crop_stays_as_it_is() -> None:
    crop = typed(above=3, below=3)
    assert frame(crop, 0) is crop


@pytest.mark.parametrize("text", ["-", "......", "", "_ _"])
def test_ink_that_says_nothing_of_the_type_s_size_is_not_framed(text: str) -> None:
    crop = np.full((60, 200), 235, np.uint8)
    cv2.putText(crop, text, (10, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 2)
    assert frame(crop, 0) is crop


def test_neighbours_ink_at_the_edges_does_not_count() -> None:
    crop = typed()
    alone = frame(crop, 0)
    crowded = crop.copy()
    crowded[:6, 20:300:7] = 20  # feet of the line above
    crowded[-5:, 40:260:9] = 20  # heads of the line below
    assert np.array_equal(frame(crowded, 0), alone)


def test_white_on_black_and_a_boxed_cell_are_not_framed() -> None:
    crop = typed()
    black = 255 - crop
    assert frame(black, 0) is black
    boxed = typed(above=10, below=10)
    boxed[:, :3] = boxed[:, -3:] = boxed[:3] = boxed[-3:] = 0
    assert frame(boxed, 0).shape == boxed.shape


@pytest.mark.parametrize("rise", [-40.0, 40.0])
def test_a_line_that_climbs_through_its_crop_is_straightened(rise: float) -> None:
    crop = climbing(typed(above=2, below=2), abs(rise))
    if rise < 0:
        crop = np.ascontiguousarray(crop[:, ::-1])
    level = frame(crop, 0)
    assert level.shape[0] < 0.8 * crop.shape[0]
    halves = [np.flatnonzero((part < 128).any(axis=1)) for part in np.array_split(level, 2, axis=1)]
    assert abs(int(halves[0][-1]) - int(halves[1][-1])) <= 3  # both halves end on one row


def askew_between_neighbours(climb: float) -> UInt8Array:
    """The box of a line that climbs by that many of its heights, with what it shows of the lines above and below."""
    own = typed("Bolaget har sitt säte i Åre och 35 kunder", above=3, below=3)
    height, width = own.shape
    above, below = (
        np.pad(other[:, :width], ((0, 0), (0, max(0, width - other.shape[1]))), constant_values=235)
        for other in (typed(text, above=3, below=3) for text in ("Arets resultat uppgar till 1234", "Styrelsen " * 5))
    )
    lines = np.vstack([cv2.resize(part, (width, height)) for part in (above, own, below)])
    rise = climb * height
    more = int(rise / 2) + 2
    matrix = np.asarray([[1, 0, 0], [-rise / width, 1, rise / 2 + more]], dtype=np.float64)
    size = (width, lines.shape[0] + 2 * more)
    moved = cv2.warpAffine(lines, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=[235.0])
    top, bottom = more + height - int(rise / 2), more + 2 * height + int(rise / 2)
    return np.ascontiguousarray(np.asarray(moved, dtype=np.uint8)[top:bottom])


@pytest.mark.parametrize("climb", [1.0, 1.6])
@pytest.mark.parametrize("falls", [False, True])
def test_a_line_askew_between_its_neighbours_is_straightened(climb: float, falls: bool) -> None:
    crop = askew_between_neighbours(climb)
    crop = np.ascontiguousarray(crop[:, ::-1]) if falls else crop
    level = frame(crop, 0)
    # What is left is the line's own height and some paper: before, both neighbours climbed through the crop.
    own = typed("Bolaget har sitt säte i Åre och 35 kunder", above=3, below=3).shape[0]
    assert level.shape[0] <= 1.5 * own


def test_a_long_line_far_askew_is_straightened() -> None:
    """Its letters take an eighth of the crop's height."""
    crop = climbing(typed("Revisorns ansvar beskrivs i ett eget avsnitt " * 2, above=2, below=2), 160.0)
    assert frame(crop, 0).shape[0] < 0.4 * crop.shape[0]


def test_white_on_black_is_not_straightened_by_its_counters() -> None:
    crop = 255 - climbing(typed("Summa eget kapital och skulder", above=2, below=2), 30.0)
    assert frame(crop, 0).shape == crop.shape


def peppered(crop: UInt8Array, share: float) -> UInt8Array:
    return np.where(np.random.default_rng(7).random(crop.shape) < share, np.uint8(0), crop)


def test_pepper_is_taken_out_of_a_low_crop() -> None:
    clean = typed(above=3, below=3)
    crop = peppered(clean, 0.02)
    framed = frame(crop, 0)
    assert framed.shape == crop.shape
    assert np.count_nonzero(framed < 128) < np.count_nonzero(clean < 128) + 0.2 * np.count_nonzero(crop != clean)
    assert np.count_nonzero((framed < 128) & (clean < 128)) > 0.98 * np.count_nonzero(clean < 128)  # no ink is lost
    colour = np.repeat(crop[:, :, None], 3, axis=2)
    assert np.array_equal(frame(colour, 0)[:, :, 1], framed)


def test_a_few_grains_stay_since_they_may_be_type() -> None:
    crop = peppered(typed(above=3, below=3), 0.0005)
    assert frame(crop, 0) is crop


def test_a_line_that_climbs_little_is_not_resampled() -> None:
    crop = climbing(typed(above=2, below=2), 4.0)
    assert frame(crop, 0) is crop


def test_colour_is_framed_as_gray_is() -> None:
    crop = typed()
    colour = np.repeat(crop[:, :, None], 3, axis=2)
    assert np.array_equal(frame(colour, 0)[:, :, 1], frame(crop, 0))


def test_framing_never_makes_a_line_wider_than_the_recogniser_takes() -> None:
    crop = typed("Resultat efter finansiella poster och skatt " * 2, above=50, below=50)
    natural = crop.shape[1] * 32 / crop.shape[0]
    limit = int(natural) + 40
    line = prepare(crop, FRAMED, limit)
    assert not line.squeezed
    assert natural - 4 < line.width <= limit
    assert prepare(crop, FRAMED, 1792).width > 1.3 * natural


def test_only_version_3_frames() -> None:
    crop = typed()
    whole = prepare(crop, LineSpec(interpolation="area"))
    assert whole.width == crop.shape[1] * 32 // crop.shape[0] // 4 * 4
    assert prepare(crop, FRAMED).width > 1.3 * whole.width
