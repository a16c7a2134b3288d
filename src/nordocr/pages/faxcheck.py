"""Whether a facsimile stream of a PDF can be decoded whole. PDFium goes on with garbage after a bad code word.

libtiff tells: the stream is put into a TIFF and decoded there once more, some hundredths of a second for a page.
"""

from __future__ import annotations

import contextlib
import io
import struct
from typing import Final

from PIL import Image

from nordocr.pages.said import damage, lost_rows, messages

# TIFF's Compression and T4Options: Group 4, Group 3 in one and in two dimensions.
_GROUP_4: Final = ((4, 0),)
_CODINGS: Final = (*_GROUP_4, (3, 0), (3, 1))


def fax_damage(data: bytes, columns: int, rows: int, *, group_4: bool) -> tuple[str, float]:
    """Decode a stream in every coding that it may have.

    Args:
        data: The stream.
        columns: The image's width in pixels.
        rows: Its height in pixels.
        group_4: It is known to be Group 4. Group 3 takes much for a page that is none.

    Returns:
        What is wrong in the coding that gets furthest, and the share of the rows that is lost; "" and 0 where one
        decodes it whole.
    """
    found: list[tuple[float, str]] = []
    for compression, options in _GROUP_4 if group_4 else _CODINGS:
        broken = False
        with contextlib.suppress(MemoryError), messages() as said:
            try:
                file = io.BytesIO(_tiff(data, columns, rows, compression, options))
                with Image.open(file, formats=("TIFF",)) as image:
                    image.load()
            except (OSError, ValueError, SyntaxError, TypeError, LookupError, struct.error):
                broken = True
        wrong = damage(said) or ("it cannot be decoded" if broken else "")
        if not wrong:
            return "", 0.0
        lost = lost_rows(said, rows, rows)
        found.append((lost / rows if lost and not broken else 1.0, wrong))
    share, wrong = min(found)
    return wrong, min(1.0, share)


def _tiff(data: bytes, columns: int, rows: int, compression: int, options: int) -> bytes:
    tags = [(256, columns), (257, rows), (258, 1), (259, compression), (262, 0), (273, 0), (277, 1), (278, rows)]
    tags += [(279, len(data)), (292, options)] if compression == 3 else [(279, len(data))]
    start = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, start if tag == 273 else value) for tag, value in tags)
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(4) + data
