"""Where a line is unsure: the stretches of output steps in which more than one character is in the running.

Between two stretches lie at least as many sure characters as the language model looks back, so what stands in one
stretch has no bearing on another, and all stretches of a page are searched side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.charset import BLANK

Logs = npt.NDArray[np.float32]
"""``[T, classes]``: natural logarithms of probabilities."""

LINE_START: Final = " "
"""What the language model takes to stand before a line."""


@dataclass(frozen=True)
class Window:
    """One unsure stretch.

    Attributes:
        line: The number of its line.
        start: Its first step.
        end: The step after its last.
        steps: int64, the steps of the stretch that the search looks at: all but repetitions of a sure one.
        before: Classes of the sure characters that stand before it, the nearest last; ``BLANK`` for the line's start.
    """

    line: int
    start: int
    end: int
    steps: npt.NDArray[np.int64]
    before: tuple[int, ...]


def unsure_windows(line: int, logs: Logs, *, least: float, gate: float, context: int) -> list[Window]:
    """Find the stretches of one line that are worth a search.

    Args:
        line: The line's number.
        logs: The line's own steps.
        least: A class of this probability and above is in the running at a step.
        gate: Only stretches with a step whose best class is less probable than this are given.
        context: How many characters the language model looks back.

    Returns:
        The stretches from left to right; they do not overlap.
    """
    best = logs.argmax(axis=1)
    top = np.exp(logs[np.arange(len(logs)), best])
    if not (top < gate).any():
        return []
    sure = (logs >= np.float32(np.log(least))).sum(axis=1) <= 1
    repeated = np.zeros(len(logs), np.bool_)
    repeated[1:] = sure[1:] & sure[:-1] & (best[1:] == best[:-1])
    steps = np.flatnonzero(~repeated)
    steps = steps[~_idle_blanks(best[steps], sure[steps])]
    classes, certain = best[steps].tolist(), sure[steps].tolist()
    found = []
    for first, last in _stretches(classes, certain, context):
        start = int(steps[first])
        end = int(steps[last]) if last < len(steps) else len(logs)
        if (top[start:end] < gate).any():
            before = tuple(c for c in classes[max(0, first - 2 * context - 1) : first] if c != BLANK)[-context:]
            if first <= 2 * context + 1 and len(before) < context:
                before = (BLANK, *before)
            found.append(Window(line, start, end, steps[first:last], before))
    return found


def _stretches(classes: list[int], certain: list[bool], context: int) -> list[tuple[int, int]]:
    """The stretches as ranges of ``classes``, the kept steps' best, ``certain`` where nothing else is in the running.

    A stretch begins at the last sure character of a long run of them, and ends where ``context`` of the next are read.
    """
    found: list[tuple[int, int]] = []
    begin, at, size = 0, 0, len(classes)
    open_ = False
    while at < size:
        if not certain[at]:
            open_ = True
            at += 1
            continue
        run = at
        while run < size and certain[run]:
            run += 1
        characters = [i for i in range(at, run) if classes[i] != BLANK]
        if not open_:  # the head of the line: all of it is known
            begin = characters[-1] if characters else 0
        elif len(characters) > context:
            found.append((begin, characters[context]))
            begin, open_ = characters[-1], False
        at = run
    if open_:
        found.append((begin, size))
    return found


def _idle_blanks(classes: npt.NDArray[np.int64], sure: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The sure blanks between two sure characters that differ: they part nothing that is not parted anyway."""
    idle = np.zeros(len(classes), np.bool_)
    left, middle, right = classes[:-2], classes[1:-1], classes[2:]
    idle[1:-1] = (
        (middle == BLANK) & (left != BLANK) & (right != BLANK) & (left != right) & sure[:-2] & sure[1:-1] & sure[2:]
    )
    return idle
