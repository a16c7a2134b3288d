"""A page that is in memory already, as an array or a Pillow image, held to the same limits as a file."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable
from nordocr.pages.convert import exif_turn, to_array, turned
from nordocr.pages.image import PageImage
from nordocr.pages.selection import Selection


@dataclass(frozen=True, eq=False)
class MemoryImage:
    """One page in memory.

    Attributes:
        image: An array as :func:`checked_array` takes it, or a Pillow image in any mode. It is not copied.
        name: What results and errors call it.
    """

    image: npt.NDArray[Any] | Image.Image
    name: str = "image"

    def __str__(self) -> str:
        return self.name

    def pages(self, limits: Limits, selection: Selection | None = None) -> Generator[PageImage, None, None]:
        """Yield the page as a file of one page would.

        Args:
            limits: ``max_pixels`` applies.
            selection: The pages wanted; only page 1 exists.

        Raises:
            InputTooLarge: The image has too many pixels.
            InputUnreadable: The image is empty or cannot be decoded, or another page than the first is asked for.
        """
        missing = selection.missing(1) if selection is not None else None
        if missing is not None:
            raise InputUnreadable(f"{self.name} has 1 page: there is no page {missing}.")
        yield PageImage(0, self.pixels(limits), self._dpi())

    def pixels(self, limits: Limits) -> npt.NDArray[np.uint8]:
        """Return the image as uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.

        Raises:
            InputTooLarge: The image has too many pixels.
            InputUnreadable: The image is empty or cannot be decoded.
            TypeError: The array has another dtype than uint8 or bool.
            ValueError: The array has another shape.
        """
        image = self.image
        width, height = image.size if isinstance(image, Image.Image) else (image.shape[1], image.shape[0])
        if width < 1 or height < 1:
            raise InputUnreadable(f"{self.name} is {width} x {height} pixels: nothing to read.")
        if width * height > limits.max_pixels:
            raise InputTooLarge(f"{self.name} is {width} x {height} pixels, over the limit of {limits.max_pixels}.")
        if not isinstance(image, Image.Image):
            return checked_array(image)
        try:
            image.load()
            return turned(to_array(image), exif_turn(image))
        except (OSError, SyntaxError, ValueError) as error:
            raise InputUnreadable(f"{self.name} cannot be decoded: {error}.") from error

    def _dpi(self) -> float | None:
        dpi = self.image.info.get("dpi") if isinstance(self.image, Image.Image) else None
        return float(dpi[0]) if isinstance(dpi, tuple) and dpi and float(dpi[0]) > 0 else None


Source = Path | MemoryImage
"""What the pages of a document are read from."""


def checked_array(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return an image array as a page: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.

    Args:
        array: uint8 or bool (True is white), ``[H, W]`` or ``[H, W, 1]`` gray, ``[H, W, 3]`` RGB or ``[H, W, 4]`` RGBA,
            which is laid on white.

    Raises:
        TypeError: The array has another dtype.
        ValueError: The array has another shape.
    """
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * 255
    if array.dtype != np.uint8:
        raise TypeError(f"an image array is uint8 (0 to 255) or bool, not {array.dtype}")
    channels = 1 if array.ndim == 2 else array.shape[-1]
    if array.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise ValueError(f"an image array is [H, W], [H, W, 3] or [H, W, 4], not {list(array.shape)}")
    if channels == 4:
        return to_array(Image.fromarray(array, "RGBA"))
    return np.ascontiguousarray(array[:, :, 0] if array.ndim == 3 and channels == 1 else array)
