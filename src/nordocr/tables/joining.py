"""Lines of one cell as one text, and whether a line goes on in the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-\u00ad]$")
# Rows that begin with these stand by themselves under a heading, small letters or not: "of which".
_OF_WHICH: Final = frozenset(("varav", "därav", "herav", "heraf", "hvoraf", "heri", "joista", "josta", "siitä", "þar"))
# A line that ends in one of these is not complete: and, of, to, for, with, from, in.
_OPEN: Final = frozenset(
    (
        *("och", "samt", "eller", "av", "till", "för", "med", "från", "i", "på", "hos", "og", "af", "til", "for"),
        *("fra", "ja", "sekä", "tai", "eða", "í", "á", "fyrir", "með", "frá", "úr"),
    )
)


def joined(texts: Sequence[str]) -> str:
    """Return lines as one text; a hyphen between a letter and a small one is the line's end, not the word's."""
    whole = ""
    for text in texts:
        text = text.strip()
        if not whole:
            whole = text
        elif _HYPHEN.search(whole) and text[:1].islower():
            whole = whole[:-1] + text
        else:
            whole = f"{whole} {text}"
    return whole


def goes_on(above: str, below: str, room: float, letter: float) -> bool:
    """Decide whether a label's line goes on in the next line.

    Args:
        above: The line.
        below: The next.
        room: White from the end of the line to the end of the longest label, in pixels.
        letter: The mean width of a letter in pixels.
    """
    word = below.split()[0]
    if word.lower() in _OF_WHICH:
        return False
    if _HYPHEN.search(above) or above.split()[-1].lower() in _OPEN:
        return True
    if word[0].islower():
        return True
    full = room < (len(word) + 1) * letter
    capitals = above.isupper() and below.isupper()
    return full and capitals
