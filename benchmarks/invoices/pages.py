"""Synthetic invoices whose every date, amount and number is known, with where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from invoices.numbers import DATES, NUMBERS, OTHERS, TOTALS, Number, amount, date, payment_line
from nordocr.errors import DataInvalid
from nordocr.results import BBox, Line, Page, Word
from nordocr.synth.dice import Dice
from nordocr.synth.pages.press import Press, Style
from nordocr.synth.pages.recipe import PageRecipe
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.synth import PageSynth
from nordocr.synth.pages.writer import Writer

LEFT, RIGHT = 56.0, 540.0
WRONG = 0.06
"""Share of the numbers that are printed with a wrong digit."""

NEVER_WRONG = ("date", "amount", "no-kid")
"""A KID may be checked by either of two algorithms, so that one wrong digit in ten passes."""


@dataclass(frozen=True)
class Printed:
    """A field on paper.

    Attributes:
        kind: What it is.
        value: What is to be reported.
        wrong: Its check digit was made wrong on purpose.
        box: The line that it stands in, in pixels.
    """

    kind: str
    value: str
    wrong: bool
    box: BBox


@dataclass(frozen=True)
class Invoice:
    """A page, uint8 ``[H, W]``, its fields, and its lines as a perfect reader would give them."""

    image: npt.NDArray[np.uint8]
    language: str
    fields: list[Printed]
    perfect: Page


class Invoices:
    """Makes invoice ``i`` of a seed: fonts of the held-out families, printed; with ``scanned``, to 1 bit and G4."""

    def __init__(self, seed: int, *, scanned: bool) -> None:
        recipe: dict[str, Any] = {"fonts": {"split": "validation"}, "bilevel": 1.0}
        profiles = {"clean-1bit": 1, "normal-1bit": 3, "photocopy-1bit": 1}
        recipe["degrade"] = {"keep_size": True, "inverted": 0.0, "profiles": profiles}
        self.seed, self.scanned = seed, scanned
        self.synth = PageSynth(PageRecipe.model_validate(recipe), seed)

    def make(self, language: str, index: int) -> Invoice:
        """Return one invoice; a face that is too wide or lacks a character is drawn anew."""
        for attempt in range(9):
            rng = np.random.default_rng([self.seed, index, attempt])
            dice = Dice(rng)
            dpi = dice.pick((200, 300))
            fonts = self.synth.fonts.choose(dice, False)
            sheet = Sheet(Press(fonts, dpi, dice))
            try:
                draft = _Draft(sheet, dice, Writer(self.synth.stock, language, rng, fonts.covered), language)
                draft.lay_out()
            except DataInvalid:
                continue
            image, lines = sheet.finish()
            boxes = [BBox(x=b[0], y=b[1], width=b[2], height=b[3]) for b in (line.bbox for line in lines)]
            if self.scanned:
                image, _ = self.synth._scanned(image, dice, dpi, False)
            fields = [Printed(n.kind, n.value, wrong, boxes[at]) for at, n, wrong in draft.fields]
            return Invoice(image, language, fields, perfect(image, [line.text for line in lines], boxes))
        raise DataInvalid(f"No face of the pool sets invoice {index}.")


class _Draft:
    """One invoice being laid out: letterhead, fields beside labels, items, sum, a table with heads, payment line."""

    def __init__(self, sheet: Sheet, dice: Dice, writer: Writer, language: str) -> None:
        self.sheet, self.dice, self.writer, self.language = sheet, dice, writer, language
        self.fields: list[tuple[int, Number, bool]] = []
        self.body = Style("body", dice.between((8.5, 11.0)))
        self.step = self.body.points * 1.5

    def text(self, x: float, y: float, text: str, *, align: str = "left") -> None:
        self.sheet.text(x, y, text, self.body, "value", align=align)

    def field(self, x: float, y: float, before: str, number: Number, *, align: str = "left") -> None:
        """Print a field, now and then with a wrong digit, which is then what is to be reported."""
        wrong = number.kind not in NEVER_WRONG and self.dice.chance(WRONG)
        printed = number
        if wrong:
            printed = spoilt(number, self.dice)
        self.text(x, y, f"{before}{printed.printed}", align=align)
        self.fields.append((len(self.sheet.laid) - 1, printed, wrong))

    def lay_out(self) -> None:
        dice, step = self.dice, self.step
        numbers = NUMBERS[self.language](dice)
        dates = [date(dice, self.language, labels) for labels in DATES[self.language]]
        others = [self.other(label) for label in OTHERS[self.language]]
        y = 60.0
        self.sheet.text(LEFT, y, self.writer.company, Style("heading", 16.0), "header", room=300.0)
        for line in self.writer.address():
            y += step
            self.text(LEFT, y, line)
        y = self.beside(y + 2.5 * step, [*dates, *numbers[::2], *others[:3]])
        y = self.items(y + step)
        sums = TOTALS[self.language]
        self.field(RIGHT, y, f"{dice.pick(sums)} ", amount(dice, self.language, ()), align="right")
        self.heads(y + 3 * step, [*numbers[1::2][:3]])
        self.foot(numbers[:2])
        machine = payment_line(dice, self.language)
        if machine is not None:
            self.field(LEFT + 40.0, 800.0, "", machine)

    def other(self, label: str) -> Number:
        digits = self.dice.digits(self.dice.integer(5, 10))
        return Number("", "", digits, (label,))

    def beside(self, y: float, numbers: list[Number]) -> float:
        """Labels with their values behind them in one line, or in a column of their own."""
        apart = self.dice.chance(0.5)
        for number in numbers:
            label = self.dice.pick(number.labels)
            x, before = LEFT, f"{label} "
            if apart:
                self.text(LEFT, y, label)
                x, before = LEFT + 170.0, ""
            if number.kind:
                self.field(x, y, before, number)
            else:
                self.text(x, y, f"{before}{number.printed}")
            y += self.step
        return y

    def items(self, y: float) -> float:
        """A table of goods, whose figures have no currency."""
        for _ in range(self.dice.integer(2, 6)):
            self.sheet.text(LEFT, y, self.writer.goods(), self.body, "label", room=200.0)
            self.text(LEFT + 260.0, y, self.dice.digits(8))
            self.text(LEFT + 350.0, y, str(self.dice.integer(1, 40)), align="right")
            self.text(RIGHT, y, f"{self.dice.integer(10, 999)},{self.dice.digits(2)}", align="right")
            y += self.step
        return y + self.step

    def heads(self, y: float, numbers: list[Number]) -> None:
        """Labels in a row, the values below them."""
        for place, number in enumerate(numbers):
            x = LEFT + place * 168.0
            self.text(x, y, self.dice.pick(number.labels).rstrip(":"))
            self.field(x, y + 1.25 * self.step, "", number)

    def foot(self, numbers: list[Number]) -> None:
        """A line of labels and values."""
        x = LEFT
        for number in numbers:
            self.field(x, 740.0, f"{self.dice.pick(number.labels)} ", number)
            x += 260.0


def spoilt(number: Number, dice: Dice) -> Number:
    """The same with another digit where nothing but the check shows it; printed and value have the same digits."""
    printed = [at for at, char in enumerate(number.printed) if char.isdigit()]
    value = [at for at, char in enumerate(number.value) if char.isdigit()]
    place = {
        "is-kennitala": len(printed) - 3,
        "se-vat": len(printed) - 3,
        "se-ocr-line": 3,
        "dk-fik": 5,
        "dk-cpr": 0,
    }.get(number.kind, len(printed) - 2)
    digit = "9" if number.kind == "dk-cpr" else str((int(number.printed[printed[place]]) + dice.integer(1, 9)) % 10)

    def changed(text: str, at: int) -> str:
        return text[:at] + digit + text[at + 1 :]

    return replace(number, value=changed(number.value, value[place]), printed=changed(number.printed, printed[place]))


def perfect(image: npt.NDArray[np.uint8], texts: list[str], boxes: list[BBox]) -> Page:
    """The page as it would be read without a mistake; words share their line's width by their letters."""
    lines = []
    for text, box in zip(texts, boxes, strict=True):
        words, at = [], 0
        for part in text.split(" "):
            left = box.x + round(box.width * at / len(text))
            wide = max(1, round(box.width * len(part) / len(text)))
            words.append(
                Word(text=part, confidence=1, bbox=BBox(x=left, y=box.y, width=wide, height=max(1, box.height)))
            )
            at += len(part) + 1
        lines.append(Line(text=text, confidence=1, bbox=box, words=words))
    height, width = image.shape[:2]
    return Page(page_index=0, width=width, height=height, lines=lines)
