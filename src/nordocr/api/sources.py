"""What a user may hand over to be read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.config import Limits
from nordocr.pages import MemoryImage, Origin

UNNAMED = "document"
"""What bytes are called, and files without a name."""


class Readable(Protocol):
    """A file object opened in binary mode."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, all of them by default."""
        ...


Input = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | npt.NDArray[Any] | Image.Image
"""One document: a path, the bytes of a file, a binary file object, a NumPy array or a Pillow image."""


def is_many(source: Input | Iterable[Input]) -> bool:
    """Decide whether ``source`` is an iterable of documents rather than one."""
    single = isinstance(source, str | os.PathLike | bytes | bytearray | memoryview | np.ndarray | Image.Image)
    return not single and not hasattr(source, "read") and isinstance(source, Iterable)


def origin_of(source: Any, limits: Limits, password: str | None) -> Origin:
    """Return where one document's pages come from. A file object is read to its end and not closed.

    Raises:
        TypeError: ``source`` is nothing that can be read.
    """
    if isinstance(source, str | os.PathLike):
        return Origin(os.fspath(source), Path(source), limits, password)
    if isinstance(source, bytes | bytearray | memoryview):
        return Origin(UNNAMED, bytes(source), limits, password)
    if isinstance(source, np.ndarray):
        return Origin("image", MemoryImage(source), limits, password)
    if isinstance(source, Image.Image):
        name = str(getattr(source, "filename", "") or "image")
        return Origin(name, MemoryImage(source, name), limits, password)
    if hasattr(source, "read"):
        content = source.read()
        if not isinstance(content, bytes):
            raise TypeError("a file to read must be opened in binary mode")
        called: Any = getattr(source, "name", None)
        return Origin(called if isinstance(called, str) and called else UNNAMED, content, limits, password)
    raise TypeError(f"cannot read a {type(source).__name__}: give a path, bytes, a file, an array or a Pillow image")
