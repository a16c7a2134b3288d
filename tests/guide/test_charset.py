"""Charset: 126 classes in the guide's order, and its quotation marks, which its text shows mangled as ``''""``."""

from __future__ import annotations

import string

from nordocr.charset import NORDIC_126


def test_the_classes_are_the_guides_in_its_order() -> None:
    groups = [string.digits, string.ascii_uppercase, string.ascii_lowercase, "ÅÄÖØÆÐÞÜ", "åäöøæðþü", " "]
    groups += [string.punctuation, "§°€£«»–—", "\u2018\u2019\u201c\u201d", "±×"]
    assert NORDIC_126.characters == "".join(groups)
    assert NORDIC_126.num_classes == 126


def test_the_mangled_quotes_are_the_curly_ones() -> None:
    # As ''"" they would be two characters of string.punctuation twice over, and 126 classes would be 122.
    places = [NORDIC_126.encode(c)[0] for c in "‘’“”"]
    assert places == [120, 121, 122, 123]
    assert NORDIC_126.characters.count("'") == NORDIC_126.characters.count('"') == 1
