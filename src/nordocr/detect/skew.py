"""Pages that lie askew: by how much, the page made straight, and places on it as places on the page as it was."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import PageArray
from nordocr.detect.components import Components, Ints

MOST: Final = 15.0
"""Pages askew by more degrees than this are left as they are."""

LEAST: Final = 2.0
"""So are pages askew by fewer degrees: lines are followed where they climb."""

# Angles are tried in steps of so many degrees, then around the best in finer ones.
_STEP: Final = 0.25
_FINE: Final = 0.05
_MOST_LETTERS: Final = 4_000
# The rows of a slanting page must stand out by this factor against the rows of a level one.
_CLEARER: Final = 1.3


def skew_of(components: Components, letters: Ints) -> float:
    """Return the degrees by which a page's lines climb to the right, 0 where they are level or do not tell.

    The angle along which the letters' feet fall into the fewest rows (Baird, "The skew angle of printed documents",
    1987).

    Args:
        components: The page's components.
        letters: Labels of its letters.

    Returns:
        Degrees, between -:data:`MOST` and :data:`MOST`.
    """
    some = letters[:: max(1, math.ceil(len(letters) / _MOST_LETTERS))]
    x = (components.left[some] + components.right[some]) / 2
    y = components.bottom[some].astype(float)
    height = float(np.median(components.height[some])) if len(some) else 0.0
    if height <= 0:
        return 0.0
    row = max(2.0, 0.25 * height)
    angles = np.arange(-MOST, MOST + _STEP / 2, _STEP)
    sharp = np.array([_sharpness(x, y, angle, row) for angle in angles])
    best = float(angles[sharp.argmax()])
    if abs(best) < LEAST - _STEP or sharp.max() < _CLEARER * sharp[np.abs(angles) <= 1.0].max():
        return 0.0
    finer = best + np.arange(-_STEP, _STEP + _FINE / 2, _FINE)
    angle = float(finer[np.array([_sharpness(x, y, angle, row) for angle in finer]).argmax()])
    return round(angle, 2) if LEAST <= abs(angle) <= MOST else 0.0


def levelled(components: Components, degrees: float) -> Components:
    """Return the components each moved up or down so that rows that climb by ``degrees`` are level."""
    if not degrees:
        return components
    middle = (components.left + components.right) / 2
    down = np.round(middle * math.tan(math.radians(degrees))).astype(np.int64)
    return replace(components, top=components.top + down, bottom=components.bottom + down)


def _sharpness(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], degrees: float, row: float) -> float:
    """The sum of the squares of the letters per row, over two ways to begin counting rows."""
    level = y + x * math.tan(math.radians(degrees))
    level = (level - level.min()) / row
    counts = [np.bincount((level + start).astype(np.int64)) for start in (0.0, 0.5)]
    return float(sum((count.astype(np.float64) ** 2).sum() for count in counts))


def straightened(image: PageArray, degrees: float) -> PageArray:
    """Return the page with lines that climb by ``degrees`` made level; it grows so that nothing is cut off.

    Args:
        image: The page, uint8 ``[H, W]`` or ``[H, W, 3]``.
        degrees: What :func:`skew_of` says of it.

    Returns:
        The turned page; the corners that come in have the page's usual tone.
    """
    height, width = image.shape[:2]
    matrix, size = _turning(degrees, width, height)
    usual = np.median(image[::8, ::8].reshape(-1, image.shape[2] if image.ndim == 3 else 1), axis=0)
    tone = tuple(float(value) for value in usual)
    turned = cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=tone
    )
    return np.asarray(turned, dtype=np.uint8)


def on_page(box: tuple[int, int, int, int], degrees: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the upright box on the page as it was around a box on the straightened page.

    Args:
        box: x, y, width, height in pixels of the straightened page.
        degrees: By how much the page was askew.
        size: Width and height of the page as it was.

    Returns:
        x, y, width, height in pixels of the page as it was, within it.
    """
    matrix, _ = _turning(degrees, *size)
    x, y, width, height = box
    corners = np.array([(x, y), (x + width, y), (x, y + height), (x + width, y + height)], dtype=np.float64)
    back = cv2.invertAffineTransform(matrix)
    places = corners @ back[:, :2].T + back[:, 2]
    left, top = (max(0, math.floor(value)) for value in places.min(axis=0))
    right, bottom = (math.ceil(value) for value in places.max(axis=0))
    left, top = min(left, size[0] - 1), min(top, size[1] - 1)
    return left, top, max(1, min(right, size[0]) - left), max(1, min(bottom, size[1]) - top)


def on_straight(box: tuple[int, int, int, int], degrees: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box on the straightened page that :func:`on_page` makes ``box`` of, but for rounding.

    Args:
        box: x, y, width, height in pixels of the page as it was.
        degrees: By how much the page was askew.
        size: Width and height of the page as it was.

    Returns:
        x, y, width, height in pixels of the straightened page, at least a pixel wide and high.
    """
    matrix, (right, bottom) = _turning(degrees, *size)
    x, y, width, height = box
    sine, cosine = abs(math.sin(math.radians(degrees))), math.cos(math.radians(degrees))
    # The upright box around a turned one of w x h pixels has w cos + h sin by w sin + h cos; solved for w and h.
    both = cosine**2 - sine**2
    wide = max(1.0, (width * cosine - height * sine) / both)
    high = max(1.0, (height * cosine - width * sine) / both)
    middle = matrix[:, :2] @ np.array([x + width / 2, y + height / 2]) + matrix[:, 2]
    left = min(max(0, round(float(middle[0]) - wide / 2)), right - 1)
    top = min(max(0, round(float(middle[1]) - high / 2)), bottom - 1)
    return left, top, max(1, min(round(wide), right - left)), max(1, min(round(high), bottom - top))


def _turning(degrees: float, width: int, height: int) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """The affine map from the page to the straightened page, ``[2, 3]``, and that page's width and height."""
    sine, cosine = abs(math.sin(math.radians(degrees))), math.cos(math.radians(degrees))
    size = math.ceil(width * cosine + height * sine), math.ceil(width * sine + height * cosine)
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), dtype=np.float64)
    matrix[:, 2] += np.array([size[0] - width, size[1] - height]) / 2
    return matrix, size
