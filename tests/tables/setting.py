"""Lines set by hand: ten pixels a character, rows forty pixels apart."""

from __future__ import annotations

from nordocr.results import BBox, Line

CHARACTER, HEIGHT, STEP = 10, 22, 40


def line(text: str, y: int, *, left: int | None = None, right: int | None = None) -> Line:
    """A line that begins at ``left`` or ends at ``right``."""
    width = CHARACTER * len(text)
    x = left if left is not None else (right or width) - width
    return Line(text=text, confidence=1.0, bbox=BBox(x=x, y=y, width=width, height=HEIGHT))


def statement(rows: list[tuple[str, ...]], *, edges: tuple[int, ...], top: int = 200, left: int = 100) -> list[Line]:
    """Rows of a label and figures flush right at ``edges``; an empty text places nothing."""
    lines = []
    for number, (label, *figures) in enumerate(rows):
        y = top + STEP * number
        if label:
            lines.append(line(label, y, left=left))
        lines += [line(text, y, right=edge) for text, edge in zip(figures, edges, strict=False) if text]
    return lines
