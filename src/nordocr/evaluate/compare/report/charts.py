"""Charts as inline SVG. Colours are classes (``c0``, ``c1``, ... by engine), which the style sheet fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from nordocr.evaluate.scoring.accept import AcceptCurve
from nordocr.evaluate.scoring.shown import class_title
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.evaluate.scoring.taxonomy import ErrorClass

COLOURS: Final = 6
"""Engines beyond this many share colours."""

_HEAT = 14  # rows and columns of the confusion heat map


def legend(names: Sequence[str]) -> str:
    """Return the engines' colours and names."""
    marks = "".join(f'<span class="key c{i % COLOURS}"><i></i>{escape(name)}</span>' for i, name in enumerate(names))
    return f'<p class="legend">{marks}</p>'


def taxonomy_bars(metrics: Mapping[str, Metrics]) -> str:
    """Draw the lines of each error class but exact, a bar per engine, scaled to the largest count."""
    kinds = [str(c) for c in ErrorClass if c is not ErrorClass.EXACT]
    kinds = [kind for kind in kinds if any(m.taxonomy.get(kind, 0) for m in metrics.values())]
    most = max((m.taxonomy.get(kind, 0) for m in metrics.values() for kind in kinds), default=0)
    if not most:
        return '<p class="quiet">No line has an error.</p>'
    bar, gap, left, wide = 14, 14, 130, 420
    step = bar * len(metrics) + gap
    parts = []
    for row, kind in enumerate(kinds):
        top = row * step
        middle = top + bar * len(metrics) / 2 + 4
        parts.append(f'<text x="{left - 10}" y="{middle:.0f}" text-anchor="end">{escape(class_title(kind))}</text>')
        for i, m in enumerate(metrics.values()):
            count = m.taxonomy.get(kind, 0)
            length = wide * count / most
            y = top + i * bar
            parts.append(
                f'<rect class="c{i % COLOURS}" x="{left}" y="{y + 1}" width="{length:.1f}" height="{bar - 2}" rx="2"/>'
            )
            parts.append(f'<text class="n" x="{left + length + 6:.1f}" y="{y + bar - 3}">{count}</text>')
    return _svg(left + wide + 50, len(kinds) * step, "Lines by error class and engine", parts)


def width_curve(metrics: Mapping[str, Metrics]) -> str:
    """Draw the share of exact lines by width with its 95 % interval, a curve per engine, over the lines of a slice."""
    slices = list(next(iter(metrics.values())).by_width.items()) if metrics else []
    if not slices:
        return ""
    left, top, wide, high = 44, 12, 460, 210
    step = wide / max(1, len(slices))
    parts = _grid(left, top, wide, high)
    for at, (name, summary) in enumerate(slices):
        x = left + step * (at + 0.5)
        parts.append(f'<text x="{x:.1f}" y="{top + high + 18}" text-anchor="middle">{escape(name)}</text>')
        parts.append(
            f'<text class="n" x="{x:.1f}" y="{top + high + 34}" text-anchor="middle">{summary.lines} lines</text>'
        )
    for i, m in enumerate(metrics.values()):
        points = []
        for at, (name, _) in enumerate(slices):
            summary = m.by_width[name]
            if summary.exact is None:
                continue
            x = left + step * (at + 0.5) + 7 * (i - (len(metrics) - 1) / 2)
            y = top + high * (1 - summary.exact)
            points.append(f"{x:.1f},{y:.1f}")
            spread = summary.intervals.get("exact")
            if spread is not None:
                low, up = top + high * (1 - spread.low), top + high * (1 - spread.high)
                parts.append(f'<path class="c{i % COLOURS} spread" d="M{x:.1f} {low:.1f}V{up:.1f}"/>')
            said = f"{name} px: {100 * summary.exact:.1f} % of {summary.lines} exact"
            parts.append(
                f'<circle class="c{i % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
                f"<title>{escape(said)}</title></circle>"
            )
        parts.append(f'<polyline class="c{i % COLOURS} stroke" points="{" ".join(points)}"/>')
    return _svg(left + wide + 10, top + high + 42, "Share of exact lines by width in pixels at height 32", parts)


