"""The character set: which class of the recogniser's output means which character.

``nordic-126`` is the wire format between trainer, model files and readers: class 0 is the CTC blank, classes 1 to 125
are the characters below in exactly this order. Its dictionary file (``nordic_dict.txt``) is one character a line,
UTF-8, and the line that is one space is a class like any other.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nordocr.errors import DataInvalid, InputMissing

BLANK: Final = 0
"""The class of the CTC blank."""

NORDIC_UPPER: Final = "ÅÄÖØÆÐÞÜ"
NORDIC_LOWER: Final = "åäöøæðþü"
NORDIC_LETTERS: Final = NORDIC_UPPER + NORDIC_LOWER
"""The letters beyond A-Z that every report gives a recall for."""

_NORDIC_CHARACTERS: Final = (
    string.digits
    + string.ascii_uppercase
    + string.ascii_lowercase
    + NORDIC_UPPER
    + NORDIC_LOWER
    + " "
    + string.punctuation
    + "§°€£«»–—\u2018\u2019\u201c\u201d±×"
)


@dataclass(frozen=True)
class Charset:
    """An ordered set of single characters, class ``i + 1`` for ``characters[i]``, class 0 for the blank.

    Raises :class:`DataInvalid` on construction where a character is repeated, longer than one code point or not NFC.
    """

    name: str
    characters: str
    _index: dict[str, int] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        if not self.characters:
            raise DataInvalid(f"Charset {self.name!r} holds no character.")
        repeated = [c for c, n in Counter(self.characters).items() if n > 1]
        if repeated:
            raise DataInvalid(f"Charset {self.name!r} holds {repeated[0]!r} more than once.")
        if unicodedata.normalize("NFC", self.characters) != self.characters:
            raise DataInvalid(f"Charset {self.name!r} is not in Unicode normal form C.")
        object.__setattr__(self, "_index", {c: i + 1 for i, c in enumerate(self.characters)})

    @property
    def num_classes(self) -> int:
        """Characters plus the blank: the size of the model's last axis."""
        return len(self.characters) + 1

    def __contains__(self, character: object) -> bool:
        return character in self._index

    def encode(self, text: str) -> list[int]:
        """Classes of ``text`` (NFC); :class:`DataInvalid` names the characters that are outside the charset."""
        try:
            return [self._index[c] for c in text]
        except KeyError:
            outside = "".join(sorted(self.outside(text)))
            raise DataInvalid(f"Text {text!r} holds characters outside {self.name}: {outside!r}.") from None

    def decode(self, classes: Iterable[int]) -> str:
        """Characters of ``classes``, blanks left out; repeats are kept (collapsing them is CTC's work, not ours)."""
        return "".join(self._character(c) for c in classes if c != BLANK)

    def _character(self, number: int) -> str:
        if not 0 < number < self.num_classes:
            raise ValueError(f"there is no class {number} among the {self.num_classes} of {self.name}")
        return self.characters[number - 1]

    def outside(self, text: str) -> Counter[str]:
        """How often each character that the charset lacks occurs in ``text``: counted, never dropped."""
        return Counter(c for c in text if c not in self._index)

    def to_dict_text(self) -> str:
        """The dictionary file's content: one character a line, each line ended by a newline, the blank left out."""
        return "".join(f"{c}\n" for c in self.characters)


def nfc(text: str) -> str:
    """``text`` in Unicode normal form C, the only form that labels and comparisons use."""
    return unicodedata.normalize("NFC", text)


def read_dict_file(path: Path, *, name: str | None = None, append_space: bool = False) -> Charset:
    """Read a dictionary file as PaddleOCR and OpenOCR write them: UTF-8, one character a line, the blank left out.

    Only the line ending is cut off, so a line that is one space stays one. ``append_space`` adds the space as the
    last class, as ``use_space_char`` does there. Raises :class:`InputMissing` or :class:`DataInvalid`.
    """
    if not path.is_file():
        raise InputMissing(f"There is no dictionary file {path}.")
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataInvalid(f"Dictionary file {path} is not UTF-8: {error.reason}.") from error
    if lines and lines[-1] == "":
        lines.pop()
    lines = [line.removesuffix("\r") for line in lines]
    return _from_lines([*lines, " "] if append_space else lines, name or path.stem, path)


def _from_lines(lines: Sequence[str], name: str, path: Path) -> Charset:
    for number, line in enumerate(lines, start=1):
        if len(line) != 1:
            raise DataInvalid(f"Line {number} of dictionary file {path} is {line!r}, not one character.")
    try:
        return Charset(name, "".join(lines))
    except DataInvalid as error:
        raise DataInvalid(f"Dictionary file {path}: {error}") from error


