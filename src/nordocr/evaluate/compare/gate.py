"""May the candidate replace the baseline? Decided by paired differences, so that noise promotes nobody.

The candidate must be surely better in exact lines or CER (the whole 95 % interval of the paired difference on the good
side), and surely worse in nothing that hurts: exact, CER, right truncation, leading garbage, the recall of each Nordic
letter. What is worse by more than its tolerance refuses too, sure or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.scoring.bootstrap import Unit
from nordocr.evaluate.scoring.paired import Difference, paired_differences
from nordocr.evaluate.scoring.rates import RATES, Rate
from nordocr.evaluate.scoring.table import Pair, ScoredTable, scored

REFUSED: Final = 20
"""Exit code of ``nordocr gate`` where the candidate may not replace the baseline."""

FEWEST_LINES: Final = 200
"""Below this many common lines nothing is promoted."""

MOST_UNSHARED: Final = 0.01
"""Share of lines that may be on one side only; above, the two were not measured on the same thing."""

LETTER_TOLERANCE: Final = 0.02
LETTER_LOSS: Final = 3
"""A letter refuses when it looks worse by more than its tolerance and by at least so many occurrences."""

Standing = Literal["better", "no worse", "worse", "looks worse", "too few to tell"]


class Check(BaseModel):
    """One figure.

    Attributes:
        name: The rate's name, or the letter.
        standing: Where the candidate stands.
        passed: Whether the figure lets the candidate through.
        difference: The paired difference, candidate minus baseline.
        reason: All of it in a sentence.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    standing: Standing
    passed: bool
    difference: Difference
    reason: str


class GateReport(BaseModel):
    """The decision.

    Attributes:
        allowed: Whether the candidate may replace the baseline.
        baseline: Name of the engine in use.
        candidate: Name of the new engine.
        lines: Lines that both were measured on.
        unit: What the bootstrap resampled; None where nothing was compared.
        units: How many of them there are.
        reasons: Why, in sentences, the refusing ones first.
        checks: Every figure.
        notes: Sentences about lines that were not shared.
    """

    model_config = ConfigDict(extra="forbid")

    allowed: bool
    baseline: str
    candidate: str
    lines: int
    unit: Unit | None
    units: int
    reasons: list[str]
    checks: list[Check]
    notes: list[str]

    def words(self) -> str:
        """Return the decision and its reasons as plain text."""
        verdict = "MAY replace" if self.allowed else "may NOT replace"
        head = f"The candidate ({self.candidate}) {verdict} the baseline ({self.baseline}): {self.lines} lines"
        head += f", intervals over {self.units} {self.unit}.\n" if self.unit else ".\n"
        return head + "".join(f"- {line}\n" for line in [*self.reasons, *self.notes])


def gate(
    baseline: ScoredTable | Sequence[Pair],
    candidate: ScoredTable | Sequence[Pair],
    *,
    baseline_name: str = "baseline",
    candidate_name: str = "candidate",
    unshared: int = 0,
    fewest_lines: int = FEWEST_LINES,
    notes: Sequence[str] = (),
    seed: int = 0,
) -> GateReport:
    """Decide on the lines that both engines read.

    Args:
        baseline: The lines of the engine in use.
        candidate: The lines of the new engine, in the same order.
        baseline_name: What the decision calls the engine in use.
        candidate_name: What the decision calls the new engine.
        unshared: Further lines that are on one side only.
        fewest_lines: Nothing is promoted with fewer common lines.
        notes: Sentences to carry along.
        seed: Seed of the bootstrap.

    Raises:
        ValueError: The two do not have the same references.
    """
    first, second = scored(baseline), scored(candidate)
    report = GateReport(
        allowed=False,
        baseline=baseline_name,
        candidate=candidate_name,
        lines=len(first),
        unit=None,
        units=0,
        reasons=[],
        checks=[],
        notes=list(notes),
    )
    if len(first) < max(1, fewest_lines):
        report.reasons.append(f"Only {len(first)} lines are common to both; {fewest_lines} are needed to tell.")
        return report
    if unshared > MOST_UNSHARED * len(first):
        report.reasons.append(f"{unshared} lines are on one side only: the two were not measured on the same lines.")
    found = paired_differences(first, second, seed=seed)
    report.unit, report.units = found.unit, found.units
    checked = [rate for rate in RATES if rate.tolerance is not None]
    report.checks = [_rate(rate, found.rates[rate.name]) for rate in checked]
    report.checks += [_letter(letter, difference) for letter, difference in found.letters.items()]
    goals = {rate.name for rate in checked if rate.goal}
    gains = [check for check in report.checks if check.name in goals and check.standing == "better"]
    if not gains:
        worse = any(check.standing == "worse" for check in report.checks if check.name in goals)
        noise = "" if worse else ": their difference could be noise"
        report.reasons.append(f"Neither exact lines nor CER are surely better{noise}.")
    report.reasons += [check.reason for check in report.checks if not check.passed]
    report.allowed = not report.reasons
    report.reasons += [check.reason for check in gains]
    report.reasons += [check.reason for check in report.checks if check.standing == "too few to tell"]
    return report


def _rate(rate: Rate, difference: Difference) -> Check:
    good = 1 if rate.larger_is_better else -1
    standing = _standing(difference, good, rate.tolerance or 0.0)
    return _check(rate.name, rate.subject or rate.title, standing, difference, digits=rate.digits)


def _letter(letter: str, difference: Difference) -> Check:
    lost = -(difference.value or 0.0) * difference.occurrences
    if difference.interval is None:
        standing: Standing = "looks worse" if lost >= LETTER_LOSS - 0.5 else "too few to tell"
    else:
        standing = _standing(difference, 1, LETTER_TOLERANCE)
        if standing == "looks worse" and lost < LETTER_LOSS - 0.5:
            standing = "no worse"
    return _check(letter, f"recall of {letter}", standing, difference, digits=1)


def _standing(difference: Difference, good: int, tolerance: float) -> Standing:
    """Say where the candidate stands; ``good`` is 1 where more is better, -1 where less is."""
    value = good * (difference.value or 0.0)
    if difference.interval is None:
        return "looks worse" if value < -tolerance else "too few to tell"
    ends = sorted((good * difference.interval.low, good * difference.interval.high))
    if ends[0] > 0:
        return "better"
    if ends[1] < 0:
        return "worse"
    return "looks worse" if value < -tolerance else "no worse"


def _check(name: str, title: str, standing: Standing, d: Difference, digits: int) -> Check:
    words = {
        "better": "surely better",
        "worse": "surely worse",
        "looks worse": "worse by more than is tolerated, though perhaps by chance",
        "no worse": "no worse",
        "too few to tell": "too few to tell",
    }[standing]
    figures = ""
    if d.first is not None and d.second is not None and d.value is not None:
        figures = f": {100 * d.first:.{digits}f} % to {100 * d.second:.{digits}f} %, {100 * d.value:+.{digits}f} points"
        if d.interval is not None:
            figures += f" (95 % interval {100 * d.interval.low:+.{digits}f} to {100 * d.interval.high:+.{digits}f})"
    occurrences = f"{d.occurrences} occurrence{'' if d.occurrences == 1 else 's'}"
    over = f" over {occurrences}" if title.startswith("recall") else ""
    reason = f"{title[0].upper()}{title[1:]} {words}{figures}{over}."
    return Check(
        name=name, standing=standing, passed=standing not in ("worse", "looks worse"), difference=d, reason=reason
    )
