"""Each step of degradation by itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.synth.scanning import levels, line, scan, worth

from nordocr.synth.degrade import STEP_NAMES
from nordocr.synth.degrade.bilevel import _stretched
from nordocr.synth.degrade.stories import BILEVEL, STAYS, STEPS
from nordocr.synth.degrade.tiles import add_noise


@pytest.mark.parametrize("name", sorted(STEP_NAMES))
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_each_step_changes_the_image_and_keeps_its_shape(name: str, strength: float) -> None:
    gray = cv2.convertScaleAbs(line(), alpha=0.8, beta=30)
    for start in (line(), np.asarray(gray, np.uint8)):
        state = scan(strength=strength, keep_size=True)
        before = start.copy()
        result = STEPS[name](start, state)
        assert np.array_equal(start, before)
        assert result.shape == start.shape and result.dtype == np.uint8
        assert not np.array_equal(result, start)
        if name in BILEVEL:
            assert levels(result) <= {0, 255}
        assert worth(start, result) > 0.5


@pytest.mark.parametrize("name", sorted(STAYS))
def test_flaws_keep_1_bit(name: str) -> None:
    bitonal = np.where(line() > 128, np.uint8(255), np.uint8(0))
    assert all(levels(STEPS[name](bitonal, scan(seed))) <= {0, 255} for seed in range(20))


def test_spread_and_erode_move_edges_their_own_way() -> None:
    ink = 255.0 - line().mean()
    assert 255.0 - STEPS["spread"](line(), scan()).mean() > 1.1 * ink
    assert 255.0 - STEPS["erode"](line(), scan()).mean() < 0.97 * ink


@pytest.mark.parametrize("name", ["ordered", "diffusion"])
def test_dithering_keeps_local_means(name: str) -> None:
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :], 64, 0)
    state, twin = scan(), scan()
    if name == "ordered":
        twin.coin()
    wanted = _stretched(ramp, twin)
    result = STEPS[name](ramp, state)
    for left in range(0, 256, 32):
        assert result[:, left : left + 32].mean() == pytest.approx(wanted[:, left : left + 32].mean(), abs=6)


def test_diffusion_is_floyd_steinberg() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (9, 13), dtype=np.uint8)
    state = scan(5)
    values = _stretched(image, scan(5)).astype(float)
    expected = np.zeros_like(image)
    for y in range(9):
        for x in range(13):
            expected[y, x] = 0 if values[y, x] < 128 else 255
            error = values[y, x] - expected[y, x]
            for dy, dx, part in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
                if y + dy < 9 and 0 <= x + dx < 13:
                    values[y + dy, x + dx] += error * part / 16
    assert (STEPS["diffusion"](image, state) != expected).sum() <= 1  # float32 beside float64


def test_sauvola_in_bands_is_sauvola() -> None:
    tall = np.tile(line(), (24, 1))[:, :160]  # 1152 rows: three bands
    noisy = add_noise(np.ascontiguousarray(tall), "white", 12.0, np.random.default_rng(1))
    state = scan(4)
    result = STEPS["sauvola"](noisy, state)
    twin = scan(4)
    k = twin.uniform(0.08, 0.34)
    size = 2 * max(round(twin.uniform(9, 20)), 4) + 1
    mean = cv2.blur(noisy.astype(np.float64), (size, size), borderType=cv2.BORDER_REPLICATE)
    square = cv2.blur(noisy.astype(np.float64) ** 2, (size, size), borderType=cv2.BORDER_REPLICATE)
    level = mean * (1 + k * (np.sqrt(np.maximum(square - mean**2, 0)) / 128 - 1))
    assert ((result > 0) != (noisy > level)).mean() < 1e-4


def test_halation_takes_more_of_thin_strokes_than_of_thick_ones() -> None:
    image = np.full((60, 200), 255, np.uint8)
    image[10:50, 30:32] = 0
    image[10:50, 100:130] = 0
    faded = STEPS["halation"](image, scan(strength=1.0))
    assert faded[30, 31] > faded[30, 115] + 40


def test_reduce_brings_lines_to_about_100_dpi_and_pages_back_to_their_size() -> None:
    state = scan()
    state.scale = 1.5  # a line at 300 dpi
    small = STEPS["reduce"](line(), state)
    assert 0.26 < small.shape[0] / line().shape[0] < 0.46
    assert state.scale == pytest.approx(1.5 * small.shape[0] / line().shape[0], abs=0.05)
    kept = scan(keep_size=True)
    assert STEPS["reduce"](line(), kept).shape == line().shape


def test_dead_dots_are_white_lines_across_all_rows() -> None:
    black = np.zeros((40, 300), np.uint8)
    out = STEPS["dead_dots"](black, scan())
    columns = np.flatnonzero((out == 255).all(0))
    assert 1 <= len(columns) <= 3
    assert (np.delete(out, columns, axis=1) == 0).all()
