"""The source "random": texts that no language model can guess, so that every character is learnt by its shape."""

from __future__ import annotations

import string
from typing import Final

from nordocr.charset import Charset
from nordocr.synth.corpora import numbers
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.dice import Dice, Weighted

_HARDEST: Final = (
    "aåä",
    "AÅÄ",
    "oöø",
    "OÖØ",
    "dð",
    "DÐ",
    "pþ",
    "PÞ",
    "0O",
    "1lI",
    ["rn", "m"],
    ".,",
    ":;",
    "'’-",
    "-–—",
)
"""The sets that Nordic scans confuse most: drawn five times as often as the others."""

_PAIRS: Final = (
    "aåä", "AÅÄ", "oöø", "OÖØ", "dð", "DÐ", "pþ", "PÞ", "0O", "0OØ", "o0ø", "1lI", "1l!|", "Il", ["rn", "m"],
    ["rn", "m", "nn", "in"],
    ".,", ":;", ".,:;", "’'‘", "\"“”", "'\"’”", "-–—", "–-", "«»<>", ["<<", "«", ">>", "»"], "uüv", "UÜV", "æae",
    "ÆAE", "5S", "8B",
    "2Z", "6b", "9gq", "ce", "°o", "°0", "xX×", "xX", "+±", "cC", "vV", "wW", "sS", "zZ", "kK", "uU", "oO", "pP",
    "§S", "€C", "£E",
    "()[]", "{}[]", "/|\\", "_-", "`'", "^~", "*°", "&8", "@a", "#H", "$S", ["cl", "d"], ["vv", "w"], ["ii", "ü",
    "n"], "fft", "hb",
    "nu", "yv", "jy", "ij;", "FE", "GC", "QO", "17", "4A", "tf", "ao", "eo",
)  # fmt: skip
"""Sets that scans confuse: characters, or short strings that look like one character."""

SCARCE: Final = frozenset("ŊŋŦŧ•½¼¾²³¹„‹›™®©→☐☑☒✓₂†‰¢¥÷≤≥ªº¿¡")
"""Signs that many faces lack. A text is only drawn in a face that has all of it, so a text holds one of them."""
_SCARCE_SHARE: Final = 0.4

_SHAPES: Final = Weighted(
    ("uniform", "pairs", "inserted", "code", "mixed", "repeat"), (0.40, 0.28, 0.14, 0.09, 0.07, 0.02)
)
_SYLLABLES: Final = ("ba", "de", "fi", "go", "hu", "kå", "lä", "mö", "nø", "ræ", "sy", "tü", "vi", "sta", "skö",
                     "tri", "bru", "gning",
                     "het", "lun", "ðar", "þor", "ell", "ill", "rnm", "mmn", "iv", "ol", "ås", "är", "ög", "øk",
                     "æl")  # fmt: skip


class RandomSource:
    """Uniform characters, hard pairs and codes; the same for every language.

    Uniform text runs through shuffled copies of the whole charset, the rarer characters twice in each, so that in the
    default mixture every character is expected more than 20 times in 2,000 samples.
    """

    languages: frozenset[str] | None = None

    def __init__(self, charset: Charset, inside: Inside) -> None:
        self._characters = [c for c in charset.characters if c != " "]
        common = set(string.ascii_lowercase + string.digits + ".,- ")
        self._scarce = [c for c in self._characters if c in SCARCE]
        plenty = [c for c in self._characters if c not in SCARCE]
        deck = plenty + [c for c in plenty if c not in common]
        roll = Dice(1).unit
        # shuffled, so that no step through it follows the alphabet
        self._deck = [card for _, card in sorted((roll(), card) for card in deck)]
        self._pairs = [
            kept for pair in (*_PAIRS, *_HARDEST * 4) if len(kept := [c for c in pair if inside.holds(c)]) > 1
        ]
        self._syllables = [s for s in _SYLLABLES if inside.holds(s)] or self._characters

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return a random string of ``low`` to ``high`` characters, or a little shorter."""
        length = dice.integer(low, high)
        shape = _SHAPES.pick(dice)
        if shape == "uniform":
            return self.uniform(dice, length)
        if shape == "pairs":
            return self._pair_text(dice, length)
        if shape == "inserted":
            return self._inserted(dice, length)
        if shape == "repeat":
            return dice.pick((".", "-", "_", "*", "=", "–", ". ", "- ", "x", "X", "+ ", "~")) * (length // 2 + 1)
        return self._codes(dice, length, mixed=shape == "mixed")

    def uniform(self, dice: Dice, length: int) -> str:
        """Return ``length`` characters dealt from a shuffled deck of the charset, in half of the cases with spaces."""
        text: list[str] = []
        spaces = 0.12 if dice.chance(0.5) else 0.0
        deck = self._deck
        size = len(deck)
        # a step coprime to the deck's size visits every card once: a shuffle for the price of two draws
        step, place = self._step(dice, size), dice.integer(0, size - 1)
        while len(text) < length:
            if spaces and 0 < len(text) < length - 1 and text[-1] != " " and dice.chance(spaces):
                text.append(" ")
                continue
            text.append(deck[place])
            place = (place + step) % size
        if self._scarce and dice.chance(_SCARCE_SHARE):
            text[dice.integer(0, len(text) - 1)] = dice.pick(self._scarce)
        return "".join(text)

    def _step(self, dice: Dice, size: int) -> int:
        while True:
            step = dice.integer(1, max(size - 1, 1))
            a, b = size, step
            while b:
                a, b = b, a % b
            if a == 1:
                return step

    def _pair_text(self, dice: Dice, length: int) -> str:
        pairs = [dice.pick(self._pairs) for _ in range(dice.integer(1, 3))]
        text = ""
        while len(text) < length:
            text += dice.pick(dice.pick(pairs))
            if dice.chance(0.14):
                text += " "
        return text[:length]

    def _inserted(self, dice: Dice, length: int) -> str:
        """Syllables of no language with a hard pair's member among them: nothing but the shape tells which."""
        pair = dice.pick(self._pairs)
        words: list[str] = []
        count = 0
        while count < length:
            word = "".join(dice.pick(self._syllables) for _ in range(dice.integer(1, 4)))
            place = dice.integer(0, len(word))
            word = word[:place] + dice.pick(pair) + word[place:]
            word = word.upper() if dice.chance(0.2) else word.capitalize() if dice.chance(0.25) else word
            words.append(word)
            count += len(word) + 1
        return " ".join(words)[:length]

    def _codes(self, dice: Dice, length: int, *, mixed: bool) -> str:
        alphabet = string.digits + string.ascii_uppercase + ("" if dice.chance(0.5) else string.ascii_lowercase)
        parts: list[str] = []
        count = 0
        while count < length:
            if mixed and dice.chance(0.6):
                part = "".join(dice.pick(alphabet) for _ in range(dice.integer(2, 12)))
            else:
                part = numbers.code(dice)
            parts.append(part)
            count += len(part) + 1
        return dice.pick((" ", " ", "-", "/", ", ")).join(parts)[:length]