NORDIC_126: Final = Charset("nordic-126", _NORDIC_CHARACTERS)
"""The default charset: blank and 125 characters of the five Nordic languages' business documents."""

_EXTENSION: Final = (
    "ÁÉÍÓÚÝáéíóúý"  # Icelandic and Faroese
    "ČŊŠŦŽčđŋšŧž"  # Sámi; its Đ looks like Ð and shares that class
    "ÀÂÃÇÈÊËÎÏÑÒÔÕÙÛàâãçèêëîïñòôõùû"  # names and loanwords
    "ŒœßŁł"
    "•·½¼¾²³¹µ„‹›™®©→☐☑☒✓₂†‰¢¥÷≤≥ªº¿¡"
)

NORDIC_EXT: Final = Charset("nordic-ext", _NORDIC_CHARACTERS + _EXTENSION)
"""The 126 classes of nordic-126 in their order, then what Nordic documents hold beyond them.

Cutting the last rows of a head trained on it gives a nordic-126 model with the same logits.
"""

CHARSETS: Final = {charset.name: charset for charset in (NORDIC_126, NORDIC_EXT)}
"""The bundled charsets by name."""

_HOMOGLYPHS: Final = str.maketrans(
    {
        "…": "...", "‚": ",", "−": "–", "‒": "–", "―": "—", "‐": "-", "‑": "-", "Đ": "Ð", "μ": "µ", "´": "'",
        "′": "'", "ʼ": "’", "ʹ": "'", "″": '"', "‟": "“", "⁄": "/", "∕": "/", "∙": "·", "⋅": "·", "‧": "·",
        "●": "•", "□": "☐", "✔": "✓", "⊠": "☒", "˚": "°", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u00ad": "-",
        "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
        "Τ": "T", "Υ": "Y", "Χ": "X", "ο": "o",
        "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "Х": "X",
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x",
    }
)  # fmt: skip


def fold_homoglyphs(text: str, charset: Charset) -> str:
    """Replace characters outside ``charset`` that no reader can tell from one inside it by their shape.

    For training labels only: ``…`` becomes ``...``, a minus sign an en dash, a Greek capital the Latin letter that is
    drawn alike. Texts to be compared are never changed, and labels for nordic-126 are not either: that charset's
    contract counts what lies outside.

    Args:
        text: A label in NFC.
        charset: The charset that the label will be encoded with.

    Returns:
        The label with what can be folded into ``charset`` folded, all else as it was.
    """
    if charset.name == NORDIC_126.name or all(c in charset for c in text):
        return text
    return "".join(c if c in charset else c.translate(_HOMOGLYPHS) for c in text)


_BASIC: Final = string.ascii_lowercase

LANGUAGES: Final[Mapping[str, str]] = {
    "sv": "åäöéàü",
    "nb": "æøåéàóòôü",
    "nn": "æøåéàóòôü",
    "no": "æøåéàóòôü",
    "da": "æøåéü",
    "fi": "åäöšžéü",
    "is": "áðéíóúýþæö",
    "fo": "áðíóúýæø",
    "se": "áčđðŋšŧžåäöæøéü",
    "en": "é",
    "de": "äöüßé",
    "fr": "àâæçéèêëîïôœùûü",
    "es": "áéíñóúü",
}
"""The small letters beyond a to z that each language is written with, by its ISO 639-1 code; ``no`` is both Norwegians.

The main exemplar characters of Unicode's CLDR 47, and of its auxiliary ones those that the language's own documents
hold in names and loanwords: é and ü, and the neighbours' letters in Sámi. A to z are everybody's. Sámi has ð because
its capital, Đ, shares the class of Ð; French lacks ÿ, which is no class.
"""


def unused_classes(charset: Charset, languages: Sequence[str]) -> list[int]:
    """Return the classes that stand for letters of none of ``languages``; none at all where no language is named.

    Args:
        charset: The recogniser's.
        languages: Codes of :data:`LANGUAGES`; KeyError for another.

    Returns:
        The classes, rising. Digits, signs and the blank are never among them.
    """
    if not languages:
        return []
    small = set(_BASIC).union(*(LANGUAGES[language] for language in languages))
    used = small | {letter.upper() for letter in small}
    # A letter is what has two cases; ª and º, which are letters to Unicode, are signs here.
    return [i + 1 for i, c in enumerate(charset.characters) if c.lower() != c.upper() and c not in used and c != "µ"]
