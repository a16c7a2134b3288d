"""Columns of a page that stand side by side, so that a table is not taken across them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Final

from nordocr.tables.items import Item

# In line heights: by how much lines that begin at one edge differ; white left of that edge.
_EDGE: Final = 0.6
_WHITE: Final = 0.3
# So many lines begin at the edge of a column of the page.
_LEAST: Final = 4
# Of labels: characters of the middle one, and the share of them that are not alike; units are shorter or repeat.
_LABEL: Final = 6
_DISTINCT: Final = 0.7
# A line of running text has so many characters.
_PROSE: Final = 25
_AMOUNTS: Final = 3
# In line heights: lines of one column are no farther apart.
_FAR: Final = 8.0
# In line heights: how far a column may go on above the first and below the last line at its edge, tried in this order.
_BEYOND: Final = ((3.0, 3.0), (3.0, 1.0), (2.0, 1.0), (0.5, 0.0))


def sides_of(items: Sequence[Item], height: float) -> list[list[Item]]:
    """Part lines that stand in columns of the page: tables side by side, a table beside running text.

    Args:
        items: The page's lines.
        height: The usual line's height in pixels.

    Returns:
        Groups of lines, each to be looked at by itself; most pages are one.
    """
    rest = list(items)
    sides: list[list[Item]] = []
    for edge in reversed(_edges(items, height)):
        for run in _runs(edge, rest, height):
            side = _side(run, rest, height)
            if side:
                taken = {item.index for item in side}
                rest = [item for item in rest if item.index not in taken]
                sides.append(side)
    return [rest, *reversed(sides)] if rest else list(reversed(sides))


def _edges(items: Sequence[Item], height: float) -> list[list[Item]]:
    """Lines of text that begin at one edge, from left to right, without the page's first such edge."""
    found: list[list[Item]] = []
    for item in sorted((item for item in items if _is_label(item)), key=lambda item: item.x0):
        if found and item.x0 - found[-1][0].x0 <= _EDGE * height:
            found[-1].append(item)
        else:
            found.append([item])
    return [edge for edge in found if len(edge) >= _LEAST][1:]


def _is_label(item: Item) -> bool:
    return item.kind == "text" and any(c.isalpha() for c in item.text)


def _runs(edge: Sequence[Item], items: Sequence[Item], height: float) -> list[list[Item]]:
    """The lines of an edge from top to bottom, parted where a line stands across it or none for long."""
    cut = edge[0].x0 - _WHITE * height
    across = sorted(item.middle for item in items if item.x0 < cut < item.x1)
    runs: list[list[Item]] = [[]]
    for item in sorted(edge, key=lambda item: item.middle):
        if runs[-1]:
            above = runs[-1][-1].middle
            far = item.middle - above > _FAR * height
            if far or any(above < level < item.middle for level in across):
                runs.append([])
        runs[-1].append(item)
    return [run for run in runs if len(run) >= _LEAST]


def _side(run: Sequence[Item], items: Sequence[Item], height: float) -> list[Item]:
    """What stands right of a run's edge where that is a column of the page; nothing where it is a column of a table."""
    cut = min(item.x0 for item in run) - _WHITE * height
    for above, below in _BEYOND:
        top, bottom = run[0].y0 - above * height, run[-1].y1 + below * height
        level = [item for item in items if top <= item.middle <= bottom]
        if not any(item.x0 < cut < item.x1 for item in level):
            break
    else:
        return []
    right = [item for item in level if item.x0 >= cut]
    left = [item for item in level if item.x1 <= cut]
    labels = [item.text for item in run]
    alike = len(set(labels)) < _DISTINCT * len(labels) and not _is_prose(run)
    if statistics.median(map(len, labels)) < _LABEL or alike:
        return []
    mine = [item for item in right if item.index not in {own.index for own in run}]
    if not (_is_prose(run) or sum(item.kind == "amount" for item in mine) >= _AMOUNTS):
        return []
    return right if _is_prose(left) or _is_tabular(left) else []


def _is_prose(items: Sequence[Item]) -> bool:
    """Whether most lines are running text."""
    if len(items) < _LEAST:
        return False
    return 2 * sum(item.kind == "text" and len(item.text) >= _PROSE for item in items) > len(items)


def _is_tabular(items: Sequence[Item]) -> bool:
    """Whether labels stand left of amounts."""
    amounts = [item for item in items if item.kind == "amount"]
    if len(amounts) < _AMOUNTS:
        return False
    edge = min(item.x0 for item in amounts)
    return sum(_is_label(item) and len(item.text) >= _LABEL and item.x0 < edge for item in items) >= _AMOUNTS
