"""Business pages as HTML: layouts of the world rather than of the page synthesiser, filled with its texts."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

import numpy as np

from nordocr.charset import NORDIC_EXT
from nordocr.synth.dice import Dice
from nordocr.synth.pages.recipe import PageText
from nordocr.synth.pages.writer import Library, Writer

SANS: Final = ("Arimo", "DejaVu Sans", "Carlito", "Open Sans", "Clear Sans", "Cantarell", "Roboto")
SERIF: Final = ("Tinos", "Caladea", "Charis SIL", "C059", "EB Garamond", "DejaVu Serif")
MONO: Final = ("Cousine", "DejaVu Sans Mono", "Courier Prime", "Anonymous Pro")
LANGUAGES: Final = ("sv", "nb", "da", "fi", "is")

_STYLE: Final = """
* {{ box-sizing: border-box }} html {{ background: #fff }}
body {{ margin: 0; width: 794px; height: 1123px; padding: {top}px {side}px; overflow: hidden;
 font: {size}px/{leading} "{face}"; color: #000; position: relative }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }}
td, th {{ padding: {pad}px 5px; vertical-align: top; text-align: left; font-weight: normal }}
.n {{ text-align: right; white-space: nowrap }} b, th, h1, h2 {{ font-weight: bold }}
h1 {{ font-size: 1.7em; margin: 0 0 .5em }} h2 {{ font-size: 1.15em; margin: 1em 0 .3em }}
p {{ margin: 0 0 .7em }} .small {{ font-size: .75em; line-height: 1.25 }} .flex {{ display: flex; gap: 20px }}
.mono {{ font-family: "{mono}" }} .black th {{ background: #000; color: #fff }}
.gray th {{ background: #ddd }} .zebra tr:nth-child(even) td {{ background: #eee }}
.lines td {{ border-bottom: 1px solid #000 }} .grid td, .grid th {{ border: 1px solid #000 }}
.head th {{ border-bottom: 2px solid #000 }} .sum td {{ border-top: 1px solid #000; font-weight: bold }}
.double td {{ border-top: 1px solid #000; border-bottom: 3px double #000; font-weight: bold }}
.foot {{ position: absolute; left: {side}px; right: {side}px; bottom: 36px; border-top: 1px solid #000;
 padding-top: 6px }} .box {{ border: 1px solid #000; padding: 6px }}
.logo {{ display: inline-block; vertical-align: middle; margin-right: 8px }}
"""
_LOGOS: Final = (
    '<circle cx="22" cy="22" r="20" fill="#000"/><path d="M8 30 L22 8 L36 30 Z" fill="#fff"/>',
    '<rect x="2" y="2" width="40" height="40" fill="none" stroke="#000" stroke-width="4"/><path d="M8 34 Q22 4 36 34" '
    'fill="none" stroke="#000" stroke-width="5"/>',
    '<path d="M2 42 L12 2 L22 42 L32 2 L42 42" fill="none" stroke="#000" stroke-width="4"/>',
)


class Draft:
    """What one page says: a language's texts, figures that add up to nothing, and a logo."""

    def __init__(self, seed: int, language: str, library: Library) -> None:
        self.dice = Dice(np.random.default_rng([seed, 5]))
        covered = frozenset(NORDIC_EXT.characters)
        self.writer = Writer(library, language, np.random.default_rng([seed, 7]), covered)
        self.year = self.dice.integer(1996, 2025)

    def figure(self, decimals: int = 0) -> str:
        """An amount of three to eight figures, some in brackets or negative, now and then a dash."""
        if not decimals and self.dice.chance(0.06):
            return "–"
        value = self.dice.integer(100, 10 ** self.dice.integer(3, 8))
        return self.writer.money(-value if self.dice.chance(0.12) and not decimals else value, decimals)

    def logo(self) -> str:
        """A drawing without text, then the company's name."""
        drawn = self.dice.pick(_LOGOS)
        return f'<svg class="logo" width="44" height="44">{drawn}</svg><b style="font-size:1.5em">{self.company()}</b>'

    def company(self) -> str:
        return escape(self.writer.company)

    def label(self) -> str:
        return escape(self.writer.label())

    def prose(self, sentences: int) -> str:
        return escape(self.writer.paragraph(sentences))

    def address(self) -> str:
        return "<br>".join(escape(line) for line in self.writer.address())

    def fields(self, count: int) -> list[tuple[str, str]]:
        return [(escape(a), escape(b)) for a, b in (self.writer.field() for _ in range(count))]


def row(cells: list[str], numbers: int, kind: str = "") -> str:
    """A row of a table whose last ``numbers`` cells are set flush right."""
    first = len(cells) - numbers
    tds = "".join(f"<td{' class=n' if i >= first else ''}>{cell}</td>" for i, cell in enumerate(cells))
    return f"<tr class='{kind}'>{tds}</tr>"


def head(cells: list[str], numbers: int) -> str:
    """The head of a table."""
    return row(cells, numbers).replace("<td", "<th").replace("</td", "</th")


def statement(d: Draft) -> str:
    """An income statement or a balance sheet: labels, a column of note numbers, two or four years."""
    years = [str(d.year - i) for i in range(d.dice.pick((2, 2, 3, 4)))]
    out = [f"<h1>{d.label()}</h1><table class='{d.dice.pick(('head', 'gray', 'black', 'lines head'))}'>"]
    out.append(head(["", "Not", *years], len(years)))
    for _ in range(d.dice.integer(3, 5)):
        out.append(row([f"<b>{d.label()}</b>", "", *("" for _ in years)], len(years)))
        for _ in range(d.dice.integer(2, 7)):
            note = str(d.dice.integer(1, 28)) if d.dice.chance(0.5) else ""
            out.append(row([d.label(), note, *(d.figure() for _ in years)], len(years)))
        kind = d.dice.pick(("sum", "double"))
        out.append(row([d.label(), "", *(d.figure() for _ in years)], len(years), kind))
    return (
        "".join(out)
        + f"</table><div class=foot>{d.company()}<span style='float:right'>{d.dice.integer(2, 90)}</span></div>"
    )


def notes(d: Draft) -> str:
    """Notes to the accounts in two columns, each with small tables."""
    out = ["<div style='columns:2;column-gap:30px'>"]
    for number in range(1, d.dice.integer(4, 6)):
        out.append(f"<h2>Not {number} {d.label()}</h2><p style='text-align:justify'>{d.prose(2)}</p>")
        out.append("<table class=head>" + head(["", str(d.year), str(d.year - 1)], 2))
        out.extend(row([d.label(), d.figure(), d.figure()], 2) for _ in range(d.dice.integer(2, 5)))
        out.append(row([d.label(), d.figure(), d.figure()], 2, "sum") + "</table>")
    return "".join(out) + "</div>"


def invoice(d: Draft) -> str:
    """An invoice: logo, fields in a box, items, totals, a payment slip with its line for machines."""
    fields = "".join(f"<tr><td>{a}</td><td class=n>{b}</td></tr>" for a, b in d.fields(5))
    out = [f"<div class=flex><div style='flex:1'>{d.logo()}<p>{d.address()}</p></div>"]
    out.append(f"<div class=box style='width:270px'><table>{fields}</table></div></div><p>{d.address()}</p>")
    out.append(f"<table class='{d.dice.pick(('black', 'gray', 'head', 'grid', 'black zebra'))}'>")
    goods = [d.label() for _ in range(5)]
    out.append(head(goods, 3))
    for _ in range(d.dice.integer(4, 12)):
        cells = [str(d.dice.integer(100, 99999)), escape(d.writer.goods())]
        cells += [str(d.dice.integer(1, 40)), d.figure(2), d.figure(2)]
        out.append(row(cells, 3))
    out.append("</table><table style='width:45%;margin-left:55%'>")
    out.extend(row([d.label(), d.figure(2)], 1) for _ in range(2))
    out.append(row([d.label(), d.figure(2)], 1, "double") + "</table>")
    digits = d.dice.digits
    slip = f"{digits(2)}-{digits(7)}"
    line = f"# {digits(11)} # {digits(5)} {digits(2)} 4 > {digits(8)}#41#"
    out.append("<div class=foot><div class=flex>")
    for value in (slip, d.figure(2)):
        out.append(f"<div class=box style='flex:1'><span class=small>{d.label()}</span><br>{value}</div>")
    out.append("</div>")
    return "".join(out) + f"<p class=mono style='margin-top:14px;white-space:pre'>{escape(line)}</p></div>"


def letter(d: Draft) -> str:
    """A letter: logo, address, a column of fields at the right, a foot of four columns in small type."""
    side = "<br>".join(f"<b>{a}</b><br>{b}" for a, b in d.fields(4))
    out = [f"<div>{d.logo()}</div><div class=flex style='margin-top:50px'><div style='flex:1'><p>{d.address()}</p>"]
    out.append(f"<h2 style='margin-top:50px'>{d.label()}</h2>")
    out.extend(f"<p>{d.prose(d.dice.integer(2, 4))}</p>" for _ in range(d.dice.integer(2, 4)))
    out.append(
        f"</div><div class=small style='width:150px;border-left:1px solid #000;padding-left:10px'>{side}</div></div>"
    )
    cells = "".join(f"<td>{a}<br>{b}</td>" for a, b in d.fields(4))
    return "".join(out) + f"<div class='foot small'><table><tr>{cells}</tr></table></div>"


def columns(d: Draft) -> str:
    """A report in two or three columns of justified prose under a large heading."""
    out = [f"<h1 style='font-size:2.6em'>{d.label()}</h1><div style='columns:{d.dice.pick((2, 3))};column-gap:24px'>"]
    for _ in range(d.dice.integer(4, 6)):
        out.append(f"<h2>{d.label()}</h2><p style='text-align:justify'>{d.prose(4)}</p>")
    return "".join(out) + f"</div><div class=foot style='text-align:center'>{d.dice.integer(2, 90)}</div>"


def form(d: Draft) -> str:
    """A form: cells with small labels over what was typed in."""
    out = [f"<h1>{d.label()}</h1><table class=grid>"]
    for _ in range(d.dice.integer(7, 11)):
        cells = d.fields(d.dice.pick((1, 2, 2, 3)))
        span = 6 // len(cells)
        out.append("<tr>" + "".join(
            f"<td colspan={span}><span class=small>{a}</span><br><span class=mono>{b}</span></td>" for a, b in cells
        ) + "</tr>")  # fmt: skip
    return "".join(out) + f"</table><p class=small style='margin-top:14px'>{d.prose(3)}</p>"


def ledger(d: Draft) -> str:
    """A bank's or an account's list: many rows of small type, dates, texts, amounts, balance."""
    style = d.dice.pick(("zebra gray", "lines head", "head", "grid"))
    out = [f"<div>{d.logo()}</div><p>{d.address()}</p><table class='{style}' style='font-size:.82em'>"]
    out.append(head([d.label() for _ in range(5)], 2))
    for _ in range(d.dice.integer(22, 34)):
        day = f"{d.dice.integer(1, 28):02d}.{d.dice.integer(1, 12):02d}.{d.year}"
        out.append(row([day, d.label(), d.dice.digits(6), d.figure(2), d.figure(2)], 2))
    return "".join(out) + "</table>"


def receipt(d: Draft) -> str:
    """A receipt: a narrow strip of monospaced type."""
    out = ["<div class=mono style='width:300px;margin:0 auto'><p style='text-align:center'>"]
    out.append(f"{d.company()}<br>{d.address()}</p><table>")
    out.extend(row([escape(d.writer.goods()), d.figure(2)], 1) for _ in range(d.dice.integer(5, 12)))
    out.append(row([d.label(), d.figure(2)], 1, "sum") + "</table><p style='text-align:center'>")
    return "".join(out) + "<br>".join(f"{a} {b}" for a, b in d.fields(3)) + "</p></div>"


LAYOUTS: Final[dict[str, Callable[[Draft], str]]] = {
    layout.__name__: layout for layout in (statement, invoice, letter, notes, ledger, form, columns, receipt)
}


def page(kind: str, seed: int, language: str) -> str:
    """Return the HTML of a page of A4 at 96 dots an inch.

    Args:
        kind: One of :data:`LAYOUTS`.
        seed: With ``kind`` and ``language`` it settles every choice.
        language: Its language's code.
    """
    draft = Draft(seed, language, Library(PageText(), NORDIC_EXT))
    dice = draft.dice
    face = dice.pick(MONO if dice.chance(0.1) else dice.pick((SANS, SERIF)))
    style = _STYLE.format(
        top=dice.integer(30, 80), side=dice.integer(45, 90), size=dice.pick((11, 12, 13, 14, 15)), face=face,
        leading=dice.pick((1.2, 1.35, 1.5)), pad=dice.pick((0, 1, 3)), mono=dice.pick(MONO),
    )  # fmt: skip
    top = f"<!doctype html><html lang={language}><meta charset=utf-8><style>{style}</style>"
    return f"{top}<body><main>{LAYOUTS[kind](draft)}</main>"
