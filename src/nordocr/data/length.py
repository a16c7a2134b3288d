"""Labels that fit where their ink is, where CTC needs two output steps for each of equal neighbours."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

_LEADERS: Final = frozenset("._-–=*~")
_LEAST_RUN: Final = 4
_FILLED: Final = 0.85
"""The share of a run's own steps that its label may need: a blank and a dot in strict turn leave no room to differ."""


def fit_leaders(text: str, shares: Sequence[float], steps: float) -> str:
    """Shorten each run of leader characters (dots of a contents table, form lines) to what its ink allows.

    ``shares``: the part of the line's width that each character takes; ``steps``: T of the line. CTC needs two steps
    for each of equal neighbours, and the dots of small print are 6 px apart where two steps are 8 px. A label with all
    of them makes the model say dots in the place of the letters beside them; such a run is shortened to what its own
    place holds, and the letters keep theirs. How many dots there were is then not learnt.
    """
    kept: list[str] = []
    start = 0
    for character, group in itertools.groupby(text):
        count = len(list(group))
        if character in _LEADERS and count >= _LEAST_RUN:
            room = sum(shares[start : start + count]) * steps
            kept.append(character * max(2, min(count, int((_FILLED * room + 1) / 2))))
        else:
            kept.append(character * count)
        start += count
    return "".join(kept)