def accept_chart(curves: Mapping[str, AcceptCurve | None]) -> str:
    """Draw exactness among accepted lines against their share, a curve per engine that tells confidences."""
    known = [(i, name, curve) for i, (name, curve) in enumerate(curves.items()) if curve is not None]
    if not known:
        return ""
    left, top, wide, high = 44, 12, 460, 210
    lowest = min((p.exactness for _, _, curve in known for p in curve.points if p.share >= 0.02), default=0.0)
    floor = max(0.0, int(lowest * 10 - 0.001) / 10)
    parts = _grid(left, top, wide, high, floor)
    for share in (0, 25, 50, 75, 100):
        x = left + wide * share / 100
        parts.append(f'<text x="{x:.1f}" y="{top + high + 18}" text-anchor="middle">{share} %</text>')
    for i, _, curve in known:
        points = [
            f"{left + wide * p.share:.1f},{top + high * (1 - (max(p.exactness, floor) - floor) / (1 - floor)):.1f}"
            for p in curve.points
            if p.share >= 0.02 or len(curve.points) < 3
        ]
        parts.append(f'<polyline class="c{i % COLOURS} stroke" points="{" ".join(points)}"/>')
    parts.append(
        f'<text class="n" x="{left + wide / 2}" y="{top + high + 36}" text-anchor="middle">'
        "lines accepted, surest first</text>"
    )
    return _svg(left + wide + 20, top + high + 44, "Share of exact lines among those accepted", parts)


def confusion_map(metrics: Metrics) -> str:
    """Draw an engine's most frequent confusions: rows as printed, columns as read, ∅ for nothing."""
    listed = [c for c in metrics.confusions if c.count > 0]
    if not listed:
        return '<p class="quiet">No character is confused.</p>'
    rows: list[str] = []
    columns: list[str] = []
    counts: dict[tuple[str, str], int] = {}
    for c in listed:  # most frequent first; what no longer fits is in comparison.json
        if (c.reference in rows or len(rows) < _HEAT) and (c.hypothesis in columns or len(columns) < _HEAT):
            rows += [] if c.reference in rows else [c.reference]
            columns += [] if c.hypothesis in columns else [c.hypothesis]
            counts[c.reference, c.hypothesis] = c.count
    most = max((counts.get((r, h), 0) for r in rows for h in columns), default=1)
    cell, left, top = 26, 34, 34
    parts = []
    for x, column in enumerate(columns):
        parts.append(
            f'<text class="ch" x="{left + x * cell + cell / 2}" y="{top - 10}" text-anchor="middle">'
            f"{_shown(column)}</text>"
        )
    for y, row in enumerate(rows):
        at = top + y * cell
        parts.append(f'<text class="ch" x="{left - 12}" y="{at + 18}" text-anchor="middle">{_shown(row)}</text>')
        for x, column in enumerate(columns):
            count = counts.get((row, column), 0)
            strength = 0.0 if not count else 0.15 + 0.85 * count / most
            place = f'x="{left + x * cell + 1}" y="{at + 1}" width="{cell - 2}" height="{cell - 2}"'
            said = f"{_shown(row)} read as {_shown(column)}: {count}"
            parts.append(f'<rect class="cell" {place} rx="3"/>')
            if count:
                parts.append(
                    f'<rect class="heat" {place} rx="3" fill-opacity="{strength:.2f}"><title>{said}</title></rect>'
                )
                shade = " strong" if strength > 0.6 else ""
                parts.append(
                    f'<text class="n{shade}" x="{left + x * cell + cell / 2}" y="{at + 17}" text-anchor="middle">'
                    f"{count}</text>"
                )
    return _svg(
        left + len(columns) * cell + 8, top + len(rows) * cell + 6, "Characters as printed (rows) and as read", parts
    )


def share_bar(parts: Sequence[tuple[str, str, int]]) -> str:
    """Draw one bar in which each part (name, class, count) has its share of the whole."""
    total = sum(count for _, _, count in parts)
    if not total:
        return ""
    pieces = "".join(
        f'<span class="{escape(kind)}" style="flex-grow:{count}" title="{escape(name)}: {count}">'
        f"{count if count >= 0.03 * total else ''}</span>"
        for name, kind, count in parts
        if count
    )
    keys = "".join(
        f'<span class="key {escape(kind)}"><i></i>{escape(name)} <b>{count}</b> ({100 * count / total:.1f} %)</span>'
        for name, kind, count in parts
    )
    return f'<div class="sharebar">{pieces}</div><p class="legend">{keys}</p>'


def _shown(character: str) -> str:
    return escape({"": "∅", " ": "␣"}.get(character, character))


def _grid(left: float, top: float, wide: float, high: float, floor: float = 0.0) -> list[str]:
    parts = []
    for quarter in range(5):
        share = floor + (1 - floor) * quarter / 4
        y = top + high * (1 - quarter / 4)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{left + wide}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    return parts


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
