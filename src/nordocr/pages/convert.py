"""Convert any image that Pillow decodes to gray or RGB bytes, upright, on white paper and with square pixels.

Conversion goes band by band, so that a page costs its decoded pixels and its result and no third copy of either.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.pages import depth
from nordocr.pages.image import gray_if_colourless

UInt8Array = npt.NDArray[np.uint8]

_BAND_PIXELS: Final = 4_000_000
_TRANSPARENT: Final = frozenset({"LA", "La", "RGBA", "RGBa", "PA"})
_ORIENTATION_TAG: Final = 0x0112
# What JPEG allows at most; a larger block of EXIF in a PNG or WebP is not looked into.
_MOST_EXIF: Final = 65_536
# EXIF orientation to the quarter turns (counter-clockwise) after an optional left-right mirroring (Exif 2.3, 4.6.4).
_UPRIGHT: Final = {2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3), 8: (False, 1)}
# Group 3 facsimile has 204 dots an inch across and 98 or 196 lines (ITU-T T.4).
_FAX_ACROSS: Final = (195.0, 210.0)
_FAX_COARSE: Final = (93.0, 105.0)
_UNEQUAL: Final = (1.5, 2.6)
_PORTRAIT: Final = (1.15, 1.75)


def to_array(image: Image.Image, *, deep_colours: bool = False) -> UInt8Array:
    """Convert a decoded image to uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.

    Transparency is laid on white; deep pixels are stretched (:mod:`nordocr.pages.depth`); of L*a*b* the lightness is
    taken. The result is gray if no pixel has a colour.

    Args:
        image: The image.
        deep_colours: Its colours are the upper 8 of 16 bits.

    Raises:
        ValueError: Nothing of the colours remains in the upper 8 bits.
    """
    if deep_colours:
        return gray_if_colourless(depth.stretched(_banded(image, 3, lambda band: np.asarray(band.convert("RGB")))))
    mode = image.mode
    if depth.is_deep(image):
        return depth.to_gray(image, _bands)
    if mode in _TRANSPARENT or "transparency" in image.info:
        return gray_if_colourless(_banded(image, 3, _over_white))
    if mode in {"1", "L"}:
        return _banded(image, 1, _gray)
    if mode == "LAB":
        return _banded(image, 1, lambda band: np.asarray(band.getchannel(0)))
    return gray_if_colourless(_banded(image, 3, lambda band: np.asarray(band.convert("RGB"))))


def exif_turn(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 if there is none or it is damaged, or the decoder has turned the page."""
    if image.format in {"TIFF", "HEIF", "JXL"} or len(image.info.get("exif", b"")) > _MOST_EXIF:
        return 1
    # A scan is no worse for a damaged note about the camera.
    with contextlib.suppress(Exception):
        value = image.getexif().get(_ORIENTATION_TAG, 1)
        return value if isinstance(value, int) and value in _UPRIGHT else 1
    return 1


def turned(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Turn the pixels upright, by an EXIF ``orientation`` of 1 to 8."""
    if orientation not in _UPRIGHT:
        return pixels
    mirrored, quarters = _UPRIGHT[orientation]
    return np.ascontiguousarray(np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters))


def square_pixels(pixels: UInt8Array, across: float, down: float) -> UInt8Array:
    """Stretch a page whose resolution (dpi ``across`` and ``down``) differs by half or more, as that of coarse faxes.

    It is believed where it is facsimile's own, and otherwise only where it makes a portrait page of what was none:
    scanners lie about resolution.
    """
    height, width = pixels.shape[:2]
    ratio = across / down
    tall = ratio > 1
    share = ratio if tall else 1 / ratio
    if not _UNEQUAL[0] <= share <= _UNEQUAL[1]:
        return pixels
    size = (width, round(height * share)) if tall else (round(width * share), height)
    fax = _FAX_ACROSS[0] <= across <= _FAX_ACROSS[1] and _FAX_COARSE[0] <= down <= _FAX_COARSE[1]
    if not fax and (
        _PORTRAIT[0] <= height / width <= _PORTRAIT[1] or not _PORTRAIT[0] <= size[1] / size[0] <= _PORTRAIT[1]
    ):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _bands(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    width, height = image.size
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        yield slice(top, bottom), image.crop((0, top, width, bottom))


def _banded(image: Image.Image, channels: int, convert: Callable[[Image.Image], npt.NDArray[np.generic]]) -> UInt8Array:
    width, height = image.size
    pixels = np.empty((height, width) if channels == 1 else (height, width, channels), dtype=np.uint8)
    for rows, band in _bands(image):
        pixels[rows] = convert(band)
    return pixels


def _gray(band: Image.Image) -> npt.NDArray[np.generic]:
    """Return a band of mode 1 or L, a byte a pixel, without a copy of it in mode L."""
    return np.frombuffer(band.tobytes("raw", "L"), np.uint8).reshape(band.height, band.width)


def _over_white(band: Image.Image) -> npt.NDArray[np.generic]:
    layer = band.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB"))
