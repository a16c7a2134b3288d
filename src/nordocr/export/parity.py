"""The parity check's verdict: what was found where a model and its export read the same lines, and what is allowed.

Every file that nordocr exports passes the check or is not written. Three groups of lines are judged apart, because a
difference means something else in each: lines stretched to every shape that reading may ask for, which look like no
printed line; lines of running text and figures at their natural widths; and strings of random characters, which no
document holds and on which a trained model is rarely sure. :mod:`nordocr.export.parity_run` shows the lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from nordocr.errors import ExportRejected
from nordocr.evaluate.scoring.bootstrap import Interval

Scores = npt.NDArray[np.floating]
Scorer = Callable[[npt.NDArray[np.float32]], Scores]
"""float32 ``[B, 3, 32, W]`` in, scores ``[B, T, classes]`` out."""

Extent = Literal["quick", "full"]
"""How much the check shows: ``quick`` fewer lines, and large batches at narrow widths only."""

Kind = Literal["stretched", "natural", "random"]
"""The groups of lines that are judged apart."""


@dataclass(frozen=True)
class Tolerance:
    """By how much an export may differ from its original."""

    lines: int
    """Lines at their natural widths that the full check shows."""
    quick_lines: int
    """Lines at their natural widths that the quick check shows."""
    identical: float
    """Least share of natural lines whose text is the same or differs at near-ties only."""
    others: float
    """The same for stretched lines and random strings."""
    cer: float
    """Most by which the CER on natural lines may rise, as a share."""
    cer_high: float
    """Most that the upper end of the rise's 95 % interval may be, as a share."""
    logit: float | None = None
    """Largest difference of one score; None where the precision says nothing about single scores."""
    resolution: float = 0.0
    """Spacing of the precision's numbers relative to their size. Where the two best scores of a step are nearer to each
    other than this times the step's largest score, the step is a near-tie: which one wins says nothing."""


FP32: Final = Tolerance(128, 48, identical=1.0, others=1.0, cer=0.0, cer_high=0.0, logit=5e-3)
HALF: Final = Tolerance(1000, 200, identical=0.999, others=0.99, cer=0.0002, cer_high=0.0005, resolution=2**-10)
INT8: Final = Tolerance(1000, 200, identical=0.0, others=0.0, cer=0.001, cer_high=0.002)


@dataclass
class Group:
    """Counts over one group of lines."""

    texts: int = 0
    """Lines that were compared."""
    different: int = 0
    """Lines whose text is not the same."""
    near_ties: int = 0
    """Of these, lines whose most probable classes changed at near-ties only."""
    first: str = ""
    """Where the first text that differs beyond a near-tie (else at one) is, and what it became."""

    @property
    def clear(self) -> int:
        """Lines whose text differs beyond near-ties."""
        return self.different - self.near_ties


@dataclass(frozen=True)
class Parity:
    """What the parity check found."""

    stretched: Group = field(default_factory=Group)
    """Lines stretched to the check's widths."""
    natural: Group = field(default_factory=Group)
    """Running text and figures at their natural widths."""
    random: Group = field(default_factory=Group)
    """Random strings at their natural widths."""
    steps: int = 0
    """Output steps that were compared."""
    moved: int = 0
    """Steps whose most probable class changed."""
    worst_logit: float = 0.0
    """Largest absolute difference of a score."""
    where: str = ""
    """Where that difference is."""
    cer: float = 0.0
    """CER of the original on natural lines, as a share."""
    cer_export: float = 0.0
    """CER of the export on natural lines, as a share."""
    rise: Interval | None = None
    """95 % interval of the CER's rise, over lines; None where there are fewer than two."""
    left_out: tuple[str, ...] = ()
    """Batches too large to be run."""

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by name, as a person would call them."""
        return {"natural lines": self.natural, "random strings": self.random, "stretched lines": self.stretched}

    @property
    def texts(self) -> int:
        """Lines that were compared, of all groups."""
        return sum(group.texts for group in self.groups.values())

    @property
    def different(self) -> int:
        """Lines whose text is not the same, of all groups."""
        return sum(group.different for group in self.groups.values())

    def __str__(self) -> str:
        said = f"{self.texts - self.different} of {self.texts} texts identical"
        if self.different:
            kinds = [f"{group.different} of {group.texts} {name}" for name, group in self.groups.items() if group.texts]
            said += f" (different: {', '.join(kinds)}"
            ties = sum(group.near_ties for group in self.groups.values())
            said += f"; {ties} at near-ties only)" if ties else ")"
        if self.moved:
            said += f", {100 * self.moved / self.steps:.3f} % of steps moved"
        if self.cer_export != self.cer:
            said += f", CER {100 * self.cer_export:.3f} % instead of {100 * self.cer:.3f} %"
            if self.rise is not None:
                said += f" (95 % interval of the rise {100 * self.rise.low:+.3f} to {100 * self.rise.high:+.3f})"
        left_out = f", not run at {' and '.join(self.left_out)}" if self.left_out else ""
        return f"{said}, scores within {self.worst_logit:.1e}{left_out}"

    def problem(self, tolerance: Tolerance) -> str | None:
        """Return the first limit that is broken, in words, or None."""
        if self.texts == 0:
            return "nothing was compared"
        if tolerance.logit is not None and not self.worst_logit <= tolerance.logit:
            return f"a score is {self.worst_logit:.1e} off {self.where}, and {tolerance.logit:.0e} is allowed"
        for name, group in self.groups.items():
            least = tolerance.identical if group is self.natural else tolerance.others
            if group.texts and (group.texts - group.clear) / group.texts < least:
                return f"{group.clear} of {group.texts} texts of {name} differ; {group.first}"
        rise = self.cer_export - self.cer
        if rise > tolerance.cer + 1e-12:
            return (
                f"the CER rises by {100 * rise:.3f} points where {100 * tolerance.cer:g} are allowed; "
                f"{self.natural.first}"
            )
        if self.rise is not None and self.rise.high > tolerance.cer_high + 1e-12:
            return (
                f"the CER may rise by {100 * self.rise.high:.3f} points (95 % interval) where "
                f"{100 * tolerance.cer_high:g} are allowed; {self.natural.first}"
            )
        return None


def require(parity: Parity, tolerance: Tolerance, output: object) -> None:
    """Refuse an export that differs too much.

    Args:
        parity: What was found.
        tolerance: What is allowed.
        output: The file, to be named.

    Raises:
        ExportRejected: A limit is broken; the sentence says where the two models part.
    """
    problem = parity.problem(tolerance)
    if problem is not None:
        raise ExportRejected(f"{output} was not written: {problem}.")
