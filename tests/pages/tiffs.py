"""TIFFs made tag by tag, for layouts that no library here writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

Tags = Mapping[int, Sequence[int]]


def tiff(*pages: tuple[Tags, Sequence[bytes]], order: str = "II") -> bytes:
    """A TIFF whose pages have these tags and strips; 273 and 279 follow from the strips.

    Tags are written as LONG, those of 16 bits a sample and the like as SHORT where they are below 65,536.
    """
    mark = "<" if order == "II" else ">"
    data = bytearray(order.encode("ascii") + struct.pack(mark + "HL", 42, 0))
    pointer = 4
    for tags, strips in pages:
        places = []
        for strip in strips:
            places.append(len(data))
            data += strip + b"\0" * (len(strip) % 2)
        entries = {**tags, 273: places, 279: [len(strip) for strip in strips]}
        struct.pack_into(mark + "L", data, pointer, len(data))
        start = len(data)
        data += struct.pack(mark + "H", len(entries)) + bytes(12 * len(entries) + 4)
        pointer = start + 2 + 12 * len(entries)
        for number, tag in enumerate(sorted(entries)):
            values = entries[tag]
            kind = "L" if tag in {273, 279} or max(values) > 65_535 else "H"
            packed = struct.pack(f"{mark}{len(values)}{kind}", *values)
            if len(packed) > 4:
                place = struct.pack(mark + "L", len(data))
                data += packed + b"\0" * (len(packed) % 2)
            else:
                place = packed.ljust(4, b"\0")
            struct.pack_into(
                mark + "HHL4s", data, start + 2 + 12 * number, tag, 4 if kind == "L" else 3, len(values), place
            )
    return bytes(data)


def gray(pixels: np.ndarray, order: str = "II", **more: int) -> tuple[Tags, list[bytes]]:
    """A page of one strip of gray samples, as deep as the array's dtype; ``more`` as ``t262=0``."""
    samples = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    height, width = pixels.shape
    tags = {256: [width], 257: [height], 258: [8 * pixels.itemsize], 259: [1], 262: [1], 277: [1], 278: [height]}
    tags |= {339: [samples]} | {int(name[1:]): [value] for name, value in more.items()}
    return tags, [pixels.astype(pixels.dtype.newbyteorder("<" if order == "II" else ">")).tobytes()]
