"""One page as pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.errors import NordocrError

SUFFIXES: Final = frozenset(
    {".tif", ".tiff", ".pdf", ".png", ".jpg", ".jpeg", ".jp2", ".bmp", ".gif", ".webp", ".pbm", ".pgm", ".ppm"}
    | {".heic", ".heif", ".avif", ".jxl"}
)
"""Suffixes of the files that a folder is searched for; a file that is named is judged by its content instead."""

OnError = Callable[[int, NordocrError], None]
"""Told of a page (its index from 0) that cannot be read; the pages after it are read all the same."""

_BAND_ROWS: Final = 512


@dataclass(frozen=True)
class PageImage:
    """A page, upright as its file says.

    Attributes:
        index: The page's number in its file, from 0.
        image: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, paper light.
        dpi: What the file says of its horizontal resolution, or None; scanners often lie here.
        damage: What the decoder reports; empty where the page was decoded whole.
        missing: Share of the page that could not be decoded, in [0, 1], as far as the decoder tells.
    """

    index: int
    image: npt.NDArray[np.uint8]
    dpi: float | None = None
    damage: str = ""
    missing: float = 0.0


def gray_if_colourless(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return ``[H, W]`` if all three channels of ``[H, W, 3]`` are equal, else the image as it is."""
    for top in range(0, image.shape[0], _BAND_ROWS):
        red, green, blue = np.moveaxis(image[top : top + _BAND_ROWS], 2, 0)
        if not (np.array_equal(red, green) and np.array_equal(red, blue)):
            return image
    return np.ascontiguousarray(image[:, :, 0])
