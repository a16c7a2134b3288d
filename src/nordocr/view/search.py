"""Lines looked for in a document: the next uncertain one, and those that hold a text."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Final

from nordocr.correct import Store

MOST_FOUND: Final = 300
"""Lines that a search gives at most."""


def next_anywhere(
    stores: Sequence[Store], document: int, page: int, line: str, below: float, *, back: bool = False
) -> tuple[int, int, str] | None:
    """Return document, page and name of the next untouched line with an uncertain character in all documents.

    Args:
        stores: The documents.
        document: The number of the one to begin in; it is looked through to its end, then the others, then its rest.
        page: The page to begin on.
        line: The line to begin behind; empty for the page's first one, that one included.
        below: Confidence below which a character is uncertain.
        back: Look towards the beginning.

    Returns:
        None where there is none.
    """
    found = next_uncertain(stores[document], page, line, below, back=back, around=False)
    if found is not None:
        return document, *found
    count, step = len(stores), -1 if back else 1
    for number in ((document + step * away) % count for away in range(1, count)):
        pages = stores[number].numbers()
        if pages:
            first = pages[-1] if back else pages[0]
            found = next_uncertain(stores[number], first, "", below, back=back, around=False)
        if found is not None:
            return number, *found
    found = next_uncertain(stores[document], page, line, below, back=back)
    return None if found is None else (document, *found)


def next_uncertain(
    store: Store, page: int, line: str, below: float, *, back: bool = False, around: bool = True
) -> tuple[int, str] | None:
    """Return the page and the name of the next untouched line with an uncertain character.

    Args:
        store: The document.
        page: The page to begin on.
        line: The line to begin behind; empty for the page's first one, that one included.
        below: Confidence below which a character is uncertain.
        back: Look towards the beginning.
        around: Go on at the other end of the document.

    Returns:
        None where there is none.
    """
    numbers = store.numbers()
    if not numbers:
        return None
    at = numbers.index(page) if page in numbers else 0
    pages = numbers[at::-1] if back else numbers[at:]
    if around:
        pages = [*pages, *(numbers[:at:-1] if back else numbers[:at]), numbers[at]]
    for number in pages:
        lines = store.lines(number)
        names = [one.id for one in lines]
        start = names.index(line) if number == page and line in names else None
        if start is not None and not back:
            rest = lines[start + 1 :]
            line = ""  # when the search comes round, it looks at the lines before, too
        elif start is not None:
            rest, line = lines[:start][::-1], ""
        else:
            rest = lines[::-1] if back else lines
        found = next((one for one in rest if one.state == "untouched" and one.least < below), None)
        if found is not None:
            return number, found.id
    return None


def find(store: Store, text: str) -> tuple[list[tuple[int, str, str]], bool]:
    """Return the lines that hold a text, whatever its capitals: page, name and text of each.

    Args:
        store: The document.
        text: What is looked for; runs of spaces are one.

    Returns:
        The lines in the document's order, and whether there are more than :data:`MOST_FOUND`.
    """
    wanted = _plain(text)
    if not wanted:
        return [], False
    hits = (
        (number, line.id, line.text)
        for number in store.numbers()
        for line in store.lines(number)
        if wanted in _plain(line.text)
    )
    found = list(itertools.islice(hits, MOST_FOUND + 1))
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
