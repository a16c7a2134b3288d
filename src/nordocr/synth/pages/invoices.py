"""Invoices with item tables and payment slips, and forms with boxes and ruled lines."""

from __future__ import annotations

from nordocr.synth.corpora import identifiers
from nordocr.synth.pages.job import Job, footer, letterhead
from nordocr.synth.pages.ornaments import signature
from nordocr.synth.pages.press import Style


def invoice(job: Job) -> None:
    """Lay out an invoice: head, addressee, numbers and dates, items, totals, perhaps a payment slip."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    y = letterhead(job)
    slip = dice.chance(0.55)
    sheet.text(job.left + (job.right - job.left) * 0.55, y, writer.words.invoice, job.title, "heading")
    step = max(sheet.press.size(job.body) * 1.25, 12.0 if job.typed else 0.0)
    who = [writer.people.company(writer.dice), dice.pick(writer.people.names), *writer.address()]
    half = (job.right - job.left) * 0.5
    for number, line in enumerate(who):
        sheet.text(job.left, y + step * (number + 1.4), line, job.body, "address", room=half - 10.0)
    y = max(_fields(job, job.left + half + 8.0, y + step * 1.4, job.right, step), y + step * (len(who) + 2)) + 14.0
    y, total = _items(job, y, sheet.size[1] - (270.0 if slip else 150.0), step)
    y = _totals(job, y + step, total, step)
    if slip:
        _slip(job, total)
        return
    if y < sheet.size[1] - 130.0:
        flow = job.flow(y + 16.0)
        flow.paragraph(writer.sentence())
    footer(job)


def _fields(job: Job, x: float, y: float, right: float, step: float) -> float:
    """Labels and values in two columns; gives y below them."""
    sheet, dice, writer = job.sheet, job.dice, job.writer
    middle = x + (right - x) * 0.52
    for _ in range(dice.integer(3, 6)):
        label, value = writer.field()
        sheet.text(x, y, label, job.small if dice.chance(0.3) else job.body, "label", room=middle - x - 10.0)
        sheet.text(middle, y, value, job.body, "value", room=right - middle)
        y += step
    return y


def _items(job: Job, y: float, bottom: float, step: float) -> tuple[float, int]:
    """The table of items; gives y below it and the sum in hundredths."""
    sheet, dice, writer = job.sheet, job.dice, job.writer
    wide = job.right - job.left
    edges = [job.left + wide * share for share in (0.0, 0.55, 0.61, 0.83, 1.0)]
    heads, boxed, white = (
        writer.words.items,
        dice.chance(0.4),
        not job.typed and dice.chance(max(0.2, job.hard.white_heads)),
    )
    top, style = y - step, job.bold
    job.begin_table().row(header=True)
    if white:
        sheet.band(job.left - 3.0, y - step * 0.95, job.right + 3.0, y + step * 0.4)
    for number, (head, edge) in enumerate(zip(heads, edges, strict=True)):
        align = "left" if number in (0, 2) else "right"
        with job.cell(number):
            sheet.text(edge, y, head, style, "label", align=align, white=white, room=wide * 0.16)
    if not white and not boxed:
        sheet.rule(job.left, y + 4.0, job.right, 0.7)
    total, count = 0, dice.integer(2, 12)
    y += step * 1.5
    for _ in range(count):
        if y > bottom:
            break
        amount = writer.dice.integer(1, 40)
        price = writer.dice.integer(500, 250_000) // 50 * 50
        total += amount * price
        cells = (
            writer.goods(), str(amount), dice.pick(writer.locale.phrases.units[:4]),
            writer.money(price, 2), writer.money(amount * price, 2),
        )  # fmt: skip
        job.row()
        for number, (cell, edge) in enumerate(zip(cells, edges, strict=True)):
            align, kind = ("left", "label") if number in (0, 2) else ("right", "figure")
            with job.cell(number):
                sheet.text(edge, y, cell, job.body, kind, align=align, room=wide * (0.44 if number == 0 else 0.2))
        y += step * 1.15
    if boxed:
        sheet.box(job.left - 5.0, top - 2.0, job.right + 5.0, y, 0.7)
        sheet.rule(job.left - 5.0, top + step * 1.6, job.right + 5.0, 0.7)
        for edge in (edges[1] - wide * 0.09, edges[1] + 4.0, edges[3] - wide * 0.12, edges[3] + 5.0):
            sheet.upright(edge, top - 2.0, y, 0.5)
    else:
        sheet.rule(job.left, y - step * 0.5, job.right, 0.7)
    return y, total


def _totals(job: Job, y: float, total: int, step: float) -> float:
    """Net, VAT and what is to be paid, flush right."""
    sheet, writer = job.sheet, job.writer
    rate = next((int(word) for word in writer.words.totals[1].split() if word.isdigit()), 25)
    tax = round(total * rate / 100)
    x = job.left + (job.right - job.left) * 0.55
    for name, value in zip(writer.words.totals, (total, tax, total + tax), strict=True):
        style = job.bold if name == writer.words.totals[2] else job.body
        job.row(loose=True)
        with job.cell(2):
            sheet.text(x, y, name, style, "label", room=(job.right - x) * 0.55)
        with job.cell(4):
            sheet.text(job.right, y, writer.money(value, 2), style, "figure", align="right")
        y += step * 1.2
    sheet.rule(x, y - step * 0.6, job.right, 1.0)
    return y


def _slip(job: Job, total: int) -> None:
    """A payment slip at the foot: boxes with small captions, the reference in a machine's letters at the bottom."""
    sheet, writer = job.sheet, job.writer
    title, account, reference, payee, payer, amount, due = writer.words.slip
    left, right, bottom = job.left - 8.0, job.right + 8.0, sheet.size[1] - 40.0
    top, middle = bottom - 158.0, (job.left + job.right) / 2
    sheet.rule(left, top, right, 0.7, dotted=4.0)
    small = Style("body", 7.0)
    sheet.text(job.left, top + 14.0, title, job.bold, "heading", room=middle - job.left)
    rate = next((int(word) for word in writer.words.totals[1].split() if word.isdigit()), 25)
    number = identifiers.payment_reference(writer.dice, writer.locale)
    cells = (
        (left, top + 22.0, middle, top + 66.0, payee, writer.company),
        (middle, top + 22.0, right, top + 66.0, account, writer.fill("{account}")),
        (left, top + 66.0, middle, top + 110.0, payer, writer.people.names[0]),
        (
            middle,
            top + 66.0,
            (middle + right) / 2,
            top + 110.0,
            amount,
            writer.money(total + round(total * rate / 100), 2),
        ),
        ((middle + right) / 2, top + 66.0, right, top + 110.0, due, writer.fill("{date}")),
    )
    for x0, y0, x1, y1, caption, value in cells:
        sheet.box(x0, y0, x1, y1, 0.6)
        size = sheet.press.size(small)
        sheet.text(x0 + 5.0, y0 + size + 3.0, caption, small, "label", room=x1 - x0 - 10.0)
        sheet.text(x0 + 8.0, y1 - 8.0, value, job.body, "value", room=x1 - x0 - 14.0)
    sheet.text(job.left, bottom - 28.0, reference, small, "label", room=120.0)
    sheet.text(job.left + 10.0, bottom - 10.0, f"# {number} #", job.body, "value", room=right - left - 40.0)


