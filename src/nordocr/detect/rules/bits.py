"""Long straight runs of ink, found on packed bits: eight pixels a byte, and a byte is as quick as a pixel.

A run is looked for along the first axis; for level runs the ink is laid on its side before it is packed.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask

Bits = npt.NDArray[np.uint8]
_Combine = Callable[[Bits, Bits], Bits]


class LongRuns:
    """The runs of a mask that are at least ``length`` pixels long, with one pixel more at either side.

    What :func:`cv2.morphologyEx` gives when it opens the mask, dilated by one pixel across, with a line of that length:
    a run that touches the mask's border may be half as long.

    Args:
        ink: bool ``[H, W]``.
        across: Whether runs go from left to right; else from top to bottom.
        length: The least length in pixels.
    """

    def __init__(self, ink: Mask, across: bool, length: int) -> None:
        along = np.asarray(cv2.transpose(ink.view(np.uint8)), dtype=np.uint8) if across else ink.view(np.uint8)
        self._across = across
        self._width = along.shape[1]
        self._bits = _opened(_thickened(np.packbits(along, axis=1)), length)

    def __bool__(self) -> bool:
        """Whether there is any run."""
        return bool(self._bits.any())

    def every(self, step: int) -> Bits:
        """Return every ``step``-th column, for runs across, or row, as uint8 of 0 and 1."""
        rows = np.unpackbits(self._bits[::step], axis=1, count=self._width)
        return np.ascontiguousarray(rows.T) if self._across else rows

    def window(self, rows: slice, columns: slice) -> Mask:
        """Return a part of the mask, bool."""
        along, aside = (columns, rows) if self._across else (rows, columns)
        first, last = aside.start // 8, -(-aside.stop // 8)
        part = np.unpackbits(self._bits[along, first:last], axis=1)
        own = part[:, aside.start - 8 * first : aside.stop - 8 * first].view(np.bool_)
        return own.T if self._across else own


def _thickened(bits: Bits) -> Bits:
    """Packed rows with the pixels beside each set one set as well."""
    wide = np.asarray(bits | (bits << 1) | (bits >> 1), dtype=np.uint8)
    wide[:, :-1] |= bits[:, 1:] >> 7
    wide[:, 1:] |= bits[:, :-1] << 7
    return wide


def _opened(bits: Bits, length: int) -> Bits:
    """Columns of packed rows opened by a line of ``length``; beyond the border everything is ink when it is eroded."""
    before, after = length // 2, length - 1 - length // 2
    return _over(_over(bits, before, after, 0xFF, np.bitwise_and), before, after, 0, np.bitwise_or)


def _over(bits: Bits, before: int, after: int, beyond: int, combine: _Combine) -> Bits:
    """Each row combined with the ``before`` rows above and the ``after`` below it; rows ``beyond`` the border."""
    rows = np.pad(bits, ((before, after), (0, 0)), constant_values=beyond)
    length, reach = before + after + 1, 1
    while reach < length:
        more = min(reach, length - reach)
        rows = combine(rows[:-more], rows[more:])
        reach += more
    return rows
