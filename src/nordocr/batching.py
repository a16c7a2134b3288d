"""Which lines go through the model together: the one batching policy, for training, evaluation and reading.

A line is padded to the next rung of the spec's ladder, always the same rung for the same line, and a batch holds one
rung only: so a line's text never depends on its neighbours. Attention is quadratic in width, so a batch is sized by a
constant area (lines x width), not by a constant number of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordocr.linespec import LineSpec


@dataclass(frozen=True)
class Batch:
    """Lines of one rung: ``width`` in pixels, ``indices`` into the sequence that was planned."""

    width: int
    indices: tuple[int, ...]


def batch_size(width: int, area: int, max_lines: int | None = None) -> int:
    """Lines of ``width`` pixels in a batch of ``area`` pixels of total width: at least 1, at most ``max_lines``."""
    lines = max(1, area // width)
    return lines if max_lines is None else min(lines, max_lines)


def plan_batches(widths: Sequence[int], spec: LineSpec, *, area: int, max_lines: int | None = None) -> list[Batch]:
    """Group lines of the given unpadded ``widths`` (pixels) into batches of one rung, narrow rungs first.

    Within a rung lines keep their order. Every index occurs exactly once.
    """
    by_rung: dict[int, list[int]] = {}
    for index, width in enumerate(widths):
        by_rung.setdefault(spec.rung(width), []).append(index)
    batches = []
    for rung in sorted(by_rung):
        members, size = by_rung[rung], batch_size(rung, area, max_lines)
        batches += [Batch(rung, tuple(members[i : i + size])) for i in range(0, len(members), size)]
    return batches
