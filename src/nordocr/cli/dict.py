"""``nordocr dict``: the character set as a dictionary file."""

from __future__ import annotations

import sys


def dictionary() -> None:
    """Print nordic_dict.txt: the 125 characters of nordic-126, one per line, in the order of the model's classes."""
    from nordocr.charset import NORDIC_126

    sys.stdout.write(NORDIC_126.to_dict_text())
