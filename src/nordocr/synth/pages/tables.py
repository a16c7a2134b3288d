"""Tables of figures: labels on the left, perhaps a note, figures flush right; every cell a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from nordocr.synth.pages.flow import Flow
from nordocr.synth.pages.job import Job
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.statements import Row


@dataclass(frozen=True)
class Grid:
    """A table's manner. ``edges``: x of each figure column's right edge in points; ``note``: x of the notes' or None.

    ``ruled``: rules over and under sums; ``boxed``: a frame and rules between columns; ``leaders``: dots from the
    label to the figures; ``bold``: sums in bold.
    """

    edges: tuple[float, ...]
    note: float | None
    width: float
    ruled: bool
    boxed: bool
    leaders: bool
    bold: bool

    @property
    def first_figure(self) -> int:
        """The number of the first column of figures."""
        return 1 if self.note is None else 2


def choose_grid(job: Job, flow: Flow, figures: list[str], columns: int) -> Grid:
    """Return a grid as wide as the flow's column whose figure columns hold the widest of ``figures``."""
    dice = job.dice
    widest = max(job.sheet.press.width(figure, job.bold) for figure in figures)
    width = max(widest + dice.between((12.0, 30.0)), 52.0)
    if job.hardly(job.hard.close_columns):
        width = widest + dice.between((4.5, 9.0))
    edges = tuple(flow.column.x1 - 4.0 - width * (columns - 1 - number) for number in range(columns))
    note = edges[0] - width - 16.0 if columns <= 2 and dice.chance(0.55) else None
    boxed = dice.chance(0.15)
    return Grid(edges, note, width, dice.chance(0.55), boxed, not boxed and dice.chance(0.12), dice.chance(0.7))


def head_row(job: Job, flow: Flow, grid: Grid, texts: list[str], label: str = "", note: str = "") -> None:
    """Place years or other heads over the figure columns, flush right; sometimes in white on a black band."""
    sheet, dice = job.sheet, job.dice
    height = flow.step * 1.25
    job.begin_table().row(header=True)
    if not flow.room(height * 3):
        return
    base = flow.y + height * 0.72
    white = not job.typed and dice.chance(max(0.12, job.hard.white_heads))
    if white:
        sheet.band(flow.column.x0 - 3.0, flow.y, flow.column.x1 + 3.0, flow.y + height)
    end = (grid.note or grid.edges[0] - grid.width) - 8.0
    if label:
        with job.cell(0):
            sheet.text(flow.column.x0, base, label, job.bold, "label", room=end - flow.column.x0, white=white)
    if note and grid.note is not None:
        with job.cell(1):
            sheet.text(grid.note, base, note, job.bold, "label", align="center", white=white)
    for column, (edge, text) in enumerate(zip(grid.edges, texts, strict=True), grid.first_figure):
        with job.cell(column):
            x0, x1 = sheet.text(edge, base, text, job.bold, "figure", align="right", room=grid.width, white=white)
        if grid.ruled and not white:
            sheet.rule(x0 - 2.0, base + 3.2, x1, 0.6)
    flow.y += height + 2.0


class _Shade(NamedTuple):
    """Shaded bands under rows, under ``sums`` or under every other row.

    ``ink``: gray of 0-255, so light that no threshold turns it black, or 0 for a screen of dots ``period`` points
    apart.
    """

    ink: float
    period: float
    sums: bool

    def draw(self, sheet: Sheet, x0: float, y0: float, x1: float, y1: float) -> None:
        """Shade a rectangle."""
        if self.ink:
            sheet.band(x0, y0, x1, y1, self.ink)
        else:
            sheet.screen(x0, y0, x1, y1, self.period)


def _choose_shade(job: Job) -> _Shade | None:
    if job.typed or not job.hardly(job.hard.shaded_rows):
        return None
    ink = job.dice.between((15.0, 45.0)) if job.dice.chance(0.6) else 0.0
    return _Shade(ink, job.dice.between((1.3, 2.4)), job.dice.chance(0.35))


