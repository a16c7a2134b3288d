"""Colours of 16 bits in planes of their own (TIFF's PlanarConfiguration 2), which Pillow decodes as if they had 8.

Each plane is read as a gray TIFF with the page's own strips or tiles.
"""

from __future__ import annotations

import io
import struct
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_STRIPS: Final = (273, 279)
_TILES: Final = (324, 325)
_ROWS_PER_STRIP, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT = 278, 317, 322, 323
_SAMPLES, _PLANAR = 277, 284
_LONG: Final = 4
_RGB: Final = 2


def has_deep_planes(tags: Any) -> bool:
    """Return whether a page's ``tag_v2`` describes several planes of 16 bits."""
    bits = tuple(tags.get(_BITS, ())) if tags else ()
    return len(bits) > 1 and tags.get(_PLANAR) == 2 and 16 in bits


def planes(file: BinaryIO, tags: Any, order: str) -> npt.NDArray[np.uint16]:
    """Decode a page with three planes of 16 bits.

    Args:
        file: The TIFF.
        tags: The page's ``tag_v2``.
        order: The file's byte order, ``II`` or ``MM``.

    Returns:
        uint16 ``[H, W, 3]``.

    Raises:
        ValueError: The planes are not all there, or they are not red, green and blue.
        OSError: They cannot be decoded.
    """
    if tags.get(_PHOTOMETRIC) != _RGB or tuple(tags[_BITS]) != (16, 16, 16):
        raise ValueError("its planes of 16 bits are not just red, green and blue")
    offsets_tag, counts_tag = _STRIPS if _STRIPS[0] in tags else _TILES
    offsets, counts = tuple(tags.get(offsets_tag, ())), tuple(tags.get(counts_tag, ()))
    each, rest = divmod(len(offsets), 3)
    if rest or not each or len(counts) != len(offsets):
        raise ValueError("its planes are not all there")
    found = np.empty((tags[_HEIGHT], tags[_WIDTH], 3), np.uint16)
    for plane in range(3):
        own = slice(plane * each, (plane + 1) * each)
        data = _gray_tiff(file, tags, order, (offsets_tag, offsets[own]), (counts_tag, counts[own]))
        with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
            found[:, :, plane] = np.asarray(image)
    return found


def _gray_tiff(
    file: BinaryIO, tags: Any, order: str, offsets: tuple[int, tuple[int, ...]], counts: tuple[int, tuple[int, ...]]
) -> bytes:
    """Return a TIFF of one gray image of 16 bits with some of the file's strips or tiles."""
    mark = "<" if order == "II" else ">"
    body, places = bytearray(), []
    for offset, count in zip(offsets[1], counts[1], strict=True):
        file.seek(offset)
        places.append(8 + len(body))
        body += file.read(count)
    entries: dict[int, tuple[int, ...]] = {
        _WIDTH: (tags[_WIDTH],),
        _HEIGHT: (tags[_HEIGHT],),
        _BITS: (16,),
        _COMPRESSION: (tags.get(_COMPRESSION, 1),),
        _PHOTOMETRIC: (1,),
        _SAMPLES: (1,),
        offsets[0]: tuple(places),
        counts[0]: counts[1],
    }
    for tag in (_FILL_ORDER, _ROWS_PER_STRIP, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT):
        if tag in tags:
            entries[tag] = (tags[tag],)
    body += b"\0" * (len(body) % 2)
    start = 8 + len(body)
    room = start + 2 + 12 * len(entries) + 4
    directory, values = struct.pack(mark + "H", len(entries)), bytearray()
    for tag in sorted(entries):
        packed = struct.pack(f"{mark}{len(entries[tag])}L", *entries[tag])
        place = packed if len(packed) == 4 else struct.pack(mark + "L", room + len(values))
        values += packed if len(packed) > 4 else b""
        directory += struct.pack(mark + "HHL", tag, _LONG, len(entries[tag])) + place
    head = order.encode("ascii") + struct.pack(mark + "HL", 42, start)
    return bytes(head + body + directory + bytes(4) + values)
