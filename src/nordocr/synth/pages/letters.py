"""Letters and minutes."""

from __future__ import annotations

from nordocr.synth.pages.job import Job, footer, letterhead, running_head, signatures


def letter(job: Job) -> None:
    """Lay out a letter: head, addressee, date, subject, text, greeting, signature."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    y = letterhead(job)
    step = max(sheet.press.size(job.body) * 1.2, 12.0 if job.typed else 0.0)
    who = [dice.pick(writer.people.names), *writer.address()]
    if dice.chance(0.5):
        who.insert(0, writer.people.company(writer.dice))
    half = (job.right - job.left) * 0.5
    x = job.left if dice.chance(0.6) else job.left + half
    for number, line in enumerate(who):
        sheet.text(x, y + step * (number + 1), line, job.body, "address", room=half - 12.0)
    date = writer.fill("{longdate}")
    town = f"{writer.town}, {date}" if dice.chance(0.5) else f"{writer.town} {date}"
    flow = job.flow(y + step * (len(who) + 2), bottom=sheet.size[1] - job.margins[3])
    flow.line(town, job.body, "field", align="left" if dice.chance(0.6) else "right")
    for _ in range(dice.integer(0, 2)):
        label, value = writer.field()
        flow.line(f"{label}: {value}", job.body, "field")
    flow.gap(1.0)
    if dice.chance(0.75):
        subject = writer.heading()
        flow.heading(subject.upper() if dice.chance(0.4) else subject, job.heading, underlined=job.underlined)
        flow.gap(0.5)
    if dice.chance(0.6):
        flow.line(writer.words.greeting, job.body, "paragraph")
        flow.gap(0.6)
    for _ in range(dice.integer(2, 6)):
        if flow.y < flow.column.bottom - 130.0:
            flow.paragraph(writer.paragraph(dice.integer(1, 4)))
    flow.gap(0.6)
    flow.line(writer.words.closing, job.body, "paragraph")
    if dice.chance(0.5):
        flow.line(writer.company, job.body, "field")
    signatures(job, flow, dice.weighted(((1, 0.75), (2, 0.25))))
    if dice.chance(0.6):
        _foot(job)
    else:
        footer(job)


def _foot(job: Job) -> None:
    """Addresses and numbers of the sender in columns at the foot of the sheet."""
    sheet, writer = job.sheet, job.writer
    columns = 2 if job.typed else job.dice.integer(2, 4)
    wide = (job.right - job.left) / columns
    y = sheet.size[1] - 50.0
    sheet.rule(job.left, y - 12.0, job.right, 0.5)
    step = max(sheet.press.size(job.small) * 1.2, 11.5 if job.typed else 0.0)
    for number in range(columns):
        label, value = writer.field()
        x = job.left + number * wide
        sheet.text(x, y, label, job.small, "footer", room=wide - 14.0)
        sheet.text(x, y + step, value, job.small, "footer", room=wide - 14.0)


def minutes(job: Job) -> None:
    """Lay out the minutes of a meeting: who was present, numbered items, who checked them."""
    dice, sheet, writer = job.dice, job.sheet, job.writer
    flow = job.flow(running_head(job))
    title = writer.words.minutes
    flow.heading(title if dice.chance(0.7) else title.capitalize(), job.title, underlined=job.underlined)
    flow.gap(0.4)
    flow.paragraph(writer.sentence())
    for _ in range(dice.integer(1, 3)):
        label, value = writer.field()
        flow.line(f"{label}: {value}", job.body, "field")
    for name in [dice.pick(writer.people.names) for _ in range(dice.integer(2, 6))]:
        flow.line(f"{name}, {writer.role()}" if dice.chance(0.4) else name, job.body, "field", indent=40.0)
    flow.gap(1.0)
    hanging = dice.chance(0.6)
    margin = max(48.0, sheet.press.width("§ 188  ", job.body))
    number = dice.integer(1, 150)
    while flow.y < flow.column.bottom - 170.0:
        mark = writer.words.section.format(number)
        number += 1
        if hanging:
            if not flow.room(flow.step * 3):
                break
            sheet.text(flow.column.x0, flow.y + flow.step * 0.78, mark, job.body, "label")
            ends = flow.line(writer.heading(), job.bold if not job.typed else job.body, "heading", indent=margin)
            if ends and job.underlined:
                sheet.rule(ends[0], ends[2] + 2.2, ends[1], 0.6)
        else:
            flow.heading(f"{mark} {writer.heading()}", job.heading, underlined=job.underlined)
        if not flow.paragraph(writer.paragraph(dice.integer(1, 3)), indent=margin if hanging else 0.0):
            break
        flow.gap(0.4)
    signatures(job, flow, dice.integer(1, 3))
    footer(job)
