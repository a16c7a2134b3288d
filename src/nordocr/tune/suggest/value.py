"""What it is worth to correct a line, by itself, and why.

A weighted sum of four signs, each in [0, 1], that active learning has used for sequences (Settles, Active Learning
Literature Survey, 2009, gives the history):

- uncertainty: 1 - the geometric mean of the characters' probabilities, the length-normalised log-probability of Shen
  et al., Deep Active Learning for Named Entity Recognition (ICLR 2018);
- a small margin between the two best classes at the least certain character (Scheffer et al., IDA 2001);
- disagreement of two engines: edits over length (query by committee, Seung et al., COLT 1992);
- rare letters: the share of the pool's characters that are as rare as the line's rarest.

Uncertainty and disagreement are taken as they are, for both are about how much of the line is wrong. A line of which
nearly nothing can be read is most uncertain of all and teaches little, because it is dirt or no line: what lies beyond
:data:`HOPELESS` counts less the further it lies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from nordocr.tune.suggest.candidates import Candidate

HOPELESS: Final = 0.5
"""Uncertainty from which a line is more and more likely to be no line."""

UNSURE: Final = 0.7
"""Confidence below which it is said that a line is uncertain."""

RARE: Final = 0.001
"""Share of all characters below which a letter is called rare."""

_COMMON: Final = 0.01
"""Share of all characters from which a letter is not rare at all."""

_WEIGHTS: Final = {"uncertainty": 0.6, "margin": 0.15, "rarity": 0.25, "disagreement": 0.5}


@dataclass(frozen=True)
class Value:
    """What a line is worth.

    Attributes:
        score: From 0; 1 is much.
        reasons: Why, the strongest first.
    """

    score: float
    reasons: tuple[str, ...]


def values(candidates: Sequence[Candidate]) -> list[Value]:
    """Return what each line is worth; which letters are rare is a matter of all of them together."""
    counts = Counter(c for line in candidates for c in line.text if not c.isspace())
    total = max(1, sum(counts.values()))
    return [_value(line, counts, total) for line in candidates]


def uncertainty(line: Candidate) -> float:
    """Return 1 - the geometric mean of the characters' probabilities; by the confidence where these are not known."""
    if not line.characters:
        return 1.0 - line.confidence
    logs = [math.log(max(p, 1e-6)) for p in line.characters]
    return 1.0 - math.exp(sum(logs) / len(logs))


def disagreement(line: Candidate) -> float:
    """Return the edits between the two engines' texts over the longer one's length, 0 where there is no second."""
    if line.other is None:
        return 0.0
    return float(Levenshtein.normalized_distance(" ".join(line.text.split()), " ".join(line.other.split())))


def _value(line: Candidate, counts: Counter[str], total: int) -> Value:
    doubt, apart = uncertainty(line), disagreement(line)
    rarest = min((c for c in line.text if not c.isspace()), key=lambda c: counts[c], default="")
    # 1 for a letter that occurs once, 0 for one that is common; a pool of a few lines has no rare letters.
    share = counts[rarest] / total if rarest else 1.0
    known = total * _COMMON > 2
    rarity = min(1.0, max(0.0, math.log(share / _COMMON) / math.log(1 / total / _COMMON))) if known else 0.0
    signs = {
        "uncertainty": doubt if doubt <= HOPELESS else max(0.0, 2 * HOPELESS - doubt),
        "margin": 1.0 - line.margin if line.margin is not None else doubt,
        "rarity": rarity,
        "disagreement": apart,
    }
    parts = {name: weight * signs[name] for name, weight in _WEIGHTS.items()}
    said = {
        "uncertainty": f"confidence {line.confidence:.2f}" if line.confidence < UNSURE else "",
        "margin": f"margin {line.margin:.2f}" if line.margin is not None and line.margin < 0.2 else "",
        "rarity": f"rare {rarest!r}" if rarest and share < RARE else "",
        "disagreement": f"engines differ by {100 * apart:.0f} %" if apart > 0 else "",
    }
    reasons = tuple(said[name] for name in sorted(parts, key=lambda n: -parts[n]) if said[name])
    return Value(sum(parts.values()), reasons)
