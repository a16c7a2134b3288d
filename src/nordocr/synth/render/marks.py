"""Printed marks round a line: underlines, table rules, boxes, form lines, check boxes."""

from __future__ import annotations

from dataclasses import dataclass, field

from nordocr.synth.dice import Dice
from nordocr.synth.render.canvas import Bar, Canvas, Line, Stroke
from nordocr.synth.render.config import RenderConfig

_FAR = 1e6


@dataclass
class Marks:
    """What is to be drawn, in line coordinates. ``extent``: x0, y0, x1, y1 that the crop shall show besides text."""

    bars: list[Bar] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    extent: list[float] = field(default_factory=lambda: [_FAR, _FAR, -_FAR, -_FAR])
    tags: list[str] = field(default_factory=list)

    def show(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Widen ``extent`` by a rectangle."""
        old = self.extent
        self.extent = [min(old[0], x0), min(old[1], y0), max(old[2], x1), max(old[3], y1)]

    def draw(self, canvas: Canvas) -> None:
        """Draw all of it."""
        for bar in self.bars:
            canvas.bar(bar)
        for stroke in self.strokes:
            canvas.stroke(stroke)


def choose_marks(line: Line, dice: Dice, config: RenderConfig, *, slanted: bool = False) -> Marks:
    """Choose which marks stand round ``line`` and where.

    A ``slanted`` line gets none that are upright: slanted with the letters, a rule would read as a ``/`` that the label
    lacks.
    """
    marks = Marks()
    thin = line.dpi / 72.0
    for name, chance, plan in (
        ("underline", config.underline, _underline),
        ("strike", config.strike, _strike),
        ("box", config.box, _box),
        ("rule-inside", config.rule_inside, _rule_inside),
        ("form-line", config.form_line, _form_line),
        ("check-box", config.check_box, _check_box),
    ):
        if dice.chance(chance) and not (slanted and plan in (_box, _rule_inside)) and plan(line, marks, thin, dice):
            marks.tags.append(name)
    for side in ("left", "right"):
        if dice.chance(config.rule_side) and not slanted:
            _rule_side(line, marks, thin, dice, left=side == "left")
            marks.tags.append(f"rule-{side}")
    for side in ("above", "below"):
        if dice.chance(config.rule_across):
            _rule_across(line, marks, thin, dice, above=side == "above")
            marks.tags.append(f"rule-{side}")
    return marks


def _underline(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    x0, _, x1, _ = line.box
    start, end = float(x0), float(x1)
    if line.gaps and dice.chance(0.25):
        gap = dice.pick(line.gaps)
        start, end = (start, gap) if dice.chance(0.6) else (gap, end)
    thick = max(0.8, dice.between((0.035, 0.1)) * line.em)
    y = line.baseline + dice.between((0.07, 0.24)) * line.em
    if line.typed and dice.chance(0.8):
        _underscores(line, marks, (start, end), y, thick, dice)
    else:
        ink = dice.between((190.0, 255.0))
        marks.bars.append(Bar(start, y, end, y + thick, ink))
        if dice.chance(0.12):
            lower = y + thick + max(1.5, dice.between((0.04, 0.1)) * line.em)
            marks.bars.append(Bar(start, lower, end, lower + thick, ink))
    if not marks.bars:  # a span too short for a single underscore
        return False
    low = max(bar.y1 for bar in marks.bars)
    marks.show(start, y, end, low if dice.chance(0.85) else y + 0.6 * thick)
    return True


def _underscores(line: Line, marks: Marks, span: tuple[float, float], y: float, thick: float, dice: Dice) -> None:
    """A typewriter's underline: one struck underscore a letter, touching or nearly so, each with its own force."""
    step = line.pitch or 0.6 * line.em
    reach = step * dice.between((0.88, 1.06))
    x = span[0]
    while x < span[1] - 0.4 * step:
        up = y + dice.normal() * 0.012 * line.em * line.typed
        marks.bars.append(
            Bar(x, up, x + reach, up + thick, 235.0 - 40.0 * dice.unit() - 70.0 * line.typed * dice.unit())
        )
        x += step


def _strike(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    thick = max(0.8, dice.between((0.03, 0.05)) * line.em)
    y = line.baseline - dice.between((0.4, 0.6)) * line.x_height
    marks.bars.append(Bar(line.box[0], y, line.box[2], y + thick, dice.between((170.0, 255.0))))
    return True


def _frame(marks: Marks, box: tuple[float, float, float, float], thick: float, ink: float) -> None:
    x0, y0, x1, y1 = box
    marks.bars += [Bar(x0, y0, x1, y0 + thick, ink), Bar(x0, y1 - thick, x1, y1, ink)]
    marks.bars += [Bar(x0, y0, x0 + thick, y1, ink), Bar(x1 - thick, y0, x1, y1, ink)]


def _box(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    thick = max(0.8, dice.between((0.4, 1.6)) * thin)
    aside, off = dice.between((0.25, 1.0)) * line.em + thick, dice.between((0.1, 0.4)) * line.em + thick
    box = (line.box[0] - aside, line.box[1] - off, line.box[2] + aside, line.box[3] + off)
    _frame(marks, box, thick, dice.between((150.0, 255.0)))
    # A crop that does not hold the whole box still shows its lower left corner.
    marks.show(*(box if dice.chance(0.6) else (box[0], line.box[1], line.box[2], box[3])))
    return True


def _rule_inside(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    if not line.gaps:
        return False
    thick = max(0.7, dice.between((0.3, 0.8)) * thin)
    x = dice.pick(line.gaps) - thick / 2.0
    marks.bars.append(Bar(x, -_FAR, x + thick, _FAR, dice.between((120.0, 255.0))))
    return True


def _form_line(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    # Below the baseline and finer than a full stop, so that it cannot pass for dot leaders.
    y = line.baseline + dice.between((0.12, 0.24)) * line.em
    dotted = dice.chance(0.65)
    thick = max(0.9, dice.between((0.03, 0.05)) * line.em)
    period = max(3.0, dice.between((0.11, 0.2)) * line.em) if dotted else 0.0
    start, end = line.box[0] - dice.between((0.0, 2.0)) * line.em, line.box[2] + dice.between((0.0, 3.0)) * line.em
    marks.bars.append(Bar(start, y, end, y + thick, dice.between((120.0, 255.0)), period))
    marks.show(line.box[0], y, line.box[2], y + thick)
    return True


def _check_box(line: Line, marks: Marks, thin: float, dice: Dice) -> bool:
    side, gap = dice.between((0.55, 0.85)) * line.em, dice.between((0.3, 0.8)) * line.em
    thick = max(0.8, dice.between((0.4, 1.0)) * thin)
    x1, y1 = line.box[0] - gap, line.baseline + dice.between((-0.04, 0.1)) * line.em
    x0, y0 = x1 - side, y1 - side
    _frame(marks, (x0, y0, x1, y1), thick, dice.between((170.0, 255.0)))
    if dice.chance(0.35):
        marks.strokes += [Stroke(x0, y0, x1, y1, 1.3 * thick, 230.0), Stroke(x0, y1, x1, y0, 1.3 * thick, 230.0)]
    marks.show(x0, y0, x1, y1)
    return True


def _rule_side(line: Line, marks: Marks, thin: float, dice: Dice, left: bool) -> None:
    thick = max(0.8, dice.between((0.3, 1.5)) * thin)
    gap = dice.between((0.18, 0.7)) * line.em
    x = line.box[0] - gap - thick if left else line.box[2] + gap
    marks.bars.append(Bar(x, -_FAR, x + thick, _FAR, dice.between((130.0, 255.0))))
    shown = thick * dice.between((0.3, 1.2))  # often only part of the rule's width is inside the crop
    marks.show(x + thick - shown if left else x, line.box[1], x + thick if left else x + shown, line.box[3])


def _rule_across(line: Line, marks: Marks, thin: float, dice: Dice, above: bool) -> None:
    thick = max(0.8, dice.between((0.3, 1.5)) * thin)
    gap, ink = dice.between((0.06, 0.35)) * line.em, dice.between((130.0, 255.0))
    y = line.box[1] - gap - thick if above else line.box[3] + gap
    marks.bars.append(Bar(-_FAR, y, _FAR, y + thick, ink))
    if dice.chance(0.12):
        second = y - 2.5 * thick if above else y + 2.5 * thick
        marks.bars.append(Bar(-_FAR, second, _FAR, second + thick, ink))
    shown = thick * dice.between((0.4, 1.2))
    marks.show(line.box[0], y + thick - shown if above else y, line.box[2], y + thick if above else y + shown)