def form(job: Job) -> None:
    """Lay out a form: boxed fields in a grid, ruled lines to write on, a place to sign."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    title = writer.words.form
    sheet.text(job.left, job.margins[2] + 12.0, title, job.title, "heading")
    sheet.text(job.right, job.margins[2] + 12.0, writer.fill("{code}"), job.small, "header", align="right")
    y = job.margins[2] + 34.0
    small = Style("body", 7.5)
    size = sheet.press.size(small)
    body = max(sheet.press.size(job.body), 9.0)
    for section in range(dice.integer(2, 4)):
        white = not job.typed and dice.chance(max(0.3, job.hard.white_heads))
        if white:
            sheet.band(job.left, y - 2.0, job.right, y + body * 1.5)
        head, room = f"{section + 1}. {writer.heading()}", job.right - job.left - 10.0
        sheet.text(job.left + 5.0, y + body * 1.1, head, job.bold, "heading", white=white, room=room)
        y += body * 1.9
        for _ in range(dice.integer(2, 4)):
            height, columns = size + body + 14.0, dice.integer(1, 3)
            wide = (job.right - job.left) / columns
            if y + height > sheet.size[1] - 170.0:
                break
            for number in range(columns):
                x = job.left + number * wide
                label, value = writer.field()
                sheet.box(x, y, x + wide, y + height, 0.6)
                sheet.text(x + 4.0, y + size + 2.5, label, small, "label", room=wide - 8.0)
                cell = body * 1.35
                if job.hardly(job.hard.comb_fields) and (text := _combed(value)) and cell * len(text) < wide - 16.0:
                    sheet.comb(x + 8.0, y + height - 6.5, text, job.body.sized(body * 0.95), "value", cell)
                    continue
                if dice.chance(0.75):
                    sheet.text(x + 8.0, y + height - 5.5, value, job.body, "value", room=wide - 14.0)
            y += height
        y += 14.0
    _signing(job, y, body)
    footer(job)


def _combed(value: str) -> str:
    """Return what one writes into boxes of one character each: letters and digits in capitals, no spaces."""
    return "".join(c for c in value.upper() if c.isalnum())


def _signing(job: Job, y: float, body: float) -> None:
    """A line of text with check boxes, dotted lines, and the place and date of a signature."""
    sheet, dice, writer = job.sheet, job.dice, job.writer
    for _ in range(2):
        placed = len(sheet.laid)
        sheet.box(job.left + 2.0, y - body * 0.8, job.left + 2.0 + body * 0.85, y + body * 0.05, 0.7)
        sheet.text(
            job.left + body * 2.0, y, writer.sentence(), job.body, "paragraph", room=job.right - job.left - body * 2
        )
        if job.tick_truth and len(sheet.laid) > placed:
            sheet.boxed("☐", job.left + 2.0, y - body * 0.8, body * 0.85, 0.7)
        y += body * 1.6
    y += 34.0
    middle = (job.left + job.right) / 2
    for x, caption in ((job.left, writer.words.place_date), (middle + 10.0, writer.words.signature)):
        sheet.rule(x, y, x + (job.right - job.left) / 2 - 12.0, 0.6, dotted=3.0 if dice.chance(0.5) else 0.0)
        sheet.text(x, y + body * 1.3, caption, job.small, "label", room=middle - job.left)
    sheet.text(
        job.left + 6.0, y - 4.0, f"{writer.town} {writer.fill('{date}')}", job.body, "value", room=middle - job.left
    )
    if dice.chance(job.signed):
        signature(sheet, dice, middle + 24.0, y - 4.0, 90.0)
