"""A TIFF's directories, checked before Pillow decodes a page.

Pillow takes what is left of a damaged directory and ends the file there without an error, so that the pages behind it
would be lost in silence; and it decodes previews and masks as if they were pages. Layout after TIFF 6.0 (Adobe, 1992),
sections 2 and 8, and the BigTIFF extension (8-byte offsets).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

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


_WIDTH, _HEIGHT, _COMPRESSION, _ROWS_PER_STRIP, _STRIPS, _SAMPLES, _PLANAR = 256, 257, 259, 278, 273, 277, 284
_NEW_SUBFILE, _OLD_SUBFILE = 254, 255
# NewSubfileType's bits: an image of lower resolution, a transparency mask.
_REDUCED, _MASK = 1, 4
_OLD_REDUCED: Final = 2
# How often the file's bytes may be claimed by strips, and how many bytes more.
_OVERLAP: Final = 4
_SHARED: Final = 1 << 20
_SHORT: Final = 3


@dataclass(frozen=True)
class Directory:
    """What one directory says of itself.

    Attributes:
        width: Width in pixels; 0 where it is not said.
        height: Height in pixels; 0 where it is not said.
        reduced: A preview: an image of lower resolution of another page.
        mask: A transparency mask of another page.
        compression: TIFF's number for how the pixels are coded; 0 where it is not said.
    """

    width: int = 0
    height: int = 0
    reduced: bool = False
    mask: bool = False
    compression: int = 0


class Directories:
    """The directories of one open TIFF, in the file's order.

    Args:
        file: The TIFF.
        size: The file's size in bytes.

    Raises:
        ValueError: The file does not begin with the header of a TIFF.
    """

    latest = Directory()
    """The directory that :meth:`advance` went to."""

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
        """Go to the next directory and check it.

        Returns:
            False if the file ends properly before it, or begins to repeat itself.

        Raises:
            ValueError: The file does not contain the directory whole, or the directory's values are together larger
                than the file: those overlap, and reading them could take any amount of memory.
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
        held, single = 0, dict[int, int]()
        for start in range(0, len(entries), entry_bytes):
            tag, kind = self._number(entries[start : start + 2]), self._number(entries[start + 2 : start + 4])
            values = self._number(entries[start + 4 : start + 4 + pointer_bytes])
            held += _TYPE_BYTES.get(kind, 0) * values
            value = start + 4 + pointer_bytes
            single[tag] = self._number(entries[value : value + (2 if kind == _SHORT else 4)])
        if held > self._size:
            raise ValueError("its directory claims more data than the file has")
        subfile = single.get(_NEW_SUBFILE, 0)
        self.latest = Directory(
            single.get(_WIDTH, 0),
            single.get(_HEIGHT, 0),
            bool(subfile & _REDUCED) or single.get(_OLD_SUBFILE) == _OLD_REDUCED,
            bool(subfile & _MASK),
            single.get(_COMPRESSION, 0),
        )
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


def no_pages(file: BinaryIO, size: int) -> frozenset[int]:
    """Find the directories that are not pages: masks, and previews smaller than the largest page.

    Where nothing else is there, previews are pages: some software marks every image as one.

    Args:
        file: The TIFF.
        size: The file's size in bytes.

    Returns:
        Their places in the file, from 0; of a damaged file those before the damage.
    """
    found: list[Directory] = []
    try:
        directories = Directories(file, size)
        while directories.advance():
            found.append(directories.latest)
    except ValueError:
        pass
    whole = [directory.width * directory.height for directory in found if not (directory.reduced or directory.mask)]
    if not whole:
        return frozenset()
    return frozenset(
        place
        for place, directory in enumerate(found)
        if directory.mask or (directory.reduced and directory.width * directory.height < max(whole))
    )


def missing_rows(tags: Any) -> int:
    """Return how many of a page's rows have no strip; libtiff would decode them as paper.

    Args:
        tags: Pillow's ``tag_v2`` of the page, or None for a file that is not a TIFF.
    """
    if not tags or _STRIPS not in tags:
        return 0
    height, rows = tags.get(_HEIGHT, 0), tags.get(_ROWS_PER_STRIP, 0)
    if not isinstance(height, int) or not isinstance(rows, int) or not 0 < rows < height:
        return 0
    planes = tags.get(_SAMPLES, 1) if tags.get(_PLANAR) == 2 else 1
    strips = len(tags[_STRIPS]) // planes
    return max(0, height - strips * rows)


def claims_too_much(tags: object, size: int) -> bool:
    """Return whether a page's strips overlap so much that reading each of them would take time without measure.

    White strips may well be stored once for many: those are short.

    Args:
        tags: Pillow's ``tag_v2`` of the page, or None for a file that is not a TIFF.
        size: The file's size in bytes.
    """
    get = getattr(tags, "get", None)
    if get is None:
        return False
    claimed = 0
    for _, counts_tag in _EXTENTS:
        counts = get(counts_tag, ())
        claimed += sum(counts) if isinstance(counts, tuple) else 0
    return claimed > _OVERLAP * size + _SHARED


def ends_early(tags: object, size: int) -> bool:
    """Return whether a page's pixels lie beyond the end of the file; libtiff would decode the rest as paper.

    Args:
        tags: Pillow's ``tag_v2`` of the page, or None for a file that is not a TIFF.
        size: The file's size in bytes.
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
