"""Pages as browsers show them: encoded once, and kept while they are likely to be asked for again."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, NamedTuple

import cv2
import numpy as np
from PIL import Image

from nordocr.detect.base import PageArray
from nordocr.detect.orientation import Turn, turn
from nordocr.pages import Origin

_KEPT_BYTES: Final = 64 * 1024 * 1024
_QUALITY: Final = 88
_LONGEST: Final = 12_000
"""Browsers draw no images that are much longer."""


class Picture(NamedTuple):
    """An encoded image and its media type."""

    data: bytes
    kind: str


class Pictures:
    """The latest pictures, up to 64 MB of them. Threads that ask for the same page wait for one another."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Picture] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, origin: Origin, index: int, rotation: Turn) -> Picture:
        """Return the picture of a page, made where it is not kept.

        Args:
            key: Names the page.
            origin: Where its file is.
            index: Its number in the file, from 0.
            rotation: Degrees clockwise by which it is turned.

        Raises:
            NordocrError: It cannot be read.
        """
        with self._guard:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._guard:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
            picture = encoded(turn(origin.image(index), rotation))
            with self._guard:
                self._kept[key] = picture
                self._bytes += len(picture.data)
                while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
                    self._bytes -= len(self._kept.popitem(last=False)[1].data)
            return picture


def encoded(page: PageArray) -> Picture:
    """Encode a page: two tones as a PNG of one bit, others as JPEG; what is longer than 12,000 pixels is shrunk."""
    longest = max(page.shape[:2])
    if longest > _LONGEST:
        size = [max(1, round(side * _LONGEST / longest)) for side in page.shape[1::-1]]
        page = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    held = io.BytesIO()
    if page.ndim == 2 and not ((page > 0) & (page < 255)).any():
        Image.fromarray(page > 0).save(held, "PNG", compress_level=3)
        return Picture(held.getvalue(), "image/png")
    Image.fromarray(page).save(held, "JPEG", quality=_QUALITY, subsampling=0)
    return Picture(held.getvalue(), "image/jpeg")
