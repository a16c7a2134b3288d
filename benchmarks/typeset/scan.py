"""Drawn pages as a scanner gives them: askew, blurred, shaded, speckled, with edges, holes and streaks."""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.results import BBox
from nordocr.synth.dice import Dice

Gray = npt.NDArray[np.uint8]

_STEEPEST: Final = 0.7


def scanned(page: Gray, boxes: list[BBox], seed: int, *, bilevel: bool) -> tuple[Gray, list[BBox]]:
    """Scan a page.

    Args:
        page: Black on white, uint8 ``[H, W]``, 300 dots an inch.
        boxes: Where its lines are.
        seed: Settles every choice.
        bilevel: To black and white; else the scan stays gray.

    Returns:
        The scan, uint8 ``[H, W]``, at 300 or 200 dots an inch, and where the lines are on it.
    """
    rng = np.random.default_rng([seed, 11])
    dice = Dice(rng)
    scale = 2 / 3 if dice.chance(0.25) else 1.0
    height, width = (round(side * scale) for side in page.shape)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), dice.between((-_STEEPEST, _STEEPEST)), 1.0)
    turn = np.asarray(turn * scale, dtype=np.float64)
    blurred = cv2.GaussianBlur(page, (0, 0), dice.between((0.7, 1.4)) / scale)
    turned = cv2.warpAffine(blurred, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255.0,) * 4)
    ink, paper = dice.between((20, 80)), dice.between((215, 250))
    tone = turned.astype(np.float32) * ((paper - ink) / 255) + ink
    small = rng.normal(0, 1, (5, 4)).astype(np.float32)
    tone += dice.between((0, 8)) * cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = cv2.GaussianBlur(rng.standard_normal((height, width), dtype=np.float32), (0, 0), 0.7)
    tone += dice.between((8, 28)) * noise
    _dirty(tone, dice, rng)
    level = np.clip(tone, 0, 255).astype(np.uint8)
    if bilevel:
        # Well above the middle, or thin strokes break up until no one can read them.
        level = np.where(level < ink + dice.between((0.55, 0.8)) * (paper - ink), 0, 255).astype(np.uint8)
    return level, [_moved(box, turn) for box in boxes]


def _dirty(tone: npt.NDArray[np.float32], dice: Dice, rng: np.random.Generator) -> None:
    """Specks, a scanner's ragged edges, punch holes and streaks, in place."""
    height, width = tone.shape
    for _ in range(dice.integer(0, 500)):
        x, y, side = dice.integer(0, width - 4), dice.integer(0, height - 4), dice.integer(1, 3)
        tone[y : y + side, x : x + side] = dice.pick((30.0, 30.0, 235.0))
    for side in range(4):
        if dice.chance(0.25):
            edge = np.rot90(tone, side)
            depths = cv2.GaussianBlur(rng.normal(6, 20, (edge.shape[1], 1)), (1, 31), 0)[:, 0]
            for column, depth in enumerate(depths):
                edge[: max(0, int(depth)), column] = 20.0
    if dice.chance(0.3):
        for share in (0.36, 0.64):
            cv2.circle(tone, (round(0.03 * width), round(share * height)), round(0.0125 * width), (15.0,), -1)
    if dice.chance(0.3):
        at, thick = dice.integer(round(0.1 * width), round(0.9 * width)), dice.integer(1, 3)
        tone[:, at : at + thick] = 25.0 if dice.chance(0.7) else 240.0


def _moved(box: BBox, turn: npt.NDArray[Any]) -> BBox:
    """The upright box around a box that was turned."""
    corners = np.array([[x, y, 1] for x in (box.x, box.x + box.width) for y in (box.y, box.y + box.height)])
    x, y = (corners @ turn.T).T
    left, top = max(0, math.floor(x.min())), max(0, math.floor(y.min()))
    return BBox(x=left, y=top, width=math.ceil(x.max()) - left, height=math.ceil(y.max()) - top)
