"""What C decoders write to standard error while they decode: libtiff reports damage there and nowhere else.

libtiff goes on after a bad code word and gives what it has, so that the page would be garbage and nobody would know.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nordocr.pages.image import PageImage

_lock = threading.Lock()
# "Fax4Decode: Bad code word at line 240 of strip 0 (x 169)."
_MESSAGE: Final = re.compile(r"^[A-Za-z_][\w.]{2,60}: \S.*")
_PLACE: Final = re.compile(r"at (?:line|scanline) (\d+) of (?:strip|tile) (\d+)")
# Warnings of the facsimile decoder: it has lost its place. Not that a fax has no ends of lines, which some never have.
_LOST_PLACE: Final = re.compile(r"^Fax\w+: Warning, (?!.*without EOL)")
# libjpeg goes on after these, with gray or garbage.
_BROKEN_JPEG: Final = re.compile(r"Premature end of JPEG|Corrupt JPEG data")
# Group 3 finds its place again at the next line; all other decoders lose the rest of the strip.
_ONE_LINE: Final = re.compile(r"^Fax3")


@contextlib.contextmanager
def messages() -> Iterator[list[str]]:
    """Collect the messages of decoders that run within the block, in any thread of this process.

    What else is written to standard error meanwhile is written there afterwards.

    Yields:
        A list that holds the messages once the block has ended; empty where there is no standard error.
    """
    said: list[str] = []
    with _lock, contextlib.ExitStack() as held:
        try:
            kept = os.dup(2)
            held.callback(os.close, kept)
            file = held.enter_context(tempfile.TemporaryFile())
        except OSError:  # no standard error, as under pythonw, or no place for the file
            yield said
            return
        with contextlib.suppress(AttributeError, ValueError, OSError):
            sys.stderr.flush()
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            with contextlib.suppress(AttributeError, ValueError, OSError):
                sys.stderr.flush()
            os.dup2(kept, 2)
            file.seek(0)
            lines = file.read().splitlines(keepends=True)
            for line in lines:
                text = line.decode("utf-8", "replace").strip()
                if _MESSAGE.match(text):
                    said.append(text)
                elif text:
                    os.write(2, line)


def damage_warning(path: Path, page: PageImage) -> str:
    """Return the sentence for a user about a damaged page of a file."""
    share = f", about {page.missing:.0%} of it is missing" if page.missing else ""
    return f"Page {page.index + 1} of {path} is damaged{share}: {page.damage}."


def damage(said: Sequence[str]) -> str:
    """Return the first message that tells of damaged pixels, without its full stop; empty if there is none.

    Warnings about tags are no damage; those of the facsimile decoder are, because it has lost its place.
    """
    for text in said:
        if "Warning, " not in text or _LOST_PLACE.match(text) or _BROKEN_JPEG.search(text):
            return text.rstrip(".")
    return ""


def lost_rows(said: Sequence[str], height: int, rows_per_strip: int) -> int:
    """Return how many rows of the page are lost: in Group 3 the damaged ones, else the rest of each damaged strip.

    Args:
        said: The messages.
        height: The page's height in pixels.
        rows_per_strip: Height of a strip in pixels.
    """
    rows = min(max(1, rows_per_strip), height)
    lost: set[int] = set()
    for text in said:
        place = _PLACE.search(text)
        if place is not None and damage([text]):
            line, top = int(place[1]), int(place[2]) * rows
            lost.update([top + line] if _ONE_LINE.match(text) else range(top + line, min(top + rows, height)))
    return len([row for row in lost if row < height])
