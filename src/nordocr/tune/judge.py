"""Better or not: a tuned model against the one that it started from, on what was held out and on what guards the rest.

On the held-out lines the promotion gate decides (:mod:`nordocr.evaluate.compare.gate`): surely better in exact lines or
CER, and worse in nothing. One thing is milder: a kind of error, such as leading garbage, refuses only where there is
surely more of it. Held-out lines are a few dozen, of which two make 5 %, and a line that was misread as a whole and is
now nearly right is often of another kind. On the guard's lines no rate may be surely worse. Single letters are not
looked at there: of forty letters that are as good as before, one or two are surely worse by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.compare.gate import Check, GateReport, gate
from nordocr.evaluate.scoring.rates import RATES
from nordocr.evaluate.scoring.table import ScoredTable

HELD_OUT: Final = "held-out"
"""The name of the set of held-out lines."""

FEWEST_HELD: Final = 5
"""Below this many held-out lines nothing can be told."""


class Verdict(BaseModel):
    """What became of a tuning.

    Attributes:
        better: Whether the tuned model may be installed.
        start: The model that it started from.
        reasons: Why it may not, in sentences; empty where it may.
        notes: What the user should know of how it was judged.
        trained: How it was trained: lines, documents, steps, seconds.
        sets: The comparison on each set, by its name.
    """

    model_config = ConfigDict(extra="forbid")

    better: bool
    start: str
    reasons: list[str]
    notes: list[str]
    trained: dict[str, Any]
    sets: dict[str, GateReport]

    def words(self) -> str:
        """Return the report as plain text."""
        lines = [f"Trained on {self.trained['lines']} lines, {self.trained['steps']} steps."]
        for name, held in self.sets.items():
            unit = f", intervals over {held.units} {held.unit}" if held.unit else ""
            lines.append(f"{name} ({held.lines} lines{unit}):")
            lines += [f"  {_figures(check)}" for check in held.checks if check.name in ("exact", "cer")]
        lines += self.notes
        if self.better:
            lines.append(f"The tuned model is better than {self.start}.")
        else:
            lines.append(f"The tuned model is not to replace {self.start}:")
            lines += [f"- {reason}" for reason in self.reasons]
        return "".join(f"{line}\n" for line in lines)


def verdict(
    before: Mapping[str, ScoredTable],
    after: Mapping[str, ScoredTable],
    start: str,
    trained: dict[str, Any],
    notes: list[str],
) -> Verdict:
    """Compare two models on the same sets.

    Args:
        before: What the model to start from read, by the set's name.
        after: What the tuned model read.
        start: Name of the model to start from.
        trained: How it was trained.
        notes: Sentences to carry along.

    Returns:
        The comparison of each set and the decision.
    """
    sets = {
        name: gate(table, after[name], baseline_name=start, candidate_name="tuned", fewest_lines=_fewest(name))
        for name, table in before.items()
    }
    reasons = _refusals(sets[HELD_OUT])
    for name, held in sets.items():
        if name != HELD_OUT:
            reasons += [f"On {name} lines: {check.reason}" for check in surely_worse(held)]
    return Verdict(better=not reasons, start=start, reasons=reasons, notes=notes, trained=trained, sets=sets)


def _refusals(held: GateReport) -> list[str]:
    """Why the held-out lines refuse, with what the gate says besides; nothing where they do not."""
    kinds = {rate.name for rate in RATES if rate.tolerance is not None and not rate.goal}
    chance = {check.reason for check in held.checks if check.name in kinds and check.standing == "looks worse"}
    goals = [check for check in held.checks if check.name in {rate.name for rate in RATES if rate.goal}]
    refusing = [check for check in held.checks if not check.passed and check.reason not in chance]
    if any(check.standing == "better" for check in goals) and not refusing:
        return []
    return [reason for reason in held.reasons if reason not in chance]


def surely_worse(report: GateReport) -> list[Check]:
    """Return the rates, not letters, whose whole interval is on the wrong side of zero."""
    rates = {rate.name for rate in RATES}
    return [check for check in report.checks if check.standing == "worse" and check.name in rates]


def _fewest(name: str) -> int:
    return FEWEST_HELD if name == HELD_OUT else 1


def _figures(check: Check) -> str:
    d, digits = check.difference, 2 if check.name == "cer" else 1
    title = "CER" if check.name == "cer" else check.name
    if d.first is None or d.second is None or d.value is None:
        return f"{title}: nothing to compare"
    said = f"{title:<5}  {100 * d.first:6.{digits}f} % -> {100 * d.second:6.{digits}f} %"
    said += f"  {100 * d.value:+.{digits}f} points"
    if d.interval is not None:
        said += f" (95 % interval {100 * d.interval.low:+.{digits}f} to {100 * d.interval.high:+.{digits}f})"
    return said
