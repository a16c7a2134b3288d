"""What the language model learns from: corpora, the engine's templates, figures, names, and word lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from nordocr.charset import LANGUAGES, Charset
from nordocr.synth.corpora import TextConfig, TextMixture
from nordocr.synth.corpora.files import language_of, read_corpus
from nordocr.synth.corpora.inside import Inside

SEED: Final = 17_006
_OWN: Final = {"templates": 0.42, "words": 0.28, "numbers": 0.20, "faker": 0.10}
_LANGUAGES: Final = {"sv": 1.0, "nb": 1.0, "nn": 0.5, "da": 1.3, "fi": 0.9, "is": 0.8, "en": 0.7, "de": 0.4, "fr": 0.4}
_WANTED: Final = 3_000_000
_MOST_WEIGHT: Final = 4.0


@dataclass(frozen=True)
class Source:
    """Texts of one origin. ``weight``: what its counts are multiplied by; ``sentence``: what it is, for the file."""

    texts: list[str]
    weight: float
    sentence: str


def corpus_sources(corpora: Sequence[Path], charset: Charset) -> Iterator[Source]:
    """Read corpora; one of few characters weighs more, up to four times, so that languages come nearer each other.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: It is damaged.
        DataInvalid: Its name says no language, it is not UTF-8, or it holds no usable line.
    """
    for path in sorted(corpora, key=lambda path: path.name):
        language_of(path, LANGUAGES)
        lines = read_corpus(path, Inside(charset), 1_000_000)
        characters = sum(map(len, lines))
        weight = float(round(min(max(_WANTED / max(characters, 1), 1.0), _MOST_WEIGHT)))
        digest = hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()[:16]
        yield Source(
            lines,
            weight,
            f"corpus {path.name}: {len(lines)} lines, {characters} characters, weight {weight:g}, {digest}",
        )


def own_source(samples: int, charset: Charset) -> Source:
    """Draw texts of the synthetic engine: templates, figures, names and addresses, words by their frequency.

    Raises:
        EngineUnavailable: wordfreq or Faker is not installed.
    """
    mixture = TextMixture(TextConfig(shares=_OWN, languages=_LANGUAGES), charset)
    rng = np.random.default_rng(SEED)
    texts = [mixture.sample(rng).text for _ in range(samples)]
    made = f"wordfreq {version('wordfreq')}, Faker {version('Faker')}"
    return Source(
        texts, 1.0, f"templates, figures, names and words: {samples} texts, {sum(map(len, texts))} characters, {made}"
    )
