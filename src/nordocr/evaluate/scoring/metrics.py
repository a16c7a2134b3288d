"""The figures: one evaluator for training, export gates, benchmarks and comparison alike.

CER and WER are sums of edits over sums of units, never means of ratios; case, spaces and å, ä, ö all count. Texts are
compared in the normal form of :mod:`nordocr.evaluate.scoring.units`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

from nordocr.charset import NORDIC_126, Charset
from nordocr.evaluate.scoring.accept import AcceptCurve, accept_curve
from nordocr.evaluate.scoring.bootstrap import Interval, Unit, choose_unit, intervals
from nordocr.evaluate.scoring.confusion import (
    Confusion,
    LetterScore,
    confusions,
    letter_scores,
    letter_tables,
    most_common,
)
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify_normalised
from nordocr.evaluate.scoring.units import normalise, unit_pair

WIDTH_EDGES = (256, 512, 768, 1024, 1792)
"""Upper ends (inclusive) of the width slices, in pixels at height 32: what models are trained to, and the ceiling."""

LENGTH_EDGES = (5, 10, 20, 40, 60, 80, 100)
"""Upper ends (inclusive) of the length slices, in units of the reference."""

CONFUSIONS_LISTED = 50
_RESAMPLES = 1000
_NAMELESS = "(no source)"


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: its truth and what was read.

    ``width`` in pixels at height 32; ``source`` the document and ``page`` the page that it came from; ``confidence``
    in [0, 1]. None where not known.
    """

    reference: str
    hypothesis: str
    width: int | None = None
    source: str | None = None
    page: str | None = None
    confidence: float | None = None


