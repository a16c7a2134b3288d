"""Text flowing down the columns of a page: headings, paragraphs, lists, and rows that keep together."""

from __future__ import annotations

from dataclasses import dataclass

from nordocr.synth.corpora.shape import breakpoints
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.sheet import Sheet

_WIDEST_SPACE = 2.4
"""Word spaces of a justified line grow to this at most: beyond, a detector would rightly see two lines."""


@dataclass(frozen=True)
class Column:
    """Where a column of text lies, in points."""

    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.x1 - self.x0


@dataclass(frozen=True)
class Manner:
    """How running text is set. ``leading``: baseline distance in em; ``indent``: points of a paragraph's first line."""

    body: Style
    leading: float = 1.25
    justified: bool = False
    hyphenated: bool = False
    indent: float = 0.0
    apart: float = 0.6
    """Space between paragraphs in lines."""


class Flow:
    """A cursor that goes down column after column. ``y`` is the upper edge of what comes next, in points."""

    def __init__(self, sheet: Sheet, columns: list[Column], manner: Manner) -> None:
        self.sheet, self.manner = sheet, manner
        self._columns = columns
        self._place = 0
        self.y = columns[0].top

    @property
    def column(self) -> Column:
        """The column at hand."""
        return self._columns[self._place]

    @property
    def step(self) -> float:
        """Baseline distance of running text in points."""
        return self.line_height(self.manner.body)

    def line_height(self, style: Style) -> float:
        """Return the baseline distance of ``style`` in points, never so small that lines touch."""
        size = self.sheet.press.size(style)
        if self.sheet.press.fonts.typed:
            return max(12.0, 1.2 * size) * (1.5 if self.manner.leading > 1.35 else 1.0)
        return size * max(self.manner.leading, 1.16)

    def room(self, height: float) -> bool:
        """Go on to the next column where ``height`` points are not left; return False where there is no next."""
        while self.y + height > self.column.bottom:
            if self._place + 1 == len(self._columns):
                return False
            self._place += 1
            self.y = self.column.top
        return True

    def stays(self, height: float, of_several: float) -> bool:
        """Return whether ``height`` points, or ``of_several`` where there are several columns, are left in this one."""
        return self.y + (of_several if len(self._columns) > 1 else height) <= self.column.bottom

    def gap(self, lines: float) -> None:
        """Leave so many lines empty, except at the top of a column."""
        if self.y > self.column.top:
            self.y += lines * self.step

    def line(
        self, text: str, style: Style, kind: str, *, indent: float = 0.0, align: str = "left", factor: float = 1.0
    ) -> tuple[float, float, float] | None:
        """Place one line; return left end, right end and baseline in points, or None where the page is full."""
        height = self.line_height(style)
        if not self.room(height):
            return None
        column = self.column
        x = {"left": column.x0 + indent, "center": (column.x0 + column.x1) / 2, "right": column.x1}[align]
        base = self.y + height * 0.78
        x0, x1 = self.sheet.text(
            x, base, text, style, kind, align=align, room=None if factor != 1.0 else column.width - indent,
            word_factor=factor,
        )  # fmt: skip
        self.y += height
        return x0, x1, base

    def heading(self, text: str, style: Style, *, underlined: bool = False, align: str = "left") -> bool:
        """Place a heading, broken over lines where it is long; it keeps two lines of text below it.

        Returns:
            Whether there was room.
        """
        lines = self._broken(text, style, 0.0)
        if not self.room(self.line_height(style) * len(lines) + 2 * self.step):
            return False
        for words, _ in lines:
            ends = self.line(words, style, "heading", align=align)
            if underlined and ends:
                drop = self.sheet.press.size(style) * 0.2
                self.sheet.rule(ends[0], ends[2] + drop, ends[1], max(0.5, self.sheet.press.size(style) * 0.05))
        return True

    def paragraph(self, text: str, *, indent: float = 0.0, style: Style | None = None, bullet: str = "") -> bool:
        """Place running text; return False where the page is full before its end. A ``bullet`` hangs at its head."""
        style = style or self.manner.body
        first = 0.0 if bullet else self.manner.indent
        justified = self.manner.justified and not self.sheet.press.fonts.typed
        lines = self._broken(f"{bullet} {text}" if bullet else text, style, indent, first)
        for number, (words, last) in enumerate(lines):
            left = indent + (first if number == 0 else 0.0)
            factor = self._factor(words, style, self.column.width - left) if justified and not last else 1.0
            if self.line(words, style, "paragraph", indent=left, factor=factor) is None:
                return False
        self.gap(self.manner.apart)
        return True

    def _factor(self, words: str, style: Style, room: float) -> float:
        """How much wider word spaces must be for ``words`` to fill ``room``; 1 where that would tear the line."""
        gaps = words.count(" ")
        if not gaps:
            return 1.0
        press = self.sheet.press
        factor = 1.0 + (room - press.width(words, style)) / (gaps * press.width(" ", style))
        return factor if 0.8 <= factor <= _WIDEST_SPACE else 1.0

    def _broken(self, text: str, style: Style, indent: float, first: float = 0.0) -> list[tuple[str, bool]]:
        """``text`` as (line, whether it is the paragraph's last) for the column at hand, greedily."""
        press = self.sheet.press
        space = press.width(" ", style)
        lines: list[list[str]] = [[]]
        width = 0.0
        waiting = text.split(" ")[::-1]
        while waiting:
            word = waiting.pop()
            room = self.column.width - indent - (first if len(lines) == 1 else 0.0)
            more = press.width(word, style) + (space if lines[-1] else 0.0)
            if width + more <= room:
                lines[-1].append(word)
                width += more
                continue
            head, tail = self._split(word, style, room - width - (space if lines[-1] else 0.0), not lines[-1])
            if head:
                lines[-1].append(head)
                waiting.append(tail)
            elif not lines[-1]:
                lines[-1].append(word)
            else:
                waiting.append(word)
            if waiting:
                lines.append([])
                width = 0.0
        return [(" ".join(words), number == len(lines) - 1) for number, words in enumerate(lines) if words]

    def _split(self, word: str, style: Style, room: float, must: bool) -> tuple[str, str]:
        """``word`` parted with a hyphen so that its head fits ``room``; two empty strings where it cannot be."""
        if not (must or (self.manner.hyphenated and len(word) >= 8)):
            return "", ""
        for place in reversed(breakpoints(word)):
            if self.sheet.press.width(word[:place] + "-", style) <= room:
                return word[:place] + "-", word[place:]
        return "", ""
