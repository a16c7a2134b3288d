"""The normal form in which texts are compared, and the units in which their errors are counted.

Every figure of this package is counted on the same normal form, so that the share of exact lines, the character
error rate and the error classes can never disagree about what was compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from nordocr.charset import nfc

# No code point below U+0300, no punctuation and no symbol of the blocks from U+2000 on is a mark (Unicode general
# category M); nearly all lines are told apart by this search alone.
_PERHAPS_MARK: Final = re.compile("[\u0300-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")


def normalise(text: str) -> str:
    """Return ``text`` in NFC with runs of whitespace collapsed to one space and its ends stripped; case is kept."""
    return " ".join(nfc(text).split())


def without_spaces(normalised: str) -> str:
    """Return a normalised text without its spaces, in NFC."""
    return nfc(normalised.replace(" ", ""))


def units(normalised: str) -> Sequence[str]:
    """Return the units that edits are counted in: code points, or grapheme clusters where there are combining marks.

    A cluster is a character and the marks (category M) behind it: the part of Unicode's UAX #29 that Latin text
    needs. NFC leaves a mark on its own only where no composed character exists, so most texts come back unchanged,
    as the ``str`` they are; a text with marks comes back as a list of ``str``.
    """
    if not has_marks(normalised):
        return normalised
    clusters: list[str] = []
    for character in normalised:
        if clusters and clusters[-1] != " " and _is_mark(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def unit_pair(reference: str, hypothesis: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return two normalised texts as units of one kind: clusters for both where either holds combining marks."""
    if has_marks(reference) or has_marks(hypothesis):
        return list(units(reference)), list(units(hypothesis))
    return reference, hypothesis


def has_marks(text: str) -> bool:
    """Decide whether ``text`` holds a combining mark."""
    if text.isascii() or not _PERHAPS_MARK.search(text):
        return False
    return any(_is_mark(found.group()) for found in _PERHAPS_MARK.finditer(text))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
