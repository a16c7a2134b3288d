"""Which pages of a file are wanted: ``1,3-5,9-`` as the command line takes it, counted from 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nordocr.errors import UsageError


@dataclass(frozen=True)
class Selection:
    """Ranges of page numbers from 1, both ends included; an end of None is the file's last page."""

    ranges: tuple[tuple[int, int | None], ...]

    def __contains__(self, index: object) -> bool:
        """Return whether the page with this ``index``, counted from 0, is wanted."""
        if not isinstance(index, int):
            return False
        return any(first <= index + 1 <= (last or index + 1) for first, last in self.ranges)

    @property
    def last(self) -> int | None:
        """The highest page number that is wanted; None if a range is open."""
        ends = [last for _, last in self.ranges]
        return None if None in ends else max(end for end in ends if end is not None)

    def missing(self, count: int) -> int | None:
        """Return the lowest page number that is named but lies beyond a file of ``count`` pages; None if all exist."""
        beyond = [max(first, count + 1) for first, last in self.ranges if first > count or (last or 0) > count]
        return min(beyond, default=None)


def parse_selection(text: str) -> Selection:
    """Parse a page selection such as ``1,3-5,9-``.

    Raises:
        UsageError: A part is neither a page nor a rising range.
    """
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})\s*(?:(-)\s*(\d{1,9})?)?\s*", part)
        if match is None:
            raise UsageError(f"{part.strip()!r} in the page selection {text!r} is neither a page nor a range like 3-5.")
        first = int(match[1])
        last = None if match[2] and not match[3] else int(match[3] or match[1])
        if first < 1 or (last is not None and last < first):
            raise UsageError(f"{part.strip()!r} in the page selection {text!r} does not count upwards from 1.")
        ranges.append((first, last))
    return Selection(tuple(ranges))
