"""The line contract's resize: golden tensors, squeezing, and the interpolations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nordocr.linespec import AspectPreservingResize, LineSpec, collate, prepare

SPEC = LineSpec()
GOLDEN = Path(__file__).parent / "golden" / "resize.npz"
CASES = {  # name -> width after the resize, worked out by hand in golden/make_resize.py
    "ramp_48x200": 132,
    "ramp_20x77": 120,
    "ramp_64x256": 128,
    "sine_80x301": 120,
    "sine_33x101": 96,
    "bars_60x250": 132,
    "bars_24x1000": 1024,
}


@pytest.fixture(scope="module")
def golden() -> dict[str, npt.NDArray[np.uint8]]:
    with np.load(GOLDEN) as arrays:
        return {name: arrays[name] for name in arrays.files}


def bilinear(image: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.float64]:
    """Bilinear resize written from its definition: centres at half pixels, the border repeated, no antialiasing."""

    def axis(size: int, wanted: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        at = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
        low = np.floor(at).astype(np.intp)
        return low, np.minimum(low + 1, size - 1), at - low

    top, bottom, down = axis(image.shape[0], height)
    left, right, across = axis(image.shape[1], width)
    pixels = image.astype(np.float64).reshape(*image.shape[:2], -1)
    down, across = down[:, None, None], across[None, :, None]
    upper = pixels[top][:, left] * (1 - across) + pixels[top][:, right] * across
    lower = pixels[bottom][:, left] * (1 - across) + pixels[bottom][:, right] * across
    return (upper * (1 - down) + lower * down).reshape(height, width, *image.shape[2:])


def assert_within_a_level(got: npt.NDArray[np.generic], wanted: npt.NDArray[np.generic]) -> None:
    assert got.shape == wanted.shape
    difference = np.abs(got.astype(np.float64) - wanted.astype(np.float64))
    assert difference.max() <= 1.0
    # Rounding may go either way at a few pixels; a shifted or antialiased resize is off nearly everywhere.
    assert difference.mean() < 0.51


@pytest.mark.parametrize(("name", "width"), CASES.items())
def test_resize_gives_the_golden_tensor(golden: dict[str, npt.NDArray[np.uint8]], name: str, width: int) -> None:
    line = prepare(golden[f"in/{name}"], SPEC)
    assert line.pixels.dtype == np.uint8
    assert line.pixels.shape[:2] == (32, width)
    assert line.width == width
    assert_within_a_level(line.pixels, golden[f"out/{name}"])


@pytest.mark.parametrize("name", CASES)
def test_resize_is_bilinear_with_half_pixel_centres(golden: dict[str, npt.NDArray[np.uint8]], name: str) -> None:
    assert_within_a_level(prepare(golden[f"in/{name}"], SPEC).pixels, bilinear(golden[f"in/{name}"], 32, CASES[name]))


def test_the_golden_cases_would_show_another_resize(golden: dict[str, npt.NDArray[np.uint8]]) -> None:
    image = golden["in/sine_80x301"]
    antialiased = prepare(image, LineSpec(interpolation="area")).pixels
    assert np.abs(antialiased.astype(int) - golden["out/sine_80x301"]).max() > 1
    corners = image[np.arange(32) * 80 // 32][:, np.arange(120) * 301 // 120]
    assert np.abs(corners.astype(int) - golden["out/sine_80x301"]).max() > 1


def test_a_crop_that_fits_is_not_touched() -> None:
    crop = np.random.default_rng(1).integers(0, 256, (32, 100), dtype=np.uint8)
    line = prepare(crop, SPEC)
    np.testing.assert_array_equal(line.pixels, crop)


def test_the_caller_s_crop_is_not_changed() -> None:
    crop = np.random.default_rng(2).integers(0, 256, (50, 111, 3), dtype=np.uint8)
    before = crop.copy()
    collate([prepare(crop, SPEC)], 128, SPEC)
    np.testing.assert_array_equal(crop, before)


def test_a_view_of_a_page_is_read_like_its_copy() -> None:
    page = np.random.default_rng(3).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    view = page[20:61, 30:230]
    np.testing.assert_array_equal(prepare(view, SPEC).pixels, prepare(view.copy(), SPEC).pixels)
    mirrored = page[20:61, 230:30:-1]
    np.testing.assert_array_equal(prepare(mirrored, SPEC).pixels, prepare(mirrored.copy(), SPEC).pixels)


# Squeezing


@pytest.mark.parametrize(
    ("width", "wide", "squeezed"),
    [(1023, 1020, False), (1024, 1024, False), (1027, 1024, False), (1028, 1024, True), (1500, 1024, True)],
)
def test_a_line_over_the_maximum_is_squeezed_and_says_so(width: int, wide: int, squeezed: bool) -> None:
    line = prepare(np.full((32, width), 200, dtype=np.uint8), SPEC)
    assert (line.width, line.squeezed) == (wide, squeezed)


def test_a_squeezed_line_keeps_its_right_end() -> None:
    crop = np.full((32, 4000), 255, dtype=np.uint8)
    crop[:, -200:] = 0  # the last twentieth is ink, so the last twentieth of the squeezed line is
    line = prepare(crop, SPEC)
    assert line.squeezed
    assert (line.pixels[:, : 1024 - 54] == 255).all()
    assert (line.pixels[:, 1024 - 48 :] == 0).all()


def test_reading_may_go_up_to_the_ceiling() -> None:
    crop = np.full((32, 1800), 255, dtype=np.uint8)
    assert (prepare(crop, SPEC, 1792).width, prepare(crop, SPEC, 1792).squeezed) == (1792, True)
    assert (prepare(crop[:, :1794], SPEC, 1792).width, prepare(crop[:, :1794], SPEC, 1792).squeezed) == (1792, False)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 400))))
def test_any_crop_becomes_a_line_of_the_contract(crop: npt.NDArray[np.uint8]) -> None:
    line = prepare(crop, SPEC)
    assert line.pixels.shape[0] == 32
    assert line.width % 4 == 0
    assert 4 <= line.width <= 1024
    assert line.pixels.flags.c_contiguous
    assert crop.min() <= line.pixels.min()
    assert line.pixels.max() <= crop.max()


def test_a_very_long_crop_is_squeezed_too() -> None:
    line = prepare(np.full((40, 40_000), 255, dtype=np.uint8), SPEC)
    assert (line.width, line.squeezed) == (1024, True)


# The name that today's training code uses


def test_aspect_preserving_resize_is_prepare(golden: dict[str, npt.NDArray[np.uint8]]) -> None:
    resize = AspectPreservingResize(target_h=32, max_w=1024)
    assert resize.spec == SPEC
    for name, width in CASES.items():
        image = resize(golden[f"in/{name}"])
        assert image.shape[:2] == (32, width)
        np.testing.assert_array_equal(image, prepare(golden[f"in/{name}"], SPEC).pixels)


def test_aspect_preserving_resize_takes_other_sizes() -> None:
    image = np.zeros((50, 1000), dtype=np.uint8)
    assert AspectPreservingResize()(image).shape == (32, 640)
    assert AspectPreservingResize(max_w=512)(image).shape == (32, 512)
    assert AspectPreservingResize(target_h=48, max_w=1792)(image).shape == (48, 960)


def test_version_4_is_version_3_but_where_a_crop_is_enlarged() -> None:
    three, four = (LineSpec(interpolation=how, framing="ink") for how in ("area", "area-lanczos"))
    rng = np.random.default_rng(8)
    for height, width, limit in ((48, 300, 1024), (32, 300, 1024), (90, 700, 128), (20, 700, 256)):
        crop = rng.integers(0, 256, (height, width), dtype=np.uint8)
        assert np.array_equal(prepare(crop, four, limit).pixels, prepare(crop, three, limit).pixels)
    # A wave 20 px high, as type in a 100 dpi fax: by area pixels are repeated, by Lanczos's window it stays a wave.

    def wave(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return 127.5 + 100 * np.cos(2 * np.pi * places / 6)

    crop = np.round(np.tile(wave(np.arange(100.0)), (20, 1))).astype(np.uint8)
    wanted = wave((np.arange(160) + 0.5) * 100 / 160 - 0.5)[8:-8]
    off = [np.abs(prepare(crop, spec).pixels[16, 8:-8] - wanted).mean() for spec in (three, four)]
    assert off[1] < 1 and off[0] > 5


def test_area_keeps_what_bilinear_steps_over() -> None:
    # Rows 0, 4, 8, ... of a crop four times too high are black: bilinear samples rows 1 and 2 of each four, area all.
    crop = np.full((128, 128), 255, np.uint8)
    crop[::4] = 0
    assert (prepare(crop, LineSpec()).pixels == 255).all()
    assert (prepare(crop, LineSpec(interpolation="area")).pixels == 191).all()
