"""The line contract's numbers: T(width), target widths, the ladder."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.linespec import CEILING, LADDER, AspectPreservingResize, LineSpec, prepare

SPEC = LineSpec()
FULL = LineSpec(max_width=1792)


def test_the_defaults_are_the_contract() -> None:
    assert SPEC.model_dump(exclude={"characters"}) == {
        "version": 1,
        "height": 32,
        "max_width": 1024,
        "stride": 4,
        "align": 4,
        "pad_value": 255,
        "interpolation": "linear",
        "normalization": "pixel/127.5-1",
        "channels": "rgb",
        "charset_name": "nordic-126",
        "output": "logits",
        "ladder": (32, 64, 128, 192, 256, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792),
    }
    assert len(SPEC.characters) == 125
    assert SPEC.charset.num_classes == 126


@pytest.mark.parametrize(
    ("width", "steps"),
    [
        (4, 1),
        (5, 2),
        (7, 2),
        (8, 2),
        (9, 3),
        (33, 9),
        (101, 26),
        (500, 125),
        (768, 192),
        (1023, 256),
        (1024, 256),
        (1025, 257),
        (1789, 448),
        (1792, 448),
    ],
)
def test_steps_known_by_hand(width: int, steps: int) -> None:
    assert SPEC.time_steps(width) == steps


def test_steps_of_every_width_from_4_to_1792() -> None:
    # Counted, not divided: every fourth column starts a step.
    for width in range(4, 1793):
        assert SPEC.time_steps(width) == len(range(0, width, 4)), width


@pytest.mark.parametrize(
    ("height", "width", "natural", "target"),
    [
        (32, 100, 100, 100),
        (32, 101, 101, 100),
        (32, 103, 103, 100),
        (32, 104, 104, 104),
        (48, 200, 133, 132),  # 133.33
        (40, 1000, 800, 800),
        (64, 127, 64, 64),  # 63.5 is halfway: up to the even 64, which changes the target from 60
        (64, 129, 64, 64),  # 64.5 is halfway: down to the even 64
        (64, 135, 68, 68),  # 67.5 is halfway: up to the even 68, where truncation gives 64
        (64, 137, 68, 68),  # 68.5 is halfway: down to the even 68
        (64, 143, 72, 72),  # 71.5 -> 72
        (64, 145, 72, 72),  # 72.5 -> 72
        (64, 151, 76, 76),  # 75.5 -> 76
        (128, 510, 128, 128),  # 127.5 -> 128
        (192, 1173, 196, 196),  # 195.5 -> 196
        (192, 1149, 192, 192),  # 191.5 -> 192
        (33, 101, 98, 96),  # 97.94
        (30, 59, 63, 60),  # 62.93
        (31, 60, 62, 60),  # 61.94
        (31, 61, 63, 60),  # 62.97
        (31, 62, 64, 64),
        (20, 1, 2, 4),  # 1.6 -> 2, floored to 0, clamped to 4
        (500, 3, 0, 4),
        (1, 1, 32, 32),
        (32, 4, 4, 4),
        (32, 3, 3, 4),
        (32, 1023, 1023, 1020),
        (32, 1024, 1024, 1024),
        (32, 1027, 1027, 1024),
        (32, 1028, 1028, 1024),  # over the maximum: clamped
        (16, 4000, 8000, 1024),
    ],
)
def test_target_widths_known_by_hand(height: int, width: int, natural: int, target: int) -> None:
    assert SPEC.target_width(height, width) == target
    assert max(4, min(natural - natural % 4, 1024)) == target, "the table contradicts itself"
    # Without the flooring: 64.5 becomes 64 and not 65.
    assert LineSpec(align=1).target_width(height, width) == max(1, min(natural, 1024))


@pytest.mark.parametrize(("maximum", "target"), [(768, 768), (1024, 1024), (1792, 1600)])
def test_the_maximum_is_the_specs_own_or_the_one_given(maximum: int, target: int) -> None:
    assert LineSpec(max_width=maximum).target_width(20, 1000) == target  # 1600 px
    assert SPEC.target_width(20, 1000, maximum) == target
    assert SPEC.target_width(10, 9999, maximum) == maximum


@given(height=st.integers(1, 600), width=st.integers(1, 6000))
def test_target_width_follows_round_half_even_in_whole_numbers(height: int, width: int) -> None:
    whole, rest = divmod(32 * width, height)
    natural = whole + (1 if 2 * rest > height or (2 * rest == height and whole % 2 == 1) else 0)
    assert FULL.target_width(height, width) == min(max(4 * (natural // 4), 4), 1792)


def test_the_ladder_is_exactly_this() -> None:
    assert LADDER == (32, 64, 128, 192, 256, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792)
    assert CEILING == 1792


@pytest.mark.parametrize(
    ("width", "rung"),
    [
        (4, 32),
        (32, 32),
        (36, 64),
        (64, 64),
        (68, 128),
        (384, 384),
        (388, 512),
        (1020, 1024),
        (1024, 1024),
        (1028, 1280),
        (1532, 1536),
        (1788, 1792),
        (1792, 1792),
    ],
)
def test_rungs_known_by_hand(width: int, rung: int) -> None:
    assert SPEC.rung(width) == rung


def test_a_rung_holds_the_line_and_is_the_narrowest_that_does() -> None:
    for width in range(4, 1793):
        rung = SPEC.rung(width)
        assert rung >= width
        assert all(other < width for other in LADDER if other < rung)


def test_no_rung_above_the_ceiling() -> None:
    with pytest.raises(ValueError, match="1793"):
        SPEC.rung(1793)


def test_every_rung_is_a_whole_number_of_steps() -> None:
    assert all(math.ceil(width / 4) * 4 == width for width in LADDER)


@pytest.mark.parametrize("ladder", [(), (64, 32), (32, 32, 64)])
def test_a_ladder_must_rise(ladder: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rise"):
        LineSpec(ladder=ladder)


def test_a_line_is_squeezed_from_four_pixels_above_the_limit() -> None:
    """Up to there its width is floored to the limit, as every width is floored to a multiple of 4."""
    for width, squeezed in ((1023, False), (1024, False), (1027, False), (1028, True), (2048, True)):
        line = prepare(np.zeros((32, width), np.uint8), LineSpec())
        assert (line.width, line.squeezed) == (1024 if width >= 1024 else 1020, squeezed), width


def test_the_resize_of_older_code_goes_up_to_1024() -> None:
    assert AspectPreservingResize().spec == LineSpec()
    assert AspectPreservingResize(32, 768)(np.zeros((32, 900), np.uint8)).shape == (32, 768)


def test_a_ladder_may_begin_with_a_single_pixel() -> None:
    assert LineSpec(ladder=(1, 1024)).rung(1) == 1
    with pytest.raises(ValueError, match="positive"):
        LineSpec(ladder=(0, 1024))
