"""Which lines go through the model together: one policy for training, evaluation and reading.

A line is padded to the next width of the spec's ladder (its rung), always the same for the same line, and a batch has
one rung only, so a line's text never depends on its neighbours. Attention is quadratic in width, so the size of a batch
is a constant area (lines x width), not a constant number of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nordocr.linespec import LineSpec

AREA: Final = 4096
"""Lines x width in pixels of one batch, where nothing else is said."""

CPU_AREA: Final = 1024
"""The same on a CPU: what passes between the layers then stays in a core's own cache."""


@dataclass(frozen=True)
class Batch:
    """Lines of one rung.

    Attributes:
        width: The rung in pixels.
        indices: Places of the lines in the sequence that was planned.
    """

    width: int
    indices: tuple[int, ...]


def batch_size(width: int, area: int, max_lines: int | None = None, multiple: int = 1) -> int:
    """Return how many lines of ``width`` pixels fit a batch.

    Args:
        width: Width of a line in pixels.
        area: Size of the batch: number of lines times width in pixels.
        max_lines: Most lines in a batch; None for no limit.
        multiple: What the number of lines is a multiple of, where so many lines fit.

    Returns:
        At least 1.
    """
    lines = max(1, area // width)
    lines = lines if max_lines is None else min(lines, max_lines)
    return max(lines - lines % multiple, min(lines, multiple))


def plan_batches(
    widths: Sequence[int], spec: LineSpec, *, area: int, max_lines: int | None = None, multiple: int = 1
) -> list[Batch]:
    """Group lines into batches of one rung each, narrow rungs first.

    Args:
        widths: Unpadded widths of the lines in pixels.
        spec: The line contract, for its ladder.
        area: Size of a batch: number of lines times width in pixels.
        max_lines: Most lines in a batch; None for no limit.
        multiple: What the number of lines of full batches is a multiple of, where so many lines fit.

    Returns:
        Batches in which every index occurs exactly once; lines of a rung keep their order.

    Raises:
        ValueError: A line is wider than the ladder's top.
    """
    by_rung: dict[int, list[int]] = {}
    for index, width in enumerate(widths):
        by_rung.setdefault(spec.rung(width), []).append(index)
    batches = []
    for rung in sorted(by_rung):
        members, size = by_rung[rung], batch_size(rung, area, max_lines, multiple)
        batches += [Batch(rung, tuple(members[i : i + size])) for i in range(0, len(members), size)]
    return batches
