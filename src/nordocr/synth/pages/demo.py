"""The demo document: three pages of a made-up Swedish annual report as a multi-page CCITT G4 TIFF, with its truth.

``python -m nordocr.synth.pages.demo OUT`` writes ``nordic-report.tif`` and ``nordic-report.json`` into OUT. The fonts
are Liberation Serif and Liberation Sans (Debian: fonts-liberation), so that anyone can build it again; the same
versions of the fonts, FreeType and OpenCV give the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from nordocr.charset import NORDIC_126
from nordocr.synth.corpora.numbers import AmountStyle
from nordocr.synth.degrade import DegradeConfig, degrade
from nordocr.synth.dice import Dice
from nordocr.synth.fonts import FontConfig, load_pool
from nordocr.synth.pages import demo_text as say
from nordocr.synth.pages.files import write_page
from nordocr.synth.pages.flow import Flow, Manner
from nordocr.synth.pages.job import Job
from nordocr.synth.pages.model import SynthPage
from nordocr.synth.pages.ornaments import logo, signature
from nordocr.synth.pages.press import FontShelf, PageFonts, Press, Style
from nordocr.synth.pages.recipe import PageText
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.statements import added_up, parsed
from nordocr.synth.pages.tables import Grid, dotted, figure_row
from nordocr.synth.pages.writer import Library, Writer

NAME: Final = "nordic-report"
DPI: Final = 200
_SEED: Final = 1726
_SCANS: Final = (("clean-1bit", 0.35), ("normal-1bit", 0.25), ("normal-1bit", 0.3))
_SKEW: Final = (0.0, 0.55, -0.4)


def demo_pages(fonts: FontConfig | None = None) -> list[SynthPage]:
    """Return the three pages, 1-bit at 200 dpi.

    Raises:
        DataInvalid: If the Liberation fonts are missing.
    """
    pool = load_pool(fonts or FontConfig(split="all"), NORDIC_126)
    shelf = FontShelf(pool, NORDIC_126.characters)
    faces = replace(shelf.family("liberation serif"), heading=shelf.family("liberation sans").bold)
    library = Library(PageText(languages={"sv": 1.0}), NORDIC_126)
    layouts = (_first, _statements, _notes)
    return [_page(number, layout, faces, library) for number, layout in enumerate(layouts)]


def build_demo(out: Path, fonts: FontConfig | None = None) -> Path:
    """Write the demo's TIFF and truth into the folder ``out``; return the TIFF's path."""
    return write_page(out, NAME, demo_pages(fonts))


def _page(number: int, layout: Callable[[Job], None], faces: PageFonts, library: Library) -> SynthPage:
    dice = Dice(np.random.default_rng([_SEED, number]))
    sheet = Sheet(Press(faces, DPI, dice))
    writer = Writer(library, "sv", dice.rng, faces.covered)
    writer.style = AmountStyle(" ", ",", 0, "–{}", 5)
    body = Style("body", 9.6)
    manner = Manner(body, leading=1.22, justified=True, apart=0.5)
    job = Job(
        sheet, dice, writer, manner, (62.0, 56.0, 50.0, 62.0), title=Style("heading", 15.0),
        heading=Style("heading", 10.6), small=Style("body", 8.6), underlined=False, signed=1.0,
    )  # fmt: skip
    _frame(job, number + 1)
    layout(job)
    image, lines = sheet.finish(_SKEW[number])
    story, strength = _SCANS[number]
    config = DegradeConfig(
        profiles={story: 1.0}, strength=(strength, strength), keep_size=True, inverted=0.0, floor=0.75,
        odds={"erode": 0.0, "resample": 0.0, "streaks": 0.0, "bleed": 0.0, "motion": 0.0},
    )  # fmt: skip
    scanned = degrade(image, np.random.default_rng([_SEED, 100 + number]), config, dpi=DPI)
    return SynthPage(scanned.image, DPI, "sv", "report", lines, scanned.steps)


def _frame(job: Job, number: int) -> None:
    """Header on a rule, as on every page."""
    sheet = job.sheet
    sheet.text(job.left, 44.0, say.COMPANY, job.small, "header")
    sheet.text(job.right, 44.0, f"{number} (3)", job.small, "header", align="right")
    sheet.text(job.left, 54.5, f"Org.nr {say.NUMBER}", job.small, "header")
    sheet.rule(job.left, 59.5, job.right, 0.7)


def _foot(job: Job) -> None:
    y = job.sheet.size[1] - 32.0
    job.sheet.rule(job.left, y - 11.0, job.right, 0.5)
    job.sheet.text((job.left + job.right) / 2, y, say.FOOTER, job.small, "footer", align="center")


def _first(job: Job) -> None:
    """Title, contents, the beginning of the directors' report, key figures, the use of the profit."""
    sheet = job.sheet
    logo(sheet, Dice(np.random.default_rng(5)), job.left, 82.0, 44.0)
    sheet.text(job.left + 58.0, 104.0, "Årsredovisning", Style("heading", 24.0), "heading")
    sheet.text(job.left + 58.0, 122.0, "för räkenskapsåret 2024", Style("italic", 12.0), "heading")
    flow = job.flow(148.0)
    flow.heading("Innehåll", job.heading)
    for head, page in say.CONTENTS:
        dotted(flow, head, ".", page, flow.column.width * 0.42)
    flow.gap(1.2)
    flow.heading("Förvaltningsberättelse", job.title)
    flow.gap(0.2)
    for paragraph in say.REPORT:
        flow.paragraph(paragraph)
    flow.gap(0.3)
    flow.heading("Väsentliga händelser och framtida utveckling", job.heading)
    for paragraph in say.EVENTS:
        flow.paragraph(paragraph)
    flow.gap(0.3)
    flow.heading("Flerårsöversikt", job.heading)
    edges = (job.right - 72.0, job.right)
    _cells(job, flow, "", ("2024", "2023"), edges, job.bold)
    sheet.rule(job.left, flow.y - 0.5, job.right, 0.5)
    for label, *figures in say.KEY_FIGURES:
        _cells(job, flow, label, figures, edges, job.body)
    flow.gap(1.0)
    flow.heading("Förslag till vinstdisposition (tkr)", job.heading)
    for label, figure in say.PROFIT:
        total = label.startswith("Till årsstämmans")
        if total:
            sheet.rule(job.right - 60.0, flow.y + 1.0, job.right, 0.6)
        _cells(job, flow, label, (figure,), (job.right,), job.bold if total else job.body)
    _foot(job)


