"""What a face really draws: every character rendered small, and compared with .notdef, with nothing, with each other.

A cmap only says that a character has a glyph. The glyph may be empty, the missing-glyph box, or another letter's (å
drawn as a, small capitals for lower case), and each of these would put a wrong label under a picture.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SIZE: Final = 40
"""Pixels per em of the comparison: å and a, Ð and D, – and - differ by several pixels there in every text face."""

_WIDTH: Final = 112
_HEIGHT: Final = 80
_ORIGIN: Final = (32, 56)
_MISSING: Final = "\U0010ffff"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TELLTALE: Final = "abdeghnqrt"
_ACCENTED: Final = {"Å": "A", "Ä": "A", "Ö": "O", "å": "a", "ä": "a", "ö": "o"}
_BOX: Final = 16

# Letters that are one shape once size and place are taken away, or that text faces draw in each other's form.
_ALIKE: Final = ("0Oo", "Cc", "Ss", "Vv", "Ww", "Xx", "Zz", "Uu", "Pp", "Kk", "1lIitj", "Yy", "Jj", "Mm", "9gq", "6b")


@dataclass(frozen=True)
class Drawing:
    """What one face draws of a set of characters, and the measures that grouping needs.

    ``twins`` are the sets of characters drawn exactly alike, plainest first; ``legible`` the share of letters and
    digits whose shape is nearest the same letter of a plain sans; ``accented`` how like A the lower part of Å is, and
    so on for ÄÖåäö (1.0 the same; near 0 with Cyrillic in Latin-1's places); ``small_caps`` that lower case is upper
    case made smaller; ``stem`` the width of an upright stroke by the height of H; ``serif`` how much wider a stroke's
    foot is than its middle (1.0 in a sans, 1.4 to 4.6 in a serif); ``fixed_pitch`` that all advances are about equal.
    Slanted faces are set upright before they are measured.
    """

    drawn: frozenset[str]
    twins: tuple[str, ...]
    legible: float
    accented: float
    small_caps: bool
    stem: float
    serif: float
    fixed_pitch: bool


def cells(font: ImageFont.FreeTypeFont, characters: str) -> NDArray[np.uint8]:
    """Return each character alone on a common baseline: uint8 ``[len(characters), 80, 112]``, ink 255 on 0."""
    image = Image.new("L", (_WIDTH, _HEIGHT * len(characters)))
    draw = ImageDraw.Draw(image)
    for row, character in enumerate(characters):
        draw.text((_ORIGIN[0], _ORIGIN[1] + row * _HEIGHT), character, fill=255, font=font, anchor="ls")
    return np.asarray(image, dtype=np.uint8).reshape(len(characters), _HEIGHT, _WIDTH)


def examine(font: ImageFont.FreeTypeFont, characters: str) -> Drawing:
    """Render ``characters`` and return what is truly drawn.

    A white-space character counts as drawn where it is blank, advances, and is not the missing glyph.

    Args:
        font: A face of :data:`SIZE` with basic layout.
        characters: The charset's characters.
    """
    # ASCII first: of two characters drawn alike it is the plainer one that the picture shows.
    ordered = "".join(sorted(dict.fromkeys(characters + _LETTERS), key=lambda c: (not c.isascii(), c)))
    pictures = cells(font, ordered + _MISSING)
    keys = [picture.tobytes() for picture in pictures]
    blank = pictures.reshape(len(keys), -1).max(axis=1) < 64
    missing = keys[-1] if not blank[-1] else None
    drawn: set[str] = set()
    alike: dict[bytes, list[str]] = {}
    for position, character in enumerate(ordered):
        if unicodedata.category(character) == "Zs":
            if blank[position] and font.getlength(character) > 0:
                drawn.add(character)
        elif not blank[position] and keys[position] != missing:
            drawn.add(character)
            alike.setdefault(keys[position], []).append(character)
    needed = {c: pictures[ordered.index(c)] for c in _LETTERS}
    slope = _slope(needed)
    upright = {c: _sheared(picture, slope) for c, picture in needed.items()} if abs(slope) > 0.05 else needed
    return Drawing(
        drawn=frozenset(drawn & set(characters)),
        twins=tuple("".join(group) for group in alike.values() if len(group) > 1),
        legible=_legible(upright),
        accented=_accented({**needed, **{c: pictures[ordered.index(c)] for c in _ACCENTED if c in ordered}}),
        small_caps=_small_caps(upright),
        stem=_stem(upright),
        serif=_serif(upright),
        fixed_pitch=_fixed_pitch(font),
    )


def _ink(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture`` cut to its ink; one blank pixel where there is none."""
    rows, columns = np.flatnonzero(picture.max(axis=1) > 96), np.flatnonzero(picture.max(axis=0) > 96)
    if not rows.size or not columns.size:
        return np.zeros((1, 1), dtype=np.uint8)
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _slope(pictures: dict[str, NDArray[np.uint8]]) -> float:
    """Columns that the strokes of capitals lean to the right for each row upwards: 0 upright, about 0.2 italic."""
    slopes = []
    for letter in "HINMTE":
        moments = cv2.moments(pictures[letter])
        slopes.append(-moments["mu11"] / moments["mu02"] if moments["mu02"] else 0.0)
    return float(np.median(slopes))


def _sheared(picture: NDArray[np.uint8], slope: float) -> NDArray[np.uint8]:
    """``picture`` with a lean of ``slope`` taken out about the baseline."""
    matrix = np.array([[1.0, slope, -slope * _ORIGIN[1]], [0.0, 1.0, 0.0]])
    return cv2.warpAffine(picture, matrix, (_WIDTH, _HEIGHT)).astype(np.uint8)


def _shape(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The ink stretched to a square, zero mean, unit length: float32 ``[256]``, compared by dot product."""
    square = cv2.resize(_ink(picture), (_BOX, _BOX), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    square -= square.mean()
    norm = float(np.linalg.norm(square))
    return square / norm if norm > 0 else square


@cache
def _reference() -> NDArray[np.float32]:
    """Shapes of the 62 letters and digits in the sans that Pillow carries within itself: float32 ``[62, 256]``."""
    font = ImageFont.load_default(SIZE)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return np.stack([_shape(picture) for picture in cells(font, _LETTERS)])


@cache
def _same_letter() -> NDArray[np.bool_]:
    same = np.eye(len(_LETTERS), dtype=bool)
    for group in _ALIKE:
        places = [_LETTERS.index(c) for c in group]
        same[np.ix_(places, places)] = True
    return same


def _legible(pictures: dict[str, NDArray[np.uint8]]) -> float:
    shapes = np.stack([_shape(pictures[c]) for c in _LETTERS])
    # einsum, not @: a BLAS that wakes its threads for so small a product costs more than the product.
    nearest = np.einsum("ik,jk->ij", shapes, _reference()).argmax(axis=1)
    return float(_same_letter()[np.arange(len(_LETTERS)), nearest].mean())


def _accented(pictures: dict[str, NDArray[np.uint8]]) -> float:
    likeness = []
    for letter, base in _ACCENTED.items():
        if letter in pictures:
            rows = np.flatnonzero(pictures[base].max(axis=1) > 96)
            body = slice(rows[0], rows[-1] + 1) if rows.size else slice(0, 1)
            likeness.append(float(_shape(pictures[letter][body]) @ _shape(pictures[base])))
    return float(np.median(likeness)) if likeness else 1.0


def _small_caps(pictures: dict[str, NDArray[np.uint8]]) -> bool:
    likeness = [float(_shape(pictures[c]) @ _shape(pictures[c.upper()])) for c in _TELLTALE]
    return float(np.median(likeness)) > 0.8


def _row_ink(picture: NDArray[np.uint8], start: float, stop: float) -> float:
    """Mean ink width in pixels of the rows between two fractions of the ink's height, counted from the top."""
    ink = _ink(picture)
    first = min(int(start * len(ink)), len(ink) - 1)
    return float(ink[first : max(first + 1, round(stop * len(ink)))].sum(axis=1).mean() / 255)


def _stem(pictures: dict[str, NDArray[np.uint8]]) -> float:
    return _row_ink(pictures["H"], 0.65, 0.85) / 2 / len(_ink(pictures["H"]))


def _serif(pictures: dict[str, NDArray[np.uint8]]) -> float:
    ratios = [_row_ink(pictures[c], 0.95, 1.0) / max(_row_ink(pictures[c], 0.65, 0.8), 0.1) for c in "HhnN"]
    return float(np.median(ratios))


def _fixed_pitch(font: ImageFont.FreeTypeFont) -> bool:
    advances = [float(font.getlength(c)) for c in "iWm.1lO"]
    # Hinting and hand-cut typewriter faces vary by a few pixels; proportional faces by a factor of three.
    return max(advances) - min(advances) < 0.25 * max(advances) and min(advances) > 0
