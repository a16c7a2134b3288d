"""Statements of an account: dates, texts, amounts in and out, the balance after each."""

from __future__ import annotations

from typing import Final, NamedTuple

from nordocr.synth.pages.job import Job, footer, letterhead


class _Words(NamedTuple):
    """The heads of the columns, the page's title, and the balances before and after."""

    heads: tuple[str, str, str, str]
    title: str
    before: str
    after: str


_WORDS: Final = {
    "sv": _Words(("Datum", "Text", "Belopp", "Saldo"), "Kontoutdrag", "Ingående saldo", "Utgående saldo"),
    "nb": _Words(("Dato", "Tekst", "Beløp", "Saldo"), "Kontoutskrift", "Inngående saldo", "Utgående saldo"),
    "nn": _Words(("Dato", "Tekst", "Beløp", "Saldo"), "Kontoutskrift", "Inngåande saldo", "Utgåande saldo"),
    "da": _Words(("Dato", "Tekst", "Beløb", "Saldo"), "Kontoudtog", "Primosaldo", "Ultimosaldo"),
    "fi": _Words(("Pvm", "Selite", "Summa", "Saldo"), "Tiliote", "Alkusaldo", "Loppusaldo"),
    "is": _Words(("Dags.", "Texti", "Upphæð", "Staða"), "Reikningsyfirlit", "Fyrri staða", "Lokastaða"),
}


def account(job: Job) -> None:
    """Lay out a statement of an account: head, the owner's address, the entries, the balances."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    words = _WORDS[writer.language]
    y = letterhead(job)
    step = max(sheet.press.size(job.body) * dice.between((1.25, 1.6)), 12.0)
    who = [dice.pick(writer.people.names), *writer.address()]
    for number, line in enumerate(who):
        sheet.text(job.left, y + step * number, line, job.body, "address", room=(job.right - job.left) * 0.45)
    sheet.text(job.left + (job.right - job.left) * 0.55, y, words.title, job.title, "heading")
    y += step * (len(who) + 2)
    y = _entries(job, words, y, step)
    if y < sheet.size[1] - 130.0:
        flow = job.flow(y + 14.0)
        flow.paragraph(writer.sentence())
    footer(job)


def _entries(job: Job, words: _Words, y: float, step: float) -> float:
    """The table of entries; gives y below it."""
    sheet, dice, writer = job.sheet, job.dice, job.writer
    wide = job.right - job.left
    date = max(58.0, sheet.press.width("2024-12-31", job.bold) + 14.0)
    columns = (job.left, job.left + date, job.right - wide * 0.2, job.right)
    aligned = ("left", "left", "right", "right")
    white, boxed = dice.chance(max(0.2, job.hard.white_heads)), dice.chance(0.25)
    top = y - step
    job.begin_table().row(header=True)
    if white:
        sheet.band(job.left - 3.0, y - step * 0.95, job.right + 3.0, y + step * 0.4)
    for column, (x, head, align) in enumerate(zip(columns, words.heads, aligned, strict=True)):
        with job.cell(column):
            sheet.text(x, y, head, job.bold, "label", align=align, white=white, room=wide * 0.16)
    if not white:
        sheet.rule(job.left, y + 4.0, job.right, 0.7)
    y += step * 1.4
    balance = writer.dice.integer(-2_000_000, 9_000_000)
    room = columns[2] - columns[1] - wide * 0.18
    for number in range(dice.integer(5, 26) + 2):
        last = number and (y > sheet.size[1] - 190.0 or number > 25)
        amount = 0 if not number or last else writer.dice.integer(-900_000, 900_000) or 1
        balance += amount
        job.row()
        if amount:
            with job.cell(0):
                sheet.text(columns[0], y, _date(job, number), job.body, "label", room=date - 6.0)
        with job.cell(1):
            text = writer.goods() if amount else (words.after if number else words.before)
            sheet.text(columns[1], y, text, job.body if amount else job.bold, "label", room=room)
        if amount:
            with job.cell(2):
                sheet.text(columns[2], y, writer.money(amount, 2), job.body, "figure", align="right", room=wide * 0.2)
        with job.cell(3):
            sheet.text(columns[3], y, writer.money(balance, 2), job.body, "figure", align="right", room=wide * 0.2)
        y += step
        if last:
            break
    if boxed:
        sheet.box(job.left - 5.0, top, job.right + 5.0, y - step * 0.6, 0.7)
    else:
        sheet.rule(job.left, y - step * 0.6, job.right, 0.7)
    return y


def _date(job: Job, number: int) -> str:
    """The date of an entry, later than the ones before."""
    day, month = 1 + number % 28, 1 + job.writer.year % 12
    return f"{job.writer.year}-{month:02d}-{day:02d}"
