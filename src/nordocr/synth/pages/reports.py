"""Pages of annual reports: statements, notes, running text, the auditor's report, the table of contents."""

from __future__ import annotations

from nordocr.synth.corpora import numbers
from nordocr.synth.pages.job import Job, footer, running_head, signatures
from nordocr.synth.pages.statements import Row, balance_sheet, income_statement
from nordocr.synth.pages.tables import choose_grid, dotted, draw_rows, head_row


def _years(job: Job, count: int) -> list[str]:
    """Heads of the figure columns."""
    year = job.writer.year
    kind = job.dice.integer(0, 2)
    if kind == 0:
        return [str(year - back) for back in range(count)]
    if kind == 1:
        return [job.writer.words.year_end.format(year - back) for back in range(count)]
    return [f"{year - back - 1}/{year - back}" for back in range(count)]


def statement(job: Job) -> None:
    """Lay out an income statement or a balance sheet, or the one above the other."""
    dice, writer = job.dice, job.writer
    flow = job.flow(running_head(job))
    years = dice.weighted(((1, 0.12), (2, 0.8), (3, 0.08)))
    size = int(10 ** dice.between((3.0, 8.0)))
    income, (assets, owed) = (
        income_statement(writer.dice, writer.words.statements, years, size),
        balance_sheet(writer.dice, writer.words.statements, years, size),
    )
    what = dice.integer(0, 3)
    parts: list[tuple[str, list[list[Row]]]] = []
    if what in (0, 2):
        parts.append((writer.words.income, [income]))
    if what in (1, 2, 3):
        parts.append((writer.words.balance, [assets] if what == 2 else [assets, owed]))
    heads = _years(job, years)
    figures = [writer.money(value) for row in (*income, *assets, *owed) for value in row.figures]
    grid = choose_grid(job, flow, [*figures, *heads], years)
    notes = dice.integer(1, 4)
    for title, tables in parts:
        flow.heading(title if dice.chance(0.7) else title.capitalize(), job.title, underlined=job.underlined)
        flow.gap(0.4)
        unit = writer.words.thousands if dice.chance(0.5) else ""
        head_row(job, flow, grid, heads, unit, writer.words.note if dice.chance(0.8) else "")
        for rows in tables:
            notes = draw_rows(job, flow, grid, rows, notes=notes)
    footer(job)


def notes(job: Job) -> None:
    """Lay out numbered notes: a heading, a sentence or two, a small table."""
    dice, writer = job.dice, job.writer
    top = running_head(job)
    columns = 2 if job.hardly(job.hard.side_by_side) else 1
    flow = job.flow(top, columns)
    number = dice.integer(1, 20)
    years = 2 if columns == 1 else 1
    while flow.room(flow.step * 7):
        flow.heading(f"{writer.words.note} {number} {writer.label()}", job.heading, underlined=job.underlined)
        number += 1
        if dice.chance(0.55) and not flow.paragraph(writer.paragraph(dice.integer(1, 3))):
            break
        if dice.chance(0.75) and flow.room(flow.step * 5):
            rows = _small_table(job, years)
            heads = _years(job, years)
            figures = [writer.money(value) for row in rows for value in row.figures]
            grid = choose_grid(job, flow, [*figures, *heads], years)
            head_row(job, flow, grid, heads)
            draw_rows(job, flow, grid, rows)
        flow.gap(0.8)
    footer(job)


def _small_table(job: Job, years: int) -> list[Row]:
    writer = job.writer
    size = 10 ** writer.dice.integer(2, 6)
    items = [
        Row("+", writer.label(), tuple(round(size * (writer.dice.unit() - 0.15)) for _ in range(years)))
        for _ in range(writer.dice.integer(2, 6))
    ]
    total = tuple(sum(row.figures[year] for row in items) for year in range(years))
    return [*items, Row("=", writer.label(), total)]


def running(job: Job) -> None:
    """Lay out headings and paragraphs in one or two columns, with lists."""
    dice, writer = job.dice, job.writer
    columns = 1 if job.typed else dice.weighted(((1, 0.68), (2, 0.32)))
    if not job.typed and job.hardly(job.hard.three_columns):
        columns = 3
    top = running_head(job)
    if dice.chance(0.5):
        first = job.flow(top)
        first.heading(writer.heading().upper() if dice.chance(0.4) else writer.heading(), job.title)
        top = first.y + 8.0
    flow = job.flow(top, columns)
    full = False
    while not full and flow.room(flow.step * 4):
        flow.gap(0.6)
        if dice.chance(0.8):
            full = not flow.heading(writer.heading(), job.heading, underlined=job.underlined)
        for _ in range(dice.integer(1, 3)):
            full = full or not flow.paragraph(writer.paragraph(dice.integer(2, 5)))
        if not full and dice.chance(0.25):
            mark = numbers.enumeration(writer.dice)
            for place in range(dice.integer(2, 4)):
                bullet = f"{place + 1}." if mark[0].isdigit() else "-"
                full = full or not flow.paragraph(writer.sentence(), indent=12.0, bullet=bullet)
    footer(job)


def audit(job: Job) -> None:
    """Lay out an auditor's report: addressee, statements, signatures."""
    dice, writer = job.dice, job.writer
    flow = job.flow(running_head(job))
    flow.heading(
        writer.words.audit, job.title, underlined=job.underlined, align="center" if dice.chance(0.3) else "left"
    )
    flow.gap(0.6)
    flow.line(f"{writer.words.to_meeting} {writer.company}", job.body, "paragraph")
    if dice.chance(0.6):
        flow.line(" ".join(writer.field()), job.body, "paragraph")
    flow.gap(0.8)
    for _ in range(dice.integer(2, 4)):
        if dice.chance(0.7):
            flow.heading(writer.heading(), job.heading, underlined=job.underlined)
        for _ in range(dice.integer(1, 3)):
            if flow.y < flow.column.bottom - 150.0:
                flow.paragraph(writer.paragraph(dice.integer(2, 4)))
    flow.gap(0.8)
    flow.line(f"{writer.town} {writer.fill('{longdate}')}", job.body, "paragraph")
    signatures(job, flow, dice.integer(1, 2))
    footer(job)


def contents(job: Job) -> None:
    """Lay out a table of contents: headings with dot leaders, or title left and page right without dots."""
    dice, writer = job.dice, job.writer
    flow = job.flow(running_head(job) + dice.between((0.0, 60.0)))
    flow.heading(writer.words.contents, job.title, underlined=job.underlined)
    flow.gap(1.0)
    leaders, numbered = dice.chance(0.75), dice.chance(0.4)
    page = dice.integer(1, 4)
    unit = dice.pick((".", ".", " ."))
    for number in range(dice.integer(7, 22)):
        if not flow.room(flow.step * 1.4):
            break
        head = f"{number + 1}. {writer.heading()}" if numbered else writer.heading()
        tail, column = str(page), flow.column
        page += dice.integer(0, 4)
        if leaders:
            dotted(flow, head, unit, tail, column.width)
        else:
            base = flow.y + flow.step * 0.78
            job.sheet.text(column.x0, base, head, job.body, "label", room=column.width - 60.0)
            job.sheet.text(column.x1, base, tail, job.body, "figure", align="right")
            flow.y += flow.step
        flow.gap(0.35)
    footer(job)
