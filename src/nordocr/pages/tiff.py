"""A TIFF's directories, looked at before Pillow decodes a page.

Pillow takes what is left of a damaged directory and ends the file there without an error, so that the pages behind it
would be lost in silence. Layout after TIFF 6.0 (Adobe, 1992), section 2, and the BigTIFF extension (8-byte offsets).
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

# Bytes of one value of each field type; types that nobody has defined count for nothing, as readers skip them.
_TYPE_BYTES: Final = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
# Where strips or tiles begin, and how many bytes each has.
_EXTENTS: Final = ((273, 279), (324, 325))


class Directories:
    """The directories of one open TIFF, in the file's order; ``size`` is the file's in bytes.

    One directory is one page. Constructing it reads the header and raises ValueError where that is none.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        head = self._read(0, 16 if size >= 16 else 8)
        orders = {b"II": "<", b"MM": ">"}
        if head[:2] not in orders:
            raise ValueError("this is not the header of a TIFF")
        self._order = orders[head[:2]]
        version = struct.unpack(self._order + "H", head[2:4])[0]
        self._big = version == 43 and len(head) == 16
        self._next: int = struct.unpack(
            self._order + ("Q" if self._big else "L"), head[8:16] if self._big else head[4:8]
        )[0]
        self._seen: set[int] = set()

    def advance(self) -> bool:
        """Check the next directory; False where the file ends properly before it (or begins to repeat itself).

        Raises ValueError, which says what is wrong, for a directory that the file does not hold whole and for one whose
        values are together larger than the file: those overlap, and reading them could take any amount of memory.
        """
        offset = self._next
        if offset == 0 or offset in self._seen:
            return False
        self._seen.add(offset)
        count_bytes, entry_bytes, pointer_bytes = (8, 20, 8) if self._big else (2, 12, 4)
        count = self._number(self._read(offset, count_bytes))
        if count * entry_bytes > self._size:
            raise ValueError("its directory is longer than the file")
        entries = self._read(offset + count_bytes, count * entry_bytes)
        self._next = self._number(self._read(offset + count_bytes + count * entry_bytes, pointer_bytes))
        held = 0
        for start in range(0, len(entries), entry_bytes):
            kind = self._number(entries[start + 2 : start + 4])
            values = self._number(entries[start + 4 : start + 4 + pointer_bytes])
            held += _TYPE_BYTES.get(kind, 0) * values
        if held > self._size:
            raise ValueError("its directory claims more data than the file has")
        return True

    def _read(self, offset: int, count: int) -> bytes:
        if offset + count > self._size:
            raise ValueError("the file is truncated")
        self._file.seek(offset)
        data = self._file.read(count)
        if len(data) < count:
            raise ValueError("the file is truncated")
        return data

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self._order == "<" else "big")


def ends_early(tags: object, size: int) -> bool:
    """Whether a page's pixels lie beyond the end of a file of ``size`` bytes; libtiff would decode the rest as paper.

    ``tags``: Pillow's ``tag_v2`` of the page, or None for a file that is no TIFF.
    """
    get = getattr(tags, "get", None)
    if get is None:
        return False
    for offsets_tag, counts_tag in _EXTENTS:
        offsets, counts = get(offsets_tag, ()), get(counts_tag, ())
        if not isinstance(offsets, tuple) or not isinstance(counts, tuple):
            continue
        if any(offset + count > size for offset, count in zip(offsets, counts, strict=False)):
            return True
    return False
