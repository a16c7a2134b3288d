"""The figures: one evaluator for training, export gates, benchmarks and comparisons alike.

CER and WER are sums of edits over sums of units, never means of ratios; case, spaces and å, ä, ö all count. Texts are
compared in the normal form of :mod:`nordocr.evaluate.scoring.units`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

from nordocr.charset import NORDIC_126, Charset
from nordocr.evaluate.scoring.accept import accept_curve
from nordocr.evaluate.scoring.bootstrap import choose_unit, intervals
from nordocr.evaluate.scoring.confusion import letter_scores, letter_tables, most_common
from nordocr.evaluate.scoring.rates import summary_rates
from nordocr.evaluate.scoring.summary import Metrics as Metrics
from nordocr.evaluate.scoring.summary import OutsideCharset, Summary
from nordocr.evaluate.scoring.table import Ints, ScoredTable, scored
from nordocr.evaluate.scoring.table import Pair as Pair
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.evaluate.scoring.units import normalise, unit_pair

WIDTH_EDGES = (256, 512, 768, 1024, 1792)
"""Upper ends (inclusive) of the width slices, in pixels at height 32: what models are trained to, and the ceiling."""

LENGTH_EDGES = (5, 10, 20, 40, 60, 80, 100)
"""Upper ends (inclusive) of the length slices, in units of the reference."""

CONFUSIONS_LISTED = 50
_RESAMPLES = 1000
_NAMELESS = "(no source)"


def cer(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Return the character error rate: all edits over all characters of the references.

    Args:
        references: True texts; NFC, case and spaces count.
        hypotheses: What was read, in the same order.

    Returns:
        A share. If the references hold no character: 0.0 where nothing was read either, else infinity.

    Raises:
        ValueError: The lengths differ.
    """
    edits = characters = 0
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        r, h = unit_pair(normalise(reference), normalise(hypothesis))
        edits += Levenshtein.distance(r, h)
        characters += len(r)
    return edits / characters if characters else (math.inf if edits else 0.0)


def exact(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Return the share of lines read exactly (NFC, case and spaces counted), 0.0 for no lines.

    Raises:
        ValueError: The lengths differ.
    """
    hits = [normalise(r) == normalise(h) for r, h in zip(references, hypotheses, strict=True)]
    return sum(hits) / len(hits) if hits else 0.0


def score(
    lines: ScoredTable | Iterable[Pair | tuple[str, str]],
    *,
    charset: Charset = NORDIC_126,
    resamples: int = _RESAMPLES,
    seed: int = 0,
) -> Metrics:
    """Work out every figure of ``lines``, overall and by width, length and source.

    Args:
        lines: A scored table, or pairs to make one of; a tuple is (reference, hypothesis).
        charset: What the recogniser can read; other characters of the references are counted.
        resamples: Resamples of the bootstrap, 0 for no intervals.
        seed: The same seed gives the same intervals.

    Returns:
        The figures. Slices by width and source exist where some line has a width or a source.
    """
    table = scored(lines)
    slices = _Slices(table, charset, resamples, seed)
    confidences = [pair.confidence for pair in table.pairs]
    known = [c for c in confidences if c is not None]
    return Metrics(
        **dict(slices.summary(list(range(len(table))))),
        by_width=slices.summaries(_by_width(table.pairs)),
        by_length=slices.summaries(_ranges(list(range(len(table))), table.characters, LENGTH_EDGES)),
        by_source=slices.summaries(_by_source(table.pairs)),
        accept=accept_curve(known, table.exact.astype(bool).tolist())
        if known and len(known) == len(confidences)
        else None,
    )


class _Slices:
    """Sums the table's rows over any set of lines."""

    def __init__(self, table: ScoredTable, charset: Charset, resamples: int, seed: int) -> None:
        self._table, self._charset, self._resamples, self._seed = table, charset, resamples, seed
        self._rates = {rate.name: rate.columns(table) for rate in summary_rates()}
        inside = dict.fromkeys(map(ord, charset.characters))
        strangers = ((i, reference.translate(inside)) for i, reference in enumerate(table.references))
        self._outside = {i: characters for i, characters in strangers if characters}

    def summaries(self, groups: Mapping[str, list[int]]) -> dict[str, Summary]:
        return {name: self.summary(members) for name, members in groups.items()}

    def summary(self, members: list[int]) -> Summary:
        table, chosen = self._table, np.asarray(members, dtype=np.int64)
        ratios = {name: (over[chosen], under[chosen]) for name, (over, under) in self._rates.items()}
        rates = {name: _ratio(int(over.sum()), int(under.sum())) for name, (over, under) in ratios.items()}
        pairs = [table.pairs[i] for i in members]
        unit, codes, count = choose_unit([pair.source for pair in pairs], [pair.page for pair in pairs])
        errors = Counter(error for i in members for error in table.errors.get(i, ()))
        references = [table.references[i] for i in members]
        taxonomy = Counter(table.classes[i] for i in members)
        return Summary(
            lines=len(members),
            **rates,
            edits=int(table.edits[chosen].sum()),
            characters=int(table.characters[chosen].sum()),
            word_edits=int(table.word_edits[chosen].sum()),
            words=int(table.words[chosen].sum()),
            taxonomy={str(c): taxonomy[c] for c in ErrorClass},
            intervals=intervals(ratios, codes, count, resamples=self._resamples, seed=self._seed),
            unit=unit,
            units=count,
            confusions=most_common(errors, CONFUSIONS_LISTED),
            nordic=letter_scores(references, [table.hypotheses[i] for i in members], errors),
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


def _ranges(lines: list[int], values: Ints, edges: Sequence[int]) -> dict[str, list[int]]:
    """Group lines by the range that their value lies in; ranges without a line are left out."""
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
