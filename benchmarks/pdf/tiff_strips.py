"""The compressed data in a TIFF, to compare it with what a PDF of it holds."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def strips(path: Path) -> list[bytes]:
    """Return the compressed data of each page of a TIFF of one strip a page."""
    data, found = path.read_bytes(), []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            [offset], [count] = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
            found.append(data[offset : offset + count])
    return found
