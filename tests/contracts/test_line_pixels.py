"""The line contract's pixels: white padding, normalisation, channel order, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nordocr.errors import DataInvalid
from nordocr.linespec import LineSpec, PreparedLine, collate, prepare, stack

SPEC = LineSpec()

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


# What is no crop


@pytest.mark.parametrize("shape", [(0, 10), (10, 0), (10,), (10, 10, 2), (10, 10, 4), (1, 10, 10, 3), (0, 5, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataInvalid, match="line crop"):
        prepare(np.zeros(shape, dtype=np.uint8), SPEC)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint16, np.int64, np.int8])
def test_other_dtypes_are_refused(dtype: type[np.generic]) -> None:
    with pytest.raises(DataInvalid, match=np.dtype(dtype).name):
        prepare(np.zeros((10, 10), dtype=dtype), SPEC)
