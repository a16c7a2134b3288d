"""Deep pixels (more than 8 bits) to 8 bits: stretched by what the file says of its range, or by the range that occurs.

A scanner with 12 bits stores them in 16: read as they are, its white paper would be nearly black.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

UInt8Array = npt.NDArray[np.uint8]
Bands = Callable[[Image.Image], Iterator[tuple[slice, Image.Image]]]

_BITS: Final = 258
_PHOTOMETRIC: Final = 262
_MAX_SAMPLE: Final = 281
_SAMPLE_FORMAT: Final = 339
_WHITE_IS_ZERO: Final = 0


def is_deep(image: Image.Image) -> bool:
    """Return whether the mode itself has more than 8 bits a sample."""
    return image.mode.startswith("I") or image.mode == "F"


def has_deep_colours(image: Image.Image) -> bool:
    """Return whether colours of 16 bits will be decoded to their upper 8; known only before the image is loaded."""
    tiles: list[tuple[Any, ...]] = getattr(image, "tile", [])
    modes = [args[0] if isinstance(args, tuple) and args else args for *_, args in tiles]
    return image.mode == "RGB" and any(";16" in str(mode) for mode in modes)


def to_gray(image: Image.Image, bands: Bands) -> UInt8Array:
    """Convert an image of mode I, I;16 or F to uint8 ``[H, W]``.

    Args:
        image: The image, loaded or not.
        bands: Splits it into bands of rows.
    """
    tags = getattr(image, "tag_v2", {})
    unsigned = image.mode == "I" and tags.get(_SAMPLE_FORMAT, (1,))[0] == 1 and tags.get(_BITS, (0,))[0] == 32

    def stored(band: Image.Image) -> npt.NDArray[Any]:
        pixels: npt.NDArray[Any] = np.asarray(band)
        if pixels.dtype.kind == "f":
            finite: npt.NDArray[Any] = np.nan_to_num(pixels, nan=0.0, posinf=65535.0, neginf=0.0)
            return finite
        return pixels.view(np.uint32) if unsigned else pixels

    occurring = max((float(stored(band).max(initial=0)) for _, band in bands(image)), default=0.0)
    scale = 65535.0 / _white(occurring, image.mode == "F", _said(tags))
    gray = np.empty((image.height, image.width), np.uint8)
    for rows, band in bands(image):
        gray[rows] = np.clip(stored(band).astype(np.float32) * scale / 257.0, 0, 255).astype(np.uint8)
    # Pillow turns the other depths itself.
    return np.subtract(255, gray, out=gray) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else gray


def stretched(pixels: UInt8Array) -> UInt8Array:
    """Stretch the upper 8 of 16 bits, in place, where a colour image uses only the lower half of their range or less.

    Raises:
        ValueError: All of them are 0, so nothing remains to stretch.
    """
    top = int(pixels.max(initial=0))
    if top >= 128:
        return pixels
    if top == 0:
        raise ValueError("its colours have 16 bits, of which the upper 8 are all 0")
    full = (1 << top.bit_length()) - 1
    for row in pixels:
        row[:] = row.astype(np.uint16) * 255 // full
    return pixels


def rgb_of(deep: npt.NDArray[np.uint16]) -> UInt8Array:
    """Convert uint16 ``[H, W, 3]`` to uint8: the upper 8 bits of those that are in use."""
    bits = max(8, int(deep.max(initial=0)).bit_length())
    return (deep >> np.uint16(bits - 8)).astype(np.uint8)


def _white(occurring: float, floats: bool, said: float | None) -> float:
    """Return the value of white: as the file says, where that can be, else the end of the range that occurs."""
    if floats and occurring <= 1.0:
        return 1.0
    end = float((1 << max(8, int(np.ceil(occurring)).bit_length())) - 1)
    return said if said is not None and max(255.0, occurring) <= said <= end else end


def _said(tags: Any) -> float | None:
    value = tags.get(_MAX_SAMPLE)
    value = value[0] if isinstance(value, tuple) and value else value
    return float(value) if isinstance(value, int) else None