class _Figures(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OutsideCharset(_Figures):
    """Characters of the references that the charset lacks: ``share`` of all, the ``lines`` with any, each one's count.

    A recogniser with that charset cannot read them, so ``lines`` is a floor under its lines that are not exact.
    """

    charset: str
    share: float
    lines: int
    characters: dict[str, int]


class Summary(_Figures):
    """All figures of one set or slice. Rates are shares (0.01 is one per cent), None where they divide by nothing.

    ``cer`` = ``edits`` / ``characters`` and ``wer`` = ``word_edits`` / ``words``. ``taxonomy`` counts lines by
    :class:`~nordocr.evaluate.scoring.taxonomy.ErrorClass`. ``intervals`` are 95 % bootstrap intervals over ``unit``.
    """

    lines: int
    exact: float | None
    space_insensitive: float | None
    cer: float | None
    wer: float | None
    edits: int
    characters: int
    word_edits: int
    words: int
    taxonomy: dict[str, int]
    intervals: dict[str, Interval]
    unit: Unit
    units: int
    confusions: list[Confusion]
    nordic: dict[str, LetterScore]
    tables: dict[str, dict[str, dict[str, int]]]
    outside_charset: OutsideCharset


class Metrics(Summary):
    """A :class:`Summary` of all lines and one of every slice; ``accept`` where every line has a confidence.

    Slices of ``by_width`` and ``by_length`` are named by their range ("257-512", "1793-"), in rising order.
    """

    by_width: dict[str, Summary] = {}
    by_length: dict[str, Summary] = {}
    by_source: dict[str, Summary] = {}
    accept: AcceptCurve | None = None

    def to_json(self) -> str:
        """The figures as indented JSON, keys in a fixed order."""
        return self.model_dump_json(indent=2)


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Character error rate as a share: all edits over all characters of the references, NFC, case and spaces counted.

    Without one character in the references: 0.0 where nothing was read either, else infinity. ValueError where the
    lengths differ.
    """
    edits = characters = 0
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        r, h = unit_pair(normalise(reference), normalise(hypothesis))
        edits += Levenshtein.distance(r, h)
        characters += len(r)
    return edits / characters if characters else (math.inf if edits else 0.0)


def exact(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Share of lines read exactly (NFC, case and spaces counted); 0.0 for no lines. ValueError where lengths differ."""
    hits = [normalise(r) == normalise(h) for r, h in zip(references, hypotheses, strict=True)]
    return sum(hits) / len(hits) if hits else 0.0


def score(
    pairs: Iterable[Pair | tuple[str, str]],
    *,
    charset: Charset = NORDIC_126,
    resamples: int = _RESAMPLES,
    seed: int = 0,
) -> Metrics:
    """Every figure of ``pairs`` (a tuple is (reference, hypothesis)), overall and by width, length and source.

    ``resamples`` of the bootstrap, 0 for no intervals; the same ``seed`` gives the same intervals. Slices of
    ``by_width`` and ``by_source`` exist where some line has a width or a source.
    """
    table = _Table([pair if isinstance(pair, Pair) else Pair(*pair) for pair in pairs], charset, resamples, seed)
    everything = list(range(len(table.pairs)))
    confidences = [pair.confidence for pair in table.pairs]
    known = [c for c in confidences if c is not None]
    return Metrics(
        **dict(table.summary(everything)),
        by_width=table.slices(_by_width(table.pairs)),
        by_length=table.slices(_by_length(table.characters)),
        by_source=table.slices(_by_source(table.pairs)),
        accept=accept_curve(known, table.exact.astype(bool).tolist())
        if known and len(known) == len(confidences)
        else None,
    )


class _Table:
    """The lines' own figures as columns, worked out once, summed for each slice."""

    def __init__(self, pairs: list[Pair], charset: Charset, resamples: int, seed: int) -> None:
        self.pairs, self._charset, self._resamples, self._seed = pairs, charset, resamples, seed
        self.references = [normalise(pair.reference) for pair in pairs]
        self.hypotheses = [normalise(pair.hypothesis) for pair in pairs]
        both = list(zip(self.references, self.hypotheses, strict=True))
        self._classes = [classify_normalised(r, h) for r, h in both]
        self._errors: dict[int, list[tuple[str, str]]] = {}
        rows = np.zeros((len(pairs), 4), dtype=np.int64)
        for i, (reference, hypothesis) in enumerate(both):
            rows[i] = self._line(i, reference, hypothesis)
        self.edits, self.characters, self._word_edits, self._words = rows.T
        self.exact = np.array([c is ErrorClass.EXACT for c in self._classes], dtype=np.int64)
        same = (ErrorClass.EXACT, ErrorClass.SPACE_ONLY)
        self._space = np.array([c in same for c in self._classes], dtype=np.int64)
        inside = dict.fromkeys(map(ord, charset.characters))
        strangers = ((i, reference.translate(inside)) for i, reference in enumerate(self.references))
        self._outside = {i: characters for i, characters in strangers if characters}

    def _line(self, index: int, reference: str, hypothesis: str) -> tuple[int, int, int, int]:
        words = reference.split(" ") if reference else []
        r, h = unit_pair(reference, hypothesis)
        if reference == hypothesis:
            return 0, len(r), 0, len(words)
        self._errors[index] = confusions(r, h)
        read = hypothesis.split(" ") if hypothesis else []
        return len(self._errors[index]), len(r), Levenshtein.distance(words, read), len(words)

    def slices(self, groups: Mapping[str, list[int]]) -> dict[str, Summary]:
        return {name: self.summary(members) for name, members in groups.items()}

    def summary(self, members: list[int]) -> Summary:
        chosen = np.asarray(members, dtype=np.int64)
        edits, characters = self.edits[chosen], self.characters[chosen]
        word_edits, words = self._word_edits[chosen], self._words[chosen]
        exactly, spaced, ones = self.exact[chosen], self._space[chosen], np.ones(len(chosen), dtype=np.int64)
        ratios = {
            "exact": (exactly, ones),
            "space_insensitive": (spaced, ones),
            "cer": (edits, characters),
            "wer": (word_edits, words),
        }
        unit, codes, count = choose_unit([self.pairs[i].source for i in members], [self.pairs[i].page for i in members])
        errors = Counter(error for i in members for error in self._errors.get(i, ()))
        references = [self.references[i] for i in members]
        taxonomy = Counter(self._classes[i] for i in members)
        return Summary(
            lines=len(members),
            **{name: _ratio(int(over.sum()), int(under.sum())) for name, (over, under) in ratios.items()},
            edits=int(edits.sum()),
            characters=int(characters.sum()),
            word_edits=int(word_edits.sum()),
            words=int(words.sum()),
            taxonomy={str(c): taxonomy[c] for c in ErrorClass},
            intervals=intervals(ratios, codes, count, resamples=self._resamples, seed=self._seed),
            unit=unit,
            units=count,
            confusions=most_common(errors, CONFUSIONS_LISTED),
            nordic=letter_scores(references, [self.hypotheses[i] for i in members], errors),
            tables=letter_tables(references, errors),
            outside_charset=self._outside_charset(members, references),
        )

    def _outside_charset(self, members: list[int], references: list[str]) -> OutsideCharset:
        lines = [self._outside[i] for i in members if i in self._outside]
        counts = Counter("".join(lines))
        total = sum(map(len, references))
        share = counts.total() / total if total else 0.0
        characters = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        return OutsideCharset(charset=self._charset.name, share=share, lines=len(lines), characters=characters)


def _ratio(over: int, under: int) -> float | None:
    return over / under if under else None


def _by_width(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    known = [(i, pair.width) for i, pair in enumerate(pairs) if pair.width is not None]
    return _ranges([i for i, _ in known], np.array([w for _, w in known], dtype=np.int64), WIDTH_EDGES)


def _by_length(characters: npt.NDArray[np.int64]) -> dict[str, list[int]]:
    return _ranges(list(range(len(characters))), characters, LENGTH_EDGES)


def _ranges(lines: list[int], values: npt.NDArray[np.int64], edges: Sequence[int]) -> dict[str, list[int]]:
    """Lines by the range that their value lies in; ranges without a line are left out."""
    groups: dict[str, list[int]] = {}
    bins = np.searchsorted(edges, values, side="left")
    for number in sorted(set(bins.tolist())):
        low = edges[number - 1] + 1 if number else 0
        name = f"{low}-{edges[number]}" if number < len(edges) else f"{low}-"
        groups[name] = [lines[i] for i in np.flatnonzero(bins == number)]
    return groups


def _by_source(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        groups.setdefault(_NAMELESS if pair.source is None else pair.source, []).append(i)
    return {} if set(groups) == {_NAMELESS} else dict(sorted(groups.items()))
