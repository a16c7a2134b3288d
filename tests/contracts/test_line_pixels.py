"""The line contract's pixels: golden tensors for the resize, white padding, normalisation, channel order, inputs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nordocr.errors import DataInvalid
from nordocr.linespec import AspectPreservingResize, LineSpec, PreparedLine, collate, prepare, stack

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


# Normalisation


def test_normalisation_is_pixel_over_127_5_minus_1_for_every_byte() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :], 32, axis=0)
    tensor = collate([PreparedLine(ramp)], 256, SPEC)
    wanted = np.array([float(Fraction(2 * p, 255) - 1) for p in range(256)]).astype(np.float32)
    assert tensor.dtype == np.float32
    for channel in range(3):
        for row in (0, 31):
            np.testing.assert_array_equal(tensor[0, channel, row], wanted)
    # What training code writes in float32 agrees to the last digit that float32 has next to 1.
    in_float32 = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1)
    assert np.abs(tensor[0, 0, 0] - in_float32).max() <= 2.0**-23


def test_the_ends_are_exact_and_imagenet_is_far_away() -> None:
    line = PreparedLine(np.tile(np.array([[0, 255, 51, 204]], dtype=np.uint8), (32, 1)))
    values = collate([line], 32, SPEC)[0, 0, 0, :4].tolist()
    assert values[:2] == [-1.0, 1.0]
    assert values[2:] == pytest.approx([-0.6, 0.6], abs=1e-7)


# Padding


@pytest.mark.parametrize("channels", [None, 3])
def test_padding_is_on_the_right_and_exactly_white(channels: int | None) -> None:
    black = np.zeros((32, 40) if channels is None else (32, 40, 3), dtype=np.uint8)
    tensor = collate([PreparedLine(black)], 64, SPEC)
    assert tensor.shape == (1, 3, 32, 64)
    assert (tensor[..., :40] == -1.0).all()
    assert (tensor[..., 40:] == 1.0).all()


def test_each_line_of_a_batch_has_its_own_padding() -> None:
    widths = (4, 32, 20)
    lines = [PreparedLine(np.full((32, w), 10 * i, dtype=np.uint8)) for i, w in enumerate(widths)]
    tensor = collate(lines, 32, SPEC)
    assert tensor.shape == (3, 3, 32, 32)
    assert tensor.flags.c_contiguous
    for item, width, i in zip(tensor, widths, range(3), strict=True):
        np.testing.assert_allclose(item[..., :width], 10 * i / 127.5 - 1, atol=1e-7)
        assert (item[..., width:] == 1.0).all()


def test_the_tensor_of_a_line_is_the_same_alone_and_in_a_batch() -> None:
    rng = np.random.default_rng(4)
    lines = [prepare(rng.integers(0, 256, (30, w, 3), dtype=np.uint8), SPEC) for w in (50, 61, 72, 60)]
    together = collate(lines, 128, SPEC)
    for item, line in zip(together, lines, strict=True):
        np.testing.assert_array_equal(item, collate([line], 128, SPEC)[0])


def test_a_line_wider_than_its_batch_is_an_error_and_never_cut() -> None:
    with pytest.raises(ValueError, match="68"):
        collate([PreparedLine(np.zeros((32, 68), dtype=np.uint8))], 64, SPEC)


def test_stacked_lines_are_bytes_with_white_to_their_right() -> None:
    gray = PreparedLine(np.full((32, 8), 7, dtype=np.uint8))
    red = PreparedLine(np.tile(np.array([200, 10, 20], dtype=np.uint8), (32, 12, 1)))
    grays = stack([gray, gray], 32, SPEC)
    assert (grays.dtype, grays.shape) == (np.uint8, (2, 1, 32, 32))
    assert (grays[..., :8] == 7).all()
    assert (grays[..., 8:] == 255).all()
    mixed = stack([gray, red], 32, SPEC)
    assert (mixed.dtype, mixed.shape) == (np.uint8, (2, 3, 32, 32))
    assert (mixed[0, :, :, :8] == 7).all()
    assert mixed[1, :, 31, 11].tolist() == [200, 10, 20]
    assert (mixed[0, :, :, 8:] == 255).all()
    assert (mixed[1, :, :, 12:] == 255).all()
    with pytest.raises(ValueError, match="12"):
        stack([gray, red], 8, SPEC)


def test_a_gray_line_is_the_same_beside_gray_and_beside_coloured_lines() -> None:
    rng = np.random.default_rng(6)
    gray = PreparedLine(rng.integers(0, 256, (32, 20), dtype=np.uint8))
    red = PreparedLine(rng.integers(0, 256, (32, 12, 3), dtype=np.uint8))
    for batch in (collate([gray], 32, SPEC), collate([gray, red], 32, SPEC)):
        assert batch.dtype == np.float32
        assert batch.flags.c_contiguous
        np.testing.assert_array_equal(batch[0], collate([gray, gray], 32, SPEC)[1])


def test_an_empty_batch_has_the_shape_of_one() -> None:
    assert collate([], 64, SPEC).shape == (0, 3, 32, 64)


# Channels


def test_channel_order_is_rgb() -> None:
    crop = np.zeros((32, 32, 3), dtype=np.uint8)
    crop[..., 0], crop[..., 1], crop[..., 2] = 255, 51, 0  # red, green, blue: told apart by their values
    tensor = collate([prepare(crop, SPEC)], 32, SPEC)[0]
    assert tensor[:, 7, 9].tolist() == pytest.approx([1.0, -0.6, -1.0], abs=1e-7)


def test_channel_order_survives_the_resize() -> None:
    crop = np.zeros((64, 64, 3), dtype=np.uint8)
    crop[..., 0] = 255
    np.testing.assert_array_equal(prepare(crop, SPEC).pixels[5, 5], [255, 0, 0])


def test_gray_fills_three_equal_channels() -> None:
    gray = np.random.default_rng(5).integers(0, 256, (45, 90), dtype=np.uint8)
    as_gray = collate([prepare(gray, SPEC)], 64, SPEC)
    as_rgb = collate([prepare(np.stack([gray] * 3, axis=-1), SPEC)], 64, SPEC)
    as_one = collate([prepare(gray[:, :, None], SPEC)], 64, SPEC)
    np.testing.assert_array_equal(as_gray[:, 0], as_gray[:, 1])
    np.testing.assert_array_equal(as_gray[:, 0], as_gray[:, 2])
    np.testing.assert_array_equal(as_gray, as_one)
    # OpenCV may take another path for three channels: one gray level is 2 / 255.
    assert np.abs(as_gray - as_rgb).max() <= 2 / 255 + 1e-6


def test_a_bilevel_crop_has_true_for_white() -> None:
    ink = np.ones((48, 120), dtype=np.bool_)
    ink[10:20, 30:60] = False
    bytes_ = np.where(ink, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(prepare(ink, SPEC).pixels, prepare(bytes_, SPEC).pixels)
    assert prepare(ink, SPEC).pixels.max() == 255


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


# What is no crop


@pytest.mark.parametrize("shape", [(0, 10), (10, 0), (10,), (10, 10, 2), (10, 10, 4), (1, 10, 10, 3), (0, 5, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataInvalid, match="line crop"):
        prepare(np.zeros(shape, dtype=np.uint8), SPEC)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint16, np.int64, np.int8])
def test_other_dtypes_are_refused(dtype: type[np.generic]) -> None:
    with pytest.raises(DataInvalid, match=np.dtype(dtype).name):
        prepare(np.zeros((10, 10), dtype=dtype), SPEC)


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


def test_area_keeps_what_bilinear_steps_over() -> None:
    # Rows 0, 4, 8, ... of a crop four times too high are black: bilinear samples rows 1 and 2 of each four, area all.
    crop = np.full((128, 128), 255, np.uint8)
    crop[::4] = 0
    assert (prepare(crop, LineSpec()).pixels == 255).all()
    assert (prepare(crop, LineSpec(interpolation="area")).pixels == 191).all()
