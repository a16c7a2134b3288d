"""How far to go from the start: as far as held-out lines gain most while nothing that guards the rest is surely worse.

The guard's lines are read for one share after the other, in the order of what the held-out lines say, until they let
one pass; so the way with the lowest CER on held-out lines is taken of those that do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.compare.gate import gate
from nordocr.evaluate.scoring.table import ScoredTable
from nordocr.tune.judge import HELD_OUT, surely_worse

SHARES: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.3)
"""Shares of the way that are tried."""

Read = Callable[[float, Mapping[str, Path]], Mapping[str, ScoredTable]]
"""Reads labels folders with the weights at a share of the way."""


class Tried(BaseModel):
    """A share of the way that was tried.

    Attributes:
        share: 0 for the start, 1 for what was trained.
        cer: CER by the set's name, 0 to 1; of the guard's sets only where they were read.
        worse: The guard's sets on which a rate is surely worse than at the start; None where they were not read.
    """

    model_config = ConfigDict(extra="forbid")

    share: float
    cer: dict[str, float]
    worse: list[str] | None = None


class Way(BaseModel):
    """The share that was chosen, and why.

    Attributes:
        share: The share.
        harmless: Whether nothing that guards the rest is surely worse there; if it is everywhere, the least is chosen.
        tried: All shares, in the order in which they were tried.
    """

    model_config = ConfigDict(extra="forbid")

    share: float
    harmless: bool
    tried: list[Tried]

    def words(self) -> str:
        """Return the choice as a sentence and a table."""
        why = "where held-out lines gain most" if self.tried[0].share == self.share else "where they gain most unharmed"
        if not self.harmless:
            why = "the least that is tried, for everywhere other lines are surely worse"
        said = f"Weights {100 * self.share:.0f} % of the way from the start to what was trained: {why}.\n"
        for one in sorted(self.tried, key=lambda one: -one.share):
            figures = ", ".join(f"{name} {100 * value:.2f} %" for name, value in one.cer.items())
            harm = f"; surely worse: {', '.join(one.worse)}" if one.worse else ""
            said += f"  {100 * one.share:3.0f} %  CER {figures}{harm}\n"
        return said


def choose_share(judged: Mapping[str, Path], before: Mapping[str, ScoredTable], read: Read) -> Way:
    """Choose how far to go.

    Args:
        judged: Labels folders by name: the held-out lines and what guards the rest.
        before: What the model to start from read, by the set's name.
        read: Reads folders with the weights at a share.

    Returns:
        The choice.
    """
    held = {HELD_OUT: judged[HELD_OUT]}
    guard = {name: folder for name, folder in judged.items() if name != HELD_OUT}
    tried = [Tried(share=share, cer={HELD_OUT: read(share, held)[HELD_OUT].cer}) for share in SHARES]
    # Of shares that are as good the smaller one: it is nearer to what is known to be well.
    tried.sort(key=lambda one: (one.cer[HELD_OUT], one.share))
    for one in tried:
        after = read(one.share, guard)
        one.cer |= {name: after[name].cer for name in guard}
        one.worse = [name for name in guard if surely_worse(gate(before[name], after[name], fewest_lines=1))]
        if not one.worse:
            return Way(share=one.share, harmless=True, tried=tried)
    return Way(share=min(SHARES), harmless=False, tried=tried)
