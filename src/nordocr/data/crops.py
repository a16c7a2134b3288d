"""Bytes of an image file to a line crop, and a crop's natural size without decoding it."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.errors import InputUnreadable

MOST_PIXELS: Final = 50_000_000
"""Pixels of the image of a line; checked before it is decoded."""

# What Pillow raises on damaged images; there is no common base.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)


def decode_crop(data: bytes, source: object) -> npt.NDArray[np.uint8]:
    """Decode the image in ``data``: uint8 ``[H, W]`` gray, or ``[H, W, 3]`` RGB where it holds colour.

    Transparency is laid on white paper. Raises :class:`InputUnreadable` naming ``source``.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InputUnreadable(f"{source} is {image.width} x {image.height} pixels, which no line is.")
            if image.mode.startswith("I;16"):
                return (np.asarray(image, dtype=np.uint16) >> 8).astype(np.uint8)
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                paper = Image.new("RGBA", image.size, "white")
                return np.array(Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB"), dtype=np.uint8)
            return np.array(image.convert("L" if image.mode in ("1", "L") else "RGB"), dtype=np.uint8)
    except _DAMAGE as error:
        raise InputUnreadable(f"{source} cannot be read as an image: {error}.") from error


def crop_size(image_file: bytes | Path, source: object) -> tuple[int, int]:
    """Return (width, height) in pixels from the file's header alone; :class:`InputUnreadable` naming ``source``."""
    try:
        if isinstance(image_file, Path) and not image_file.is_file():
            raise InputUnreadable(f"{source} cannot be read as an image: it is not a regular file.")
        with Image.open(image_file if isinstance(image_file, Path) else io.BytesIO(image_file)) as image:
            return image.size
    except _DAMAGE as error:
        raise InputUnreadable(f"{source} cannot be read as an image: {error}.") from error


def encode_png(crop: npt.NDArray[np.uint8]) -> bytes:
    """Encode ``crop`` (uint8 gray or RGB) as a PNG file's bytes."""
    bgr = crop if crop.ndim == 2 else cv2.cvtColor(crop, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".png", bgr)
    if not done:
        raise ValueError(f"an image of shape {crop.shape} cannot be encoded")
    return data.tobytes()
