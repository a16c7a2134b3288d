"""The page engine: page i of a recipe and seed has the same bytes in any process, in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from nordocr.charset import NORDIC_126, Charset
from nordocr.errors import DataInvalid
from nordocr.synth.degrade import DegradeConfig, degrade
from nordocr.synth.dice import Dice
from nordocr.synth.fonts import load_pool
from nordocr.synth.pages import accounts, invoices, letters, reports
from nordocr.synth.pages.beside.sheet import decorate
from nordocr.synth.pages.dirt import break_rules, lightened, soil
from nordocr.synth.pages.flow import Manner
from nordocr.synth.pages.job import Job
from nordocr.synth.pages.model import SynthPage, UInt8Array
from nordocr.synth.pages.ornaments import punch_holes, scanner_edges, stamp
from nordocr.synth.pages.press import FontShelf, Press, Style
from nordocr.synth.pages.recipe import BILEVEL_STORIES, TYPED_STORIES, PageRecipe
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Library, Writer, page_wording

_LAYOUTS: Final[dict[str, Callable[[Job], None]]] = {
    "statement": reports.statement,
    "running": reports.running,
    "notes": reports.notes,
    "audit": reports.audit,
    "contents": reports.contents,
    "letter": letters.letter,
    "minutes": letters.minutes,
    "invoice": invoices.invoice,
    "form": invoices.form,
    "account": accounts.account,
}
_MAY_BE_TYPED: Final = frozenset(("running", "audit", "letter", "minutes", "statement"))
_TRIES: Final = 4


class PageSynth:
    """Makes page ``i`` of a recipe and seed. Cheap to pickle: a process loads fonts and texts on first use.

    Args:
        recipe: The recipe.
        seed: Seed >= 0.
        charset: The characters that pages may hold.
    """

    def __init__(self, recipe: PageRecipe, seed: int, charset: Charset = NORDIC_126) -> None:
        self.recipe, self.seed, self.charset = recipe, seed, charset

    def __getstate__(self) -> dict[str, object]:
        return {"recipe": self.recipe, "seed": self.seed, "charset": self.charset}

    @cached_property
    def stock(self) -> Library:
        """The texts of all languages."""
        return Library(self.recipe.text, self.charset)

    @cached_property
    def fonts(self) -> FontShelf:
        """The verified faces that draw the whole charset."""
        return FontShelf(load_pool(self.recipe.fonts, self.charset), self.charset.characters)

    def make(self, index: int) -> SynthPage:
        """Return page ``index`` >= 0.

        Raises:
            DataInvalid: If no page can be made of the fonts or the charset.
            InputMissing: If a corpus does not exist.
        """
        rng = np.random.default_rng([self.seed, index])
        dice = Dice(rng)
        recipe = self.recipe
        kind = dice.weighted(tuple(recipe.kinds.items()))
        language = dice.weighted(tuple(recipe.text.languages.items()))
        dpi = dice.weighted(recipe.dpi)
        typed = kind in _MAY_BE_TYPED and dice.chance(recipe.typed)
        sheet, typed = self.laid_out(kind, language, dpi, typed, rng)
        tags = ["typed"] * typed
        if dice.chance(recipe.holes):
            punch_holes(sheet, dice)
            tags.append("holes")
        if dice.chance(recipe.stamps) and stamp(sheet, dice, page_wording(language).stamps):
            tags.append("stamp")
        if recipe.beside.any:
            writer = Writer(self.stock, language, dice.rng, sheet.press.fonts.covered)
            tags += decorate(sheet, dice, writer, recipe.beside)
        askew, degrees = dice.chance(recipe.skew), dice.normal() / 3.0 * recipe.skew_degrees
        if recipe.steep_skew and dice.chance(recipe.steep_skew):
            askew, degrees = True, dice.between((3.0, 10.0)) * dice.pick((-1.0, 1.0))
        if recipe.dirt.broken_rules and dice.chance(recipe.dirt.broken_rules):
            break_rules(sheet.canvas, sheet.rules, dice, dpi / 200.0)
            tags.append("broken-rules")
        image, lines = sheet.finish(degrees if askew else 0.0)
        if askew:
            tags.append("skew")
        if dice.chance(recipe.borders):
            scanner_edges(image, dice, dpi)
            tags.append("borders")
        image, steps = self._scanned(image, dice, dpi, typed)
        if recipe.dirt.any:
            soiled = soil(image, lines, dice, recipe.dirt, dpi=dpi, bilevel="1-bit" in steps)
            image, lines = soiled.image, soiled.lines
            tags += soiled.tags
        tables, skew = sheet.tables(), degrees if askew else 0.0
        return SynthPage(image, dpi, language, kind, lines, (*tags, *steps), tables, skew)

    def laid_out(self, kind: str, language: str, dpi: int, typed: bool, rng: np.random.Generator) -> tuple[Sheet, bool]:
        """Return a sheet of ``kind`` before it is scanned, and whether it is typed. A face too wide is drawn anew."""
        for attempt in range(_TRIES):
            dice = Dice(np.random.default_rng(rng.integers(0, 2**63)))
            fonts = self.fonts.choose(dice, typed)
            sheet = Sheet(Press(fonts, dpi, dice))
            writer = Writer(self.stock, language, dice.rng, fonts.covered)
            try:
                _LAYOUTS[kind](_job(sheet, writer, dice, self.recipe))
            except DataInvalid:
                if attempt + 1 == _TRIES:
                    raise
                continue
            return sheet, fonts.typed
        raise AssertionError("unreachable")

    def _scanned(self, image: UInt8Array, dice: Dice, dpi: int, typed: bool) -> tuple[UInt8Array, tuple[str, ...]]:
        """The page scanned: to 1 bit with the recipe's share, else to gray."""
        config = self.recipe.degrade
        bilevel = dice.chance(self.recipe.bilevel)
        light = not bilevel and self.recipe.dirt.light_ink and dice.chance(self.recipe.dirt.light_ink)
        if light:
            image = lightened(image, dice)
        stories = {
            name: weight
            for name, weight in config.profiles.items()
            if (name in BILEVEL_STORIES) == bilevel and (typed or name not in TYPED_STORIES)
        }
        chosen = DegradeConfig.model_validate(config.model_dump() | {"profiles": stories})
        if light:
            chosen = chosen.only("clean-gray")
        degraded = degrade(image, dice.rng, chosen, dpi=dpi)
        scanned, steps = degraded.image, (*degraded.steps, "light-ink") if light else degraded.steps
        if bilevel and "1-bit" not in steps:
            scanned = np.asarray(cv2.threshold(scanned, 127, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)
            steps = (*steps, "1-bit")
        return scanned, steps


def _job(sheet: Sheet, writer: Writer, dice: Dice, recipe: PageRecipe) -> Job:
    """The styles of one page."""
    points = min(max(9.8 + 0.8 * dice.normal(), 8.0), 12.0)
    body = Style("body", points)
    manner = Manner(
        body=body,
        leading=dice.between((1.16, 1.5)),
        justified=dice.chance(0.35),
        hyphenated=dice.chance(0.5),
        indent=dice.between((8.0, 16.0)) if dice.chance(0.2) else 0.0,
        apart=dice.between((0.3, 0.9)),
    )
    typed = sheet.press.fonts.typed
    margins = (dice.between((56.0, 78.0)), dice.between((46.0, 68.0)), dice.between((46.0, 66.0)), 64.0)
    job = Job(
        sheet, dice, writer, manner, margins,
        title=Style("heading", dice.between((13.0, 20.0)), 0.08 if dice.chance(0.12) else 0.0),
        heading=Style("heading", points * dice.between((1.05, 1.3))),
        small=Style("body", max(points - 2.0, 7.0)),
        underlined=dice.chance(0.5 if typed else 0.1),
        signed=recipe.signatures, hard=recipe.layout, tick_truth=recipe.tick_truth,
    )  # fmt: skip
    if not typed and job.hardly(recipe.layout.heavy_headings):
        weight = dice.between((0.025, 0.06))
        job.title = replace(job.title, weight=weight, tracking=job.title.tracking + weight)
        job.heading = Style("heading", job.heading.points * dice.between((1.0, 1.4)), weight, weight)
    return job
