"""Which lines of an indexed LMDB a model can be trained on, worked out for all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.charset import Charset, fold_homoglyphs
from nordocr.data.lmdb_index import LmdbIndex
from nordocr.families import Family, family_of, repeats
from nordocr.linespec import LineSpec

UNREADABLE: Final = "image cannot be read"
UNLABELLED: Final = "label missing or not UTF-8"
EMPTY: Final = "empty text"
OUTSIDE: Final = "characters outside the charset"
TOO_LONG: Final = "label too long for the line's width"

_CHUNK: Final = 1 << 16  # lines looked at together, so that memory does not grow with the LMDB

Numbers = npt.NDArray[np.int64]


@dataclass
class Usable:
    """The lines that can be trained on, and the others by reason.

    Attributes:
        lines: Their numbers, counted from 0, rising.
        left_out: Numbers of the others, by reason.
        outside: How often each character outside the charset occurs in the lines left out for it.
    """

    lines: Numbers
    left_out: dict[str, Numbers] = field(default_factory=dict)
    outside: Counter[str] = field(default_factory=Counter)


def usable_lines(index: LmdbIndex, spec: LineSpec, among: Numbers) -> Usable:
    """Sort lines into those that can be trained on and those that cannot, and why.

    Args:
        index: The LMDB's index.
        spec: What is trained for.
        among: Numbers of the lines to look at, rising.

    Returns:
        The lines. One that has several faults counts under the first of the reasons in the order of this module.
    """
    found = Usable(np.empty(0, dtype=np.int64))
    kept, left_out = [], dict[str, list[Numbers]]()
    room, family = _Room(spec), family_of(spec)
    for start in range(0, len(among), _CHUNK):
        numbers = among[start : start + _CHUNK]
        fine = np.ones(len(numbers), dtype=np.bool_)
        for reason, at in _faults(index, spec.charset, numbers, room, family, found.outside):
            new = at & fine
            fine &= ~at
            if new.any():
                left_out.setdefault(reason, []).append(numbers[new])
        kept.append(numbers[fine])
    if kept:
        found.lines = np.concatenate(kept)
    found.left_out = {reason: np.concatenate(parts) for reason, parts in left_out.items()}
    return found


class _Room:
    """How much label an image's size has room for, each size worked out once, by the LineSpec and its family."""

    def __init__(self, spec: LineSpec) -> None:
        self._spec, self._family = spec, family_of(spec)
        self._known: dict[int, int] = {}

    def of(self, sizes: npt.NDArray[np.int32]) -> Numbers:
        pairs = sizes[:, 0].astype(np.int64) << 32 | sizes[:, 1].astype(np.int64)
        unique, where = np.unique(pairs, return_inverse=True)
        return np.asarray([self._of(int(pair)) for pair in unique], dtype=np.int64)[where]

    def _of(self, pair: int) -> int:
        if pair not in self._known:
            width, height = pair >> 32, pair & 0xFFFFFFFF
            spec = self._spec
            self._known[pair] = self._family.room(spec, spec.target_width(height, width)) if height else 0
        return self._known[pair]


def _faults(
    index: LmdbIndex, charset: Charset, numbers: Numbers, room: _Room, family: Family, outside: Counter[str]
) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Yield each reason and at which of ``numbers`` it holds; characters outside the charset are counted."""
    sizes = index.sizes[numbers]
    unlabelled, unreadable = ~index.labelled[numbers], (sizes == 0).any(axis=1)
    yield UNLABELLED, unlabelled
    yield UNREADABLE, unreadable
    first, last = index.starts[numbers], index.starts[numbers + 1]
    low, high = int(first.min()), int(last.max())
    codes = index.codes[low:high]
    begin, end = first - low, last - low
    spaces = np.asarray([chr(c).isspace() for c in index.alphabet], dtype=np.bool_)
    empty = _count(spaces[codes], begin, end) == end - begin
    yield EMPTY, empty
    known = np.asarray([chr(c) in charset for c in index.alphabet], dtype=np.bool_)
    strange = _count(~known[codes], begin, end) > 0
    needed = family.needed(end - begin, _count(codes[1:] == codes[:-1], begin, np.maximum(end - 1, begin)))
    for place in np.flatnonzero(strange & ~(unlabelled | unreadable | empty)).tolist():
        text = fold_homoglyphs(index.text(int(numbers[place])), charset)
        found = charset.outside(text)
        outside.update(found)
        strange[place] = bool(found)
        needed[place] = family.needed(len(text), repeats(text))
    yield OUTSIDE, strange
    yield TOO_LONG, needed > room.of(sizes)


def _count(flags: npt.NDArray[np.bool_], begin: Numbers, end: Numbers) -> Numbers:
    """Count what is True in each ``flags[begin:end]``; fast where little is."""
    places = np.flatnonzero(flags)
    counted: Numbers = np.searchsorted(places, end) - np.searchsorted(places, begin)
    return counted
