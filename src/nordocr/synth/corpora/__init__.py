"""Text for training lines: a weighted mixture of templates, corpora, wordfreq, Faker, numbers and random strings."""

from __future__ import annotations

from nordocr.synth.corpora.config import TextConfig
from nordocr.synth.corpora.mixture import Text, TextMixture

__all__ = ["Text", "TextConfig", "TextMixture"]