def draw_rows(job: Job, flow: Flow, grid: Grid, rows: list[Row], *, notes: int = 1) -> int:
    """Place the rows of a statement from the cursor on, until the page is full; return the next note's number."""
    start = flow.y
    last = job.dice.integer(0, 1) == 0
    shade = _choose_shade(job)
    for number, row in enumerate(rows):
        if not flow.stays(flow.step * 1.4, flow.step * 4.5):  # the grid's edges are those of this column
            break
        if shade and row.mark != "#" and (row.total if shade.sums else number % 2 == 1):
            shade.draw(job.sheet, flow.column.x0 - 3.0, flow.y, flow.column.x1 + 3.0, flow.y + flow.step)
        if row.mark == "#":
            flow.gap(0.5)
            style = job.heading.sized(job.body.points + 0.5) if grid.bold else job.body
            job.row(loose=True)
            with job.cell(0):
                ends = flow.line(row.label, style, "heading")
            if ends and job.underlined:
                job.sheet.rule(ends[0], ends[2] + 2.2, ends[1], 0.6)
            continue
        noted = grid.note is not None and not row.total and job.dice.chance(0.4)
        figure_row(job, flow, grid, row, str(notes) if noted else "", final=last and number == len(rows) - 1)
        notes += noted
        if row.total:
            flow.gap(0.45)
    if grid.boxed and flow.y > start:
        left = flow.column.x0 - 5.0
        job.sheet.box(left, start - 2.0, flow.column.x1 + 5.0, flow.y, 0.7)
        for edge in grid.edges:
            job.sheet.upright(edge - grid.width + 5.0, start - 2.0, flow.y, 0.5)
    flow.gap(1.0)
    return notes


def figure_row(job: Job, flow: Flow, grid: Grid, row: Row, note: str, *, final: bool) -> None:
    """Place label, note and figures on one baseline, broken to two lines where the label is long; sums with rules."""
    sheet = job.sheet
    style = job.bold if row.total and grid.bold else job.body
    figures_from = grid.edges[0] - grid.width + 8.0
    end = (grid.note - 8.0 if grid.note is not None else figures_from) - 6.0
    words = row.label.split(" ")
    left = flow.column.x0
    while len(words) > 1 and sheet.press.width(" ".join(words), style) > end - left:
        words.pop()
    rest = row.label.split(" ")[len(words) :]
    job.row()
    if rest:
        with job.cell(0):
            flow.line(" ".join(words), style, "label")
        words, left = rest, left + 8.0
        if not flow.room(flow.step):
            return
    base = flow.y + flow.step * 0.78
    with job.cell(0):
        _, x1 = sheet.text(left, base, " ".join(words), style, "label", room=max(end - left, 30.0))
    if note and grid.note is not None:
        with job.cell(1):
            sheet.text(grid.note, base, note, job.body, "note", align="center")
    starts = []
    for column, (edge, value) in enumerate(zip(grid.edges, row.figures, strict=True), grid.first_figure):
        with job.cell(column):
            starts.append(_figure(job, grid, row, style, edge, base, job.writer.money(value), final=final))
    if grid.leaders and not row.total and starts[0] - x1 > 40.0:
        sheet.rule(x1 + 5.0, base - 0.8, min(starts[0], grid.note or starts[0]) - 10.0, 0.7, dotted=3.2)
    flow.y += flow.step


def _figure(job: Job, grid: Grid, row: Row, style: Style, edge: float, base: float, text: str, *, final: bool) -> float:
    """One figure flush right at ``edge``, with the rules of a sum; gives its left end."""
    sheet = job.sheet
    x0, x1 = sheet.text(edge, base, text, style, "figure", align="right")
    if grid.ruled and row.total:
        above = base - sheet.press.ascent(style) - 2.4
        sheet.rule(edge - grid.width + 12.0, above, x1, 0.6)
    if final:
        sheet.rule(edge - grid.width + 12.0, base + 3.4, x1, 0.6)
        sheet.rule(edge - grid.width + 12.0, base + 5.4, x1, 0.6)
    return x0


def dotted(flow: Flow, head: str, unit: str, tail: str, width: float) -> None:
    """Place a line of a table of contents, ``width`` points wide: ``head``, leaders made of ``unit``, ``tail``."""
    press, style = flow.sheet.press, flow.manner.body
    spare = width - press.width(f"{head}  {tail}", style)
    dots = (unit * max(3, int(spare / press.width(unit, style)))).strip()
    text = f"{head} {dots} {tail}"
    # The spaces take up what is less than a dot, so that all the numbers end at one edge.
    factor = 1.0 + (width - press.width(text, style)) / (text.count(" ") * press.width(" ", style))
    flow.line(text, style, "leader", factor=factor if 0.9 < factor < 1.8 else 1.0)
