"""Which image files are decoded in a process of their own: those whose cost their size does not bound.

Most scans are bit planes, fax codes, LZW or deflate, and baseline JPEG: their decoders take time in proportion to bytes
and pixels, which :class:`nordocr.config.Limits` bounds. A progressive JPEG of 3 MB may ask for 10,000 passes over the
page; wavelets and video codecs have more ways to be slow, and larger decoders with more faults.
"""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from nordocr.pages.tiff import Directories

_JPEG: Final = b"\xff\xd8\xff"
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PLAIN: Final = (b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", *(b"P%d" % kind for kind in range(1, 8)))
# TIFF's Compression: none, CCITT RLE, Group 3, Group 4, LZW, deflate, CCITT with words, deflate, PackBits.
_LINEAR: Final = frozenset({0, 1, 2, 3, 4, 5, 8, 32771, 32946, 32773})
# Start of frame: baseline and extended sequential, with Huffman's codes (ITU-T T.81, table B.1).
_SEQUENTIAL: Final = (0xC0, 0xC1)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = b"\xff\xda"
# One for each colour and as many for a preview in EXIF. Within coded data the byte FF is always followed by another.
_MOST_SCANS: Final = 8
_CHUNK: Final = 1 << 20


def is_costly(file: BinaryIO, size: int) -> bool:
    """Decide whether an image file is decoded in a process of its own.

    Args:
        file: The file, at any place.
        size: Its size in bytes.

    Returns:
        False only for files whose decoding takes time in proportion to their bytes and pixels.
    """
    file.seek(0)
    head = file.read(16)
    if head.startswith(_TIFF):
        return _is_costly_tiff(file, size)
    if head.startswith(_JPEG):
        return not _is_sequential(file) or _scans(file) > _MOST_SCANS
    if head.startswith(_PLAIN):
        return False
    return bool(re.match(rb"RIFF....WEBP|....ftyp|\0\0\0\x0c(?:jP  |JXL )|\xff\x0a|\xff\x4f\xff\x51", head, re.DOTALL))


def _is_costly_tiff(file: BinaryIO, size: int) -> bool:
    try:
        directories = Directories(file, size)
        while directories.advance():
            if directories.latest.compression not in _LINEAR:
                return True
    except ValueError:  # damaged: what is read of it is what came before
        pass
    return False


def _is_sequential(file: BinaryIO) -> bool:
    """Return whether a JPEG's first frame is coded without passes; a damaged one is given to the careful side."""
    at = 2
    while True:
        file.seek(at)
        mark = file.read(4)
        if len(mark) < 4 or mark[0] != 0xFF:
            return False
        if mark[1] == 0xFF:  # fill bytes
            at += 1
        elif mark[1] in _FRAMES:
            return mark[1] in _SEQUENTIAL
        else:
            at += 2 + int.from_bytes(mark[2:], "big")


def _scans(file: BinaryIO) -> int:
    file.seek(0)
    count, tail = 0, b""
    while chunk := file.read(_CHUNK):
        count += (tail + chunk).count(_SCAN)
        tail = chunk[-1:]
    return count
