"""One page at work: sheet, writer, dice and styles, and what most pages have: header, footer, signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nordocr.synth.dice import Dice
from nordocr.synth.pages.flow import Column, Flow, Manner
from nordocr.synth.pages.ornaments import logo, signature
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.recipe import LayoutConfig
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.sketch import Sketch
from nordocr.synth.pages.writer import Writer


@dataclass
class Job:
    """What a layout draws with. ``margins``: left, right, top, bottom in points; ``signed``: share of places signed."""

    sheet: Sheet
    dice: Dice
    writer: Writer
    manner: Manner
    margins: tuple[float, float, float, float]
    title: Style
    heading: Style
    small: Style
    underlined: bool
    signed: float
    hard: LayoutConfig = field(default_factory=LayoutConfig)
    """Probabilities of layouts that detectors find hard."""
    tick_truth: bool = False
    """Whether boxes to tick are in the truth."""

    def begin_table(self) -> Sketch:
        """Begin a table of the truth; :meth:`cell` fills the last one begun."""
        self.sheet.sketches.append(Sketch())
        return self.sheet.sketches[-1]

    def row(self, *, header: bool = False, loose: bool = False) -> None:
        """Begin a row of the table at hand, if there is one; see :meth:`nordocr.synth.pages.sketch.Sketch.row`."""
        if self.sheet.sketches:
            self.sheet.sketches[-1].row(header=header, loose=loose)

    @contextmanager
    def cell(self, column: int) -> Iterator[None]:
        """What is placed within the block stands in a column of the row at hand."""
        first = len(self.sheet.laid)
        yield
        if self.sheet.sketches:
            self.sheet.sketches[-1].put(column, first, len(self.sheet.laid))

    def hardly(self, probability: float) -> bool:
        """Return True with ``probability``; takes no draw where it is 0, so that other pages stay as they are."""
        return probability > 0.0 and self.dice.chance(probability)

    @property
    def body(self) -> Style:
        """The style of running text."""
        return self.manner.body

    @property
    def bold(self) -> Style:
        """The style of sums and of names that stand out."""
        return Style("bold", self.body.points)

    @property
    def typed(self) -> bool:
        """Whether the page is typewritten."""
        return self.sheet.press.fonts.typed

    @property
    def left(self) -> float:
        """Left margin in points."""
        return self.margins[0]

    @property
    def right(self) -> float:
        """Right margin in points, from the left edge."""
        return self.sheet.size[0] - self.margins[1]

    def flow(self, top: float, columns: int = 1, bottom: float | None = None) -> Flow:
        """Return a flow of columns from ``top`` to the footer, or to ``bottom``."""
        end = self.sheet.size[1] - self.margins[3] if bottom is None else bottom
        apart = 22.0
        wide = (self.right - self.left - apart * (columns - 1)) / columns
        starts = [self.left + number * (wide + apart) for number in range(columns)]
        return Flow(self.sheet, [Column(x, x + wide, top, end) for x in starts], self.manner)


def running_head(job: Job) -> float:
    """Place the company's name and number at the top, perhaps on a rule; return y below it in points."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    y = job.margins[2] + 4.0
    if dice.chance(0.75):
        half = (job.right - job.left) / 2 - 10.0
        sheet.text(job.left, y, writer.company, job.small, "header", room=half)
        if dice.chance(0.7):
            tail = writer.orgnr if dice.chance(0.5) else writer.fill("{number}")
            sheet.text(job.right, y, tail, job.small, "header", align="right", room=half)
        if dice.chance(0.5):
            sheet.rule(job.left, y + 4.5, job.right, dice.between((0.4, 1.2)))
        y += 12.0
    return y + 14.0


def footer(job: Job) -> None:
    """Place a page number, perhaps with a footer's text and a rule over both."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    y = sheet.size[1] - dice.between((26.0, 38.0))
    if dice.chance(0.3):
        sheet.rule(job.left, y - sheet.press.size(job.small) - 4.0, job.right, 0.5)
    number = dice.integer(1, 40)
    page = dice.pick(
        (f"{number}", f"{number} ({number + dice.integer(0, 20)})", f"{writer.words.page} {number}", f"- {number} -")
    )
    kind = dice.integer(0, 3)
    if kind == 0:
        sheet.text((job.left + job.right) / 2, y, page, job.small, "footer", align="center")
        return
    if kind >= 2 and writer.locale.phrases.footers:
        text = writer.fill(dice.pick(writer.locale.phrases.footers))
        sheet.text(job.left, y, text, job.small, "footer", room=(job.right - job.left) * 0.6)
    sheet.text(job.right, y, page, job.small, "footer", align="right")


def letterhead(job: Job) -> float:
    """Place logo, name and address lines above a letter or invoice; return y below it in points."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    top, x = job.margins[2] - 8.0, job.left
    if not job.typed and dice.chance(0.65):
        side = dice.between((24.0, 44.0))
        logo(sheet, dice, x, top, side)
        x += side + 9.0
    size = job.title.sized(dice.between((12.0, 19.0)))
    base = top + max(18.0, sheet.press.size(size))
    sheet.text(x, base, writer.company, size, "header", room=(job.right - x) * 0.62)
    lines = [*writer.address(), " ".join(writer.field())]
    y = base + 2.5
    if dice.chance(0.5):
        for line in lines:
            y += sheet.press.size(job.small) * 1.25
            sheet.text(x, y, line, job.small, "address", room=(job.right - x) * 0.55)
    else:
        y = top + sheet.press.size(job.small)
        for line in lines:
            sheet.text(job.right, y, line, job.small, "address", align="right", room=(job.right - job.left) * 0.34)
            y += sheet.press.size(job.small) * 1.25
        y = max(y, base)
    y = max(y, top + 44.0) + 8.0
    if dice.chance(0.4):
        sheet.rule(job.left, y, job.right, dice.between((0.5, 2.0)))
    return y + 20.0


def signatures(job: Job, flow: Flow, count: int) -> None:
    """Place lines to sign side by side: a pen's stroke, the name below it, perhaps the signer's role."""
    sheet, dice, writer = job.sheet, job.dice, job.writer
    wide = (flow.column.width - 20.0 * (count - 1)) / count
    lined, roles = dice.chance(0.6), dice.chance(0.6)
    if not flow.room(44.0 + 2.2 * flow.step):
        return
    base = flow.y + 34.0
    places = [flow.column.x0 + number * (wide + 20.0) for number in range(count)]
    for x in places:
        if dice.chance(job.signed):
            signature(sheet, dice, x + 8.0, base - 3.0, min(wide * 0.6, 95.0))
        if lined:
            sheet.rule(x, base, x + wide * 0.9, 0.5, dotted=3.0 if dice.chance(0.4) else 0.0)
    for x in places:
        sheet.text(x, base + flow.step, dice.pick(writer.people.names), job.body, "field", room=wide)
    if roles:
        for x in places:
            sheet.text(x, base + 2 * flow.step, writer.role(), job.body, "field", room=wide)
    flow.y = base + 2.6 * flow.step