def _cells(
    job: Job, flow: Flow, label: str, figures: list[str] | tuple[str, ...], edges: tuple[float, ...], style: Style
) -> None:
    base = flow.y + flow.step * 0.78
    if label:
        job.sheet.text(job.left, base, label, style, "label")
    for edge, figure in zip(edges, figures, strict=True):
        job.sheet.text(edge, base, figure, style, "figure", align="right")
    flow.y += flow.step


def _statements(job: Job) -> None:
    """Income statement and balance sheet on one page."""
    flow = job.flow(74.0)
    grid = Grid((job.right - 86.0, job.right), job.right - 176.0, 74.0, True, False, False, True)
    flow.heading("Resultaträkning", job.title)
    _years(job, flow, grid, ("2024", "2023"))
    _table(job, flow, grid, say.INCOME)
    flow.gap(0.7)
    flow.heading("Balansräkning", job.title)
    _years(job, flow, grid, say.YEARS)
    _table(job, flow, grid, say.ASSETS)
    _table(job, flow, grid, say.LIABILITIES)
    _foot(job)


def _years(job: Job, flow: Flow, grid: Grid, years: tuple[str, ...]) -> None:
    base = flow.y + flow.step * 0.7
    job.sheet.text(job.left, base, "Belopp i tkr", Style("italic", job.body.points), "label")
    if grid.note is not None:
        job.sheet.text(grid.note, base, "Not", job.bold, "label", align="center")
    for edge, year in zip(grid.edges, years, strict=True):
        job.sheet.text(edge, base, year, job.bold, "figure", align="right")
    job.sheet.rule(job.left, base + 3.6, job.right, 0.6)
    flow.y += flow.step * 1.1


def _table(job: Job, flow: Flow, grid: Grid, wording: tuple[str, ...]) -> None:
    """A table of the demo's text: ``mark label;note;this year;last year``."""
    rows, values, notes = [], [], []
    for mark, text in parsed(wording):
        label, note, *figures = (text + ";" * (3 - text.count(";"))).split(";")
        rows.append((mark, label))
        notes.append(note)
        values.append([int(figure or 0) for figure in figures])
    for number, (row, note) in enumerate(zip(added_up(rows, values), notes, strict=True)):
        if row.mark == "#":
            flow.gap(0.3)
            flow.line(row.label, job.bold, "heading")
            continue
        figure_row(job, flow, grid, row, note, final=number == len(rows) - 1)
        flow.gap(0.25 if row.total else 0.0)


def _notes(job: Job) -> None:
    """Notes with two small tables, greetings in the neighbours' languages, the auditor's report, signatures."""
    flow = job.flow(74.0)
    grid = Grid((job.right - 86.0, job.right), None, 74.0, True, False, False, True)
    flow.heading("Noter", job.title)
    flow.heading("Not 1 Redovisningsprinciper", job.heading)
    flow.paragraph(say.PRINCIPLES)
    flow.heading("Not 2 Personalkostnader", job.heading)
    _years(job, flow, grid, ("2024", "2023"))
    _table(job, flow, grid, say.STAFF)
    flow.gap(0.6)
    flow.heading("Not 3 Maskiner och andra tekniska anläggningar", job.heading)
    _years(job, flow, grid, say.YEARS)
    _table(job, flow, grid, say.MACHINES)
    flow.gap(0.6)
    flow.heading("Not 4 Långfristiga skulder", job.heading)
    flow.paragraph(say.LOANS)
    flow.heading("Not 5 Röster från kunder", job.heading)
    flow.paragraph(say.ABROAD)
    _sign(job, flow, "Sagolund den 14 mars 2025", say.SIGNED)
    flow.heading("Revisionsberättelse", job.title)
    flow.paragraph(say.AUDIT)
    _sign(job, flow, "Sagolund den 21 mars 2025", say.AUDITOR)
    _foot(job)


def _sign(job: Job, flow: Flow, when: str, people: tuple[tuple[str, str], ...]) -> None:
    """Place and date, and a stroke of the pen over each name."""
    flow.line(when, job.body, "paragraph")
    base = flow.y + 32.0
    half = (job.right - job.left) / 2
    for number in range(len(people)):
        x = job.left + number * half
        signature(job.sheet, job.dice, x + 6.0, base - 4.0, 96.0)
        job.sheet.rule(x, base, x + half - 60.0, 0.5)
    for row in range(2):
        for number, person in enumerate(people):
            job.sheet.text(job.left + number * half, base + (row + 1) * flow.step, person[row], job.body, "field")
    flow.y = base + 2.9 * flow.step


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m nordocr.synth.pages.demo OUT")
    print(build_demo(Path(sys.argv[1])))
