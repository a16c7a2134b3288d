"""Putting the report together: template, style sheet, script, tables, and the lines as a JSON island."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nordocr.evaluate.compare.comparison import ALL, TIE, Comparison
from nordocr.evaluate.compare.report import charts, tables
from nordocr.evaluate.compare.report.glance import glance
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.files import write_whole

INLINE: Final = 2000
"""Up to so many regions have their crops inside the file, above in a folder beside it."""

_HEIGHT: Final = 48  # pixels of a gray crop in the report: what the recogniser sees is 32
_TONES: Final = 16
_WIDEST: Final = 2400
_WIDEST_1BIT: Final = 4000
_OPEN_NOTES: Final = 6  # with so many notes or more they are folded away


def write_report(comparison: Comparison, crops: Sequence[bytes | None], path: Path) -> Path:
    """Write the report; above :data:`INLINE` regions the crops go to the folder ``STEM-crops`` beside it.

    Args:
        comparison: What was found.
        crops: The PNG bytes of each line's crop; None for none.
        path: The HTML file.

    Returns:
        ``path``.

    Raises:
        OutputUnwritable: A file cannot be written.
    """
    if len(crops) <= INLINE:
        images = [None if png is None else _data(smaller(png)) for png in crops]
    else:
        images = _beside(crops, path)
    return write_whole(path, report_page(comparison, images))


def report_page(comparison: Comparison, images: Sequence[str | None]) -> str:
    """Return the whole HTML; ``images`` are the addresses of the lines' crops, None for none."""
    parts = {
        "TITLE": escape(" · ".join(comparison.engines)),
        "STYLE": _asset("report.css"),
        "SCRIPT": _asset("report.js"),
        "LEDE": _lede(comparison),
        "GLANCE": glance(comparison),
        "NOTES": _notes(comparison),
        "SUMMARY": _summary(comparison),
        "CHARTS": _charts(comparison),
        "REFEREE": _referee(comparison),
        "PAGES": tables.pages_table(comparison),
        "DATA": island(payload(comparison, images)),
    }
    page = _asset("report.html")
    # One pass, so that a text that looks like a placeholder is never taken for one.
    pieces = page.split("@@")
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def island(value: Any) -> str:
    """Return JSON that may stand inside a script element: without ``<`` and without JavaScript's line separators."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def payload(comparison: Comparison, images: Sequence[str | None]) -> dict[str, Any]:
    """Return the lines as short rows; ``report.js`` knows their order."""
    engines = list(comparison.engines)
    kinds = [str(c) for c in ErrorClass]
    rows = [
        [
            line.id,
            comparison.documents.index(line.document),
            line.page,
            line.width,
            [line.box.x, line.box.y, line.box.width, line.box.height],
            line.reference,
            [line.texts[name] for name in engines],
            [kinds.index(line.classes[name]) for name in engines] if line.classes else [],
            [line.edits[name] for name in engines] if line.edits else [],
            [line.confidences[name] for name in engines],
            "spurious" if line.spurious else line.verdict,
            int(line.doubt),
            [line.pieces[name] for name in engines],
            line.references,
            image,
        ]
        for line, image in zip(comparison.lines, images, strict=True)
    ]
    return {
        "engines": engines,
        "classes": kinds,
        "documents": comparison.documents,
        "lines": rows,
        "all": ALL,
        "tie": TIE,
    }


def smaller(png: bytes) -> bytes:
    """Shrink a crop for the report: gray ones to at most 48 px and 16 tones, since noise is what makes PNG large.

    Crops of 1 bit per pixel are small already and stay as they are.
    """
    with Image.open(io.BytesIO(png)) as image:
        if image.mode == "1" and image.width <= _WIDEST_1BIT:
            return png
        factor = min(1.0, _HEIGHT / image.height, _WIDEST / image.width)
        size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        gray = image.mode in ("1", "L")
        shrunk = image.convert("L" if gray else "RGB").resize(size, Image.Resampling.LANCZOS)
        step = 255 / (_TONES - 1)
        if gray:
            # An image with a palette of 16 grays takes four bits a pixel.
            toned = shrunk.point([round(value / step) for value in range(256)])
            shrunk = Image.frombytes("P", size, toned.tobytes())
            shrunk.putpalette([round(tone * step) for tone in range(_TONES) for _ in range(3)])
        else:
            shrunk = shrunk.quantize(2 * _TONES)
        buffer = io.BytesIO()
        shrunk.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def _data(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _beside(crops: Sequence[bytes | None], path: Path) -> list[str | None]:
    """Write the crops, a thousand to a folder, and return their addresses relative to the report."""
    folder = path.with_name(f"{path.stem}-crops")
    addresses: list[str | None] = []
    for number, png in enumerate(crops):
        name = f"{number // 1000:03d}/{number:06d}.png"
        if png is not None:
            write_whole(folder / name, smaller(png))
        addresses.append(f"{folder.name}/{name}" if png is not None else None)
    return addresses


def _asset(name: str) -> str:
    return (resources.files("nordocr.evaluate.compare.report") / name).read_text(encoding="utf-8")


def _lede(comparison: Comparison) -> str:
    where = ", ".join(comparison.documents[:3]) + (
        f" and {len(comparison.documents) - 3} more" if len(comparison.documents) > 3 else ""
    )
    against = f"against {comparison.reference_kind}" if comparison.referenced else "against one another, no reference"
    counts = f"{comparison.regions} regions on {comparison.pages} pages"
    if comparison.referenced:
        counts += f", {comparison.referenced} with a reference"
    return escape(f"{counts} of {where}; {against}. nordocr {comparison.nordocr}.")


def _notes(comparison: Comparison) -> str:
    notes = list(comparison.notes)
    if comparison.unreferenced and comparison.referenced:
        notes.append(f"{comparison.unreferenced} regions have no reference and are in no rate.")
    if comparison.spurious:
        notes.append(
            f"{comparison.spurious} regions lie where the reference has nothing; listed as spurious, in no rate."
        )
    if comparison.merged:
        notes.append(
            f"{comparison.merged} regions were put together from several lines, because some engine reads them as one."
        )
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    title = f"{len(notes)} {'thing' if len(notes) == 1 else 'things'} to know"
    shown = "open" if len(notes) < _OPEN_NOTES else ""
    return f'<details class="notes" {shown}><summary>{title}</summary><ul>{items}</ul></details>'


def _summary(comparison: Comparison) -> str:
    parts = [tables.summary_table(comparison)] if comparison.referenced else []
    if comparison.referenced:
        unit = next(e.metrics for e in comparison.engines.values() if e.metrics is not None)
        parts.append(
            f'<p class="quiet">Small print: 95 % intervals over {unit.units} {unit.unit}. '
            "Error classes by nordocr's own definition.</p>"
        )
        names = list(comparison.engines)
        verdicts = [("all right", "good-fill", comparison.verdicts.get(ALL, 0))]
        verdicts += [
            (f"{n} best", f"c{i % charts.COLOURS}", comparison.verdicts.get(n, 0)) for i, n in enumerate(names)
        ]
        verdicts += [("tie, not all right", "tie-fill", comparison.verdicts.get(TIE, 0))]
        parts.append("<h3>Who reads a region best</h3>" + charts.share_bar(verdicts))
        parts.append(f'<p class="quiet">Fewest edits wins. No engine is right on {comparison.none_right} regions.</p>')
    parts.append(f'<div class="pairs">{tables.differences_tables(comparison)}</div>' if comparison.pairs else "")
    agreement = tables.agreement_table(comparison)
    if agreement:
        parts.append("<h3>Agreement between the engines</h3>" + agreement)
    return "".join(parts)


def _charts(comparison: Comparison) -> str:
    metrics = {name: e.metrics for name, e in comparison.engines.items() if e.metrics is not None}
    if not metrics:
        return '<p class="quiet">Charts need a reference.</p>'
    key = charts.legend(list(metrics))
    cards = [
        ("Error classes, lines", key + charts.taxonomy_bars(metrics) + tables.classes_table(metrics)),
        ("Beside the guide's table", tables.guide_table(metrics)),
        ("Exact by width, px at height 32", key + charts.width_curve(metrics)),
        ("Accept curve: exact among accepted", key + charts.accept_chart({n: m.accept for n, m in metrics.items()})),
        ("Nordic letters, recall %", tables.letters_table(comparison)),
    ]
    cards += [(f"Confusions of {name}, printed × read", charts.confusion_map(m)) for name, m in metrics.items()]
    return "".join(f'<section class="card"><h3>{escape(title)}</h3>{body}</section>' for title, body in cards if body)


def _referee(comparison: Comparison) -> str:
    parts = []
    found = comparison.referee
    if found is not None:
        rows = [
            ["transcriptions", found.texts],
            ["sees no text", found.empty],
            ["refusals", found.refusals],
            ["no answer", found.failed],
            ["asked in this run", found.asked],
            ["answered from disk", found.cached],
            ["asked again", found.retries],
            *[[f"{kind} taken off", count] for kind, count in found.removed.items()],
        ]
        head = [escape(found.model), "regions"]
        parts.append(
            "<h3>The referee</h3>" + tables.table(head, [[escape(str(a)), str(b)] for a, b in rows], "figures narrow")
        )
        if found.failures:
            parts.append("<ul>" + "".join(f"<li>{escape(w)}: {n}</li>" for w, n in found.failures.items()) + "</ul>")
    doubt = comparison.doubt
    if doubt.of and len(comparison.engines) > 1:
        parts.append(
            f"<h3>The reference's own errors, perhaps</h3><p>On {doubt.regions} of {doubt.of} regions all engines "
            "agree with one another and not with the reference. Taken for the truth there, they give it the classes "
            "below. Filter the lines by “reference alone” to look at them.</p>" + tables.own_classes_table(comparison)
        )
    if comparison.verified is not None:
        parts.append("<h3>Against the human's sample</h3>" + tables.sample_table(comparison))
    return "".join(parts)
