"""The source "sentences": running text of the corpora, or a substitute for languages without one."""

from __future__ import annotations

from nordocr.synth.corpora.templates import TemplateSource
from nordocr.synth.corpora.words import WordSource
from nordocr.synth.dice import Dice


class SentenceSource:
    """Consecutive sentences of a language's corpora.

    A language without a corpus takes sequences of wordfreq's words and the templates' sentences, half of each; one
    without templates takes words alone.
    """

    def __init__(self, corpora: dict[str, list[str]], words: WordSource, templates: TemplateSource) -> None:
        self.corpora = corpora
        self.words = words
        self.templates = templates
        self.languages = frozenset(corpora) | words.languages | templates.languages

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return running text from the start of a sentence: up to three, until ``high`` characters are reached."""
        lines = self.corpora.get(language)
        if lines is None:
            return self._without_corpus(dice, language, high)
        place = dice.integer(0, len(lines) - 1)
        text = lines[place]
        if low <= len(text) <= high:
            return text
        for line in lines[place + 1 : place + 3]:
            if len(text) >= high:
                break
            text = f"{text} {line}"
        return text

    def _without_corpus(self, dice: Dice, language: str, high: int) -> str:
        worded = language in self.words.languages
        if language in self.templates.languages and (dice.chance(0.5) or not worded):
            return self.templates.sentence(dice, language)
        return self.words.sentence(dice, language, high)
