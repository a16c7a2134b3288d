"""The source "words": wordfreq's words, which come alone and in lower case, set as documents print words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from nordocr.errors import DataInvalid, EngineUnavailable
from nordocr.synth.corpora import dates, numbers
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.shape import capitalised
from nordocr.synth.dice import Dice, Weighted

_FLATTENING: Final = (
    0.6  # frequencies to this power: of Zipf's law alone half of all words would be the hundred commonest
)
_QUOTES: Final = (
    '"{}"',
    "”{}”",
    "“{}”",
    "‘{}’",
    "’{}’",
    "«{}»",
    "»{}«",
    "'{}'",
    "»{}»",
    "({})",
    "({})",
    "[{}]",
    "({}",
    "{})",
)
_KINDS: Final = Weighted(
    ("sentence", "phrase", "capital", "title", "list", "upper", "slash", "numbered", "hyphen"),
    (0.46, 0.14, 0.12, 0.07, 0.08, 0.04, 0.03, 0.04, 0.02),
)


@dataclass(frozen=True)
class WordTable:
    """Words of one language and their cumulative weights, which rise to 1."""

    words: list[str]
    bounds: list[float]
    capitals: float
    """Probability of a capital within a sentence."""

    def pick(self, dice: Dice) -> str:
        """Return a word in lower case, common ones more often."""
        return self.words[bisect_right(self.bounds, dice.unit())]


def load_words(locale: Locale, inside: Inside) -> WordTable:
    """Return the commonest words of a language inside the charset: letters, with apostrophes and hyphens inside a word.

    Args:
        locale: The language, which says which list to take, how many words, and which of them to replace.
        inside: The charset's filter, which counts the words that are left out.

    Raises:
        EngineUnavailable: If wordfreq is not installed.
        DataInvalid: If the language has no word list.
    """
    try:
        import wordfreq
    except ImportError as error:
        raise EngineUnavailable("Words need wordfreq: pip install 'nordocr[train]'.") from error
    language, form = locale.language, locale.words
    if form is None:
        raise DataInvalid(f"The data of language {language} has no words.")
    buckets = wordfreq.get_frequency_list(form.source or language, "best")
    words: list[str] = []
    weights: list[float] = []
    refused = 0
    for centibels, bucket in enumerate(buckets):
        if len(words) >= form.most:
            break
        weight = 10.0 ** (-centibels / 100 * _FLATTENING)
        for word in bucket:
            if not word.replace("'", "").replace("-", "").isalpha():
                continue
            if inside.holds(word):
                words.append(form.replace.get(word, word))
                weights.append(weight)
            else:
                refused += 1
    wordfreq.get_frequency_list.cache_clear()  # else each process keeps some two million words that it never reads
    if refused:
        inside.skipped[f"{language} word outside the charset"] += refused
    if not words:
        words, weights = [inside.charset.characters[0]], [1.0]
    total = sum(weights)
    bounds = list(accumulate(weight / total for weight in weights))
    bounds.pop()
    return WordTable(words, bounds, form.capitals)


class WordSource:
    """Single words, phrases, lists and sentence-like sequences with the punctuation that running text has."""

    def __init__(self, tables: dict[str, WordTable], locales: dict[str, Locale]) -> None:
        self.tables = tables
        self.locales = locales
        self.languages = frozenset(tables)

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return a text of about ``low`` to ``high`` characters; the mixture cuts what is too long."""
        table = self.tables[language]
        aim = dice.integer(low, high)
        if aim <= 12:
            return self._single(dice, table)
        kind = _KINDS.pick(dice)
        if kind == "sentence":
            return self.sentence(dice, language, aim)
        words = self._several(dice, table, aim)
        if kind == "phrase":
            return " ".join(words)
        if kind == "capital":
            return capitalised(" ".join(words)) + dice.pick(("", "", ":", ".", "?", "!"))
        if kind == "title":
            return " ".join(word.capitalize() for word in words)
        if kind == "list":
            return dice.pick((", ", ", ", "; ", " - ", " – ")).join(words)
        if kind == "upper":
            return " ".join(words).upper()
        if kind == "slash":
            return "/".join(words[:2]) + " " + " ".join(words[2:])
        if kind == "hyphen":
            return "-".join(words[:2]) + " " + " ".join(words[2:])
        return f"{numbers.enumeration(dice)} {capitalised(' '.join(words))}"

    def _single(self, dice: Dice, table: WordTable) -> str:
        word = table.pick(dice)
        roll = dice.unit()
        if roll < 0.40:
            return word
        if roll < 0.70:
            return word.capitalize()
        if roll < 0.80:
            return word.upper()
        if roll < 0.93:
            return word + dice.pick((".", ",", ":", ";", "?", "!", "-", "*", ")", "/"))
        return dice.pick(_QUOTES).replace("{}", word)

    def _several(self, dice: Dice, table: WordTable, length: int) -> list[str]:
        words = [table.pick(dice)]
        count = len(words[0])
        while count < length:
            word = table.pick(dice)
            words.append(word)
            count += len(word) + 1
        return words

    def sentence(self, dice: Dice, language: str, length: int) -> str:
        """Return words as running text of about ``length`` characters, with capitals, punctuation and figures."""
        table, locale = self.tables[language], self.locales[language]
        parts: list[str] = []
        count = 0
        start = dice.chance(0.6)
        until_stop = dice.integer(4, 14)
        while count < length:
            word = table.pick(dice)
            if start or dice.chance(table.capitals):
                word = word.capitalize()
            start = False
            until_stop -= 1
            roll = dice.unit()
            if roll < 0.08:
                word += ","
            elif roll < 0.15:
                word = self._oddity(dice, locale, table, word)
            elif until_stop <= 0:
                word += dice.pick((".", ".", ".", ".", "?", "!", ":"))
                start, until_stop = True, dice.integer(4, 14)
            parts.append(word)
            count += len(word) + 1
        return " ".join(parts)

    def _oddity(self, dice: Dice, locale: Locale, table: WordTable, word: str) -> str:
        roll = dice.unit()
        if roll < 0.30:
            return dice.pick(_QUOTES).replace("{}", word)
        if roll < 0.45 and locale.phrases.abbreviations:
            return dice.pick(locale.phrases.abbreviations)
        if roll < 0.60:
            return numbers.plain(dice, locale)
        if roll < 0.70:
            return str(dates.year(dice))
        if roll < 0.80:
            return f"{word} {dice.pick(('–', '–', '-', '—'))}"
        if roll < 0.88:
            return f"{word}{dice.pick((';', ':', '...', '*', ' &', ' +', ' ='))}"
        if roll < 0.94:
            return f"{word}-{table.pick(dice)}"
        return f"{word}/{table.pick(dice)}"
