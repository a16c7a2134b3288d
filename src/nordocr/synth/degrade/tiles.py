"""Noise that is drawn once: periodic byte tiles from a fixed seed, cropped at random places.

Normal numbers for every line would cost more than all other steps; a crop costs nothing. The tiles are made on first
use, with NumPy's PCG64 from a fixed seed, so they are the same in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, Literal

import cv2
import numpy as np

from nordocr.synth.degrade.scan import UInt8Array

Kind = Literal["white", "fine", "grain", "coarse", "blotch", "fibre"]

HEIGHT: Final = 512
WIDTH: Final = 4096
SIGMA: Final = 36.0
"""Standard deviation of a tile in gray levels; its mean is 128."""

_SHAPES: Final[dict[Kind, tuple[float, float]]] = {
    "white": (0.0, 0.0),
    "fine": (0.6, 0.6),
    "grain": (1.1, 1.1),
    "coarse": (2.4, 2.4),
    "blotch": (7.0, 7.0),
    "fibre": (5.0, 0.8),
}
"""Sigmas in x and y of the blur that correlates each tile."""


@cache
def tile(kind: Kind) -> UInt8Array:
    """Return the tile of a kind: uint8 ``[512, 4096]``, mean 128, standard deviation 36, periodic both ways."""
    rng = np.random.Generator(np.random.PCG64([20240229, list(_SHAPES).index(kind)]))
    values = rng.standard_normal((HEIGHT, WIDTH), dtype=np.float32)
    sigma_x, sigma_y = _SHAPES[kind]
    if sigma_x:
        pad = int(4 * max(sigma_x, sigma_y)) + 1
        wrapped = cv2.copyMakeBorder(values, pad, pad, pad, pad, cv2.BORDER_WRAP)
        values = cv2.GaussianBlur(wrapped, (0, 0), sigma_x, sigmaY=sigma_y)[pad:-pad, pad:-pad].astype(np.float32)
        values /= float(values.std())
    result: UInt8Array = np.clip(np.rint(values * SIGMA + 128.0), 0, 255).astype(np.uint8)
    result.flags.writeable = False
    return result


def textured(
    image: UInt8Array,
    kind: Kind,
    rng: np.random.Generator,
    blend: Callable[[UInt8Array, UInt8Array], UInt8Array],
) -> UInt8Array:
    """Return ``blend(part of image, part of tile)`` over the whole image: a new uint8 array of the same shape.

    A line is one part; a page is cut where the tile repeats, so temporaries never exceed one tile.
    """
    height, width = image.shape
    texture = tile(kind)
    top = int(rng.integers(0, max(HEIGHT - height, 0) + 1 if height <= HEIGHT else HEIGHT))
    left = int(rng.integers(0, max(WIDTH - width, 0) + 1 if width <= WIDTH else WIDTH))
    out = np.empty_like(image)
    y = 0
    while y < height:
        ty = (top + y) % HEIGHT
        rows = min(HEIGHT - ty, height - y)
        x = 0
        while x < width:
            tx = (left + x) % WIDTH
            columns = min(WIDTH - tx, width - x)
            part = texture[ty : ty + rows, tx : tx + columns]
            out[y : y + rows, x : x + columns] = blend(image[y : y + rows, x : x + columns], part)
            x += columns
        y += rows
    return out


def add_noise(image: UInt8Array, kind: Kind, sigma: float, rng: np.random.Generator) -> UInt8Array:
    """Return ``image`` plus noise of ``sigma`` gray levels, clipped to 0-255."""
    weight = sigma / SIGMA

    def blend(part: UInt8Array, noise: UInt8Array) -> UInt8Array:
        return cv2.addWeighted(part, 1.0, noise, weight, -128.0 * weight).astype(np.uint8, copy=False)

    return textured(image, kind, rng, blend)


def field(shape: tuple[int, int], rng: np.random.Generator, low: int, high: int, cell: float) -> UInt8Array:
    """Return a smooth random surface.

    Args:
        shape: (height, width).
        rng: Where the draws come from.
        low: Least value.
        high: Greatest value.
        cell: Pixels over which the surface changes.

    Returns:
        uint8 of ``shape``.
    """
    height, width = shape
    rows = min(max(round(height / cell), 1) + 1, 12)
    columns = min(max(round(width / cell), 1) + 1, 24)
    knots = rng.integers(low, high + 1, (rows, columns), dtype=np.uint8)
    # Cubic on the small grid, linear to the full size: smooth at a third of the cost.
    knots = cv2.resize(knots, (columns * 6, rows * 6), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    return cv2.resize(knots, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
