"""How sure the search is of each character: the share of the texts in its beam that agree on it.

A character that all texts agree on is as sure as the network is of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nordocr.ctc import Span
from nordocr.lm.beam import Found
from nordocr.lm.windows import Window


@dataclass(frozen=True)
class Opinion:
    """What the beam thinks of what one stretch says.

    Attributes:
        start: The stretch's first step.
        end: The step after its last.
        scores: float64 ``[texts]``, natural logarithms, of all texts in the beam.
        agree: bool ``[characters, texts]``, whether a text has the character too.
    """

    start: int
    end: int
    scores: npt.NDArray[np.float64]
    agree: npt.NDArray[np.bool_]

    def probabilities(self, temperature: float) -> npt.NDArray[np.float64]:
        """Return each character's probability in [0, 1], the scores divided by ``temperature``."""
        shares = np.exp((self.scores - self.scores.max()) / temperature)
        sure: npt.NDArray[np.float64] = np.minimum(self.agree @ (shares / shares.sum()), 1.0)
        return sure

    @property
    def disputed(self) -> npt.NDArray[np.bool_]:
        """Which characters not all texts agree on."""
        return np.asarray(~self.agree.all(axis=1), dtype=np.bool_)

    def judged(self, spans: Sequence[Span], temperature: float) -> list[Span]:
        """Return the stretch's characters, the disputed ones as probable as the beam has them at ``temperature``."""
        return [
            span._replace(probability=float(p)) if disputed else span
            for span, p, disputed in zip(spans, self.probabilities(temperature), self.disputed, strict=True)
        ]


def opinion_of(window: Window, text: tuple[int, ...], found: Found) -> Opinion | None:
    """Return what the beam thinks of ``text``; None where the text is not in the beam."""
    if text not in found.texts:
        return None
    agree = np.ones((len(text), len(found.texts)), np.bool_)
    for place, other in enumerate(found.texts):
        first, last = _differs(text, other)
        # A character that only the other text has is held against its neighbours.
        if first == last and other != text:
            first, last = max(first - 1, 0), min(last + 1, len(text))
        agree[first:last, place] = False
    return Opinion(window.start, window.end, np.array(found.scores), agree)


def _differs(text: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, int]:
    """The characters of ``text`` from the first to the last that differ: equal numbers where it only lacks some."""
    most = min(len(text), len(other))
    head = 0
    while head < most and text[head] == other[head]:
        head += 1
    tail = 0
    while tail < most - head and text[-1 - tail] == other[-1 - tail]:
        tail += 1
    return head, len(text) - tail
