"""Show the worst lines on one HTML page with their images inside: it fetches nothing and can be mailed."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PIL import Image
from rapidfuzz.distance import Levenshtein

from nordocr.evaluate.lines.predict import Prediction, crop_of
from nordocr.evaluate.scoring.shown import percent
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.evaluate.scoring.units import normalise, unit_pair

LISTED: Final = 200
"""Lines on the page at most."""

_MAX_HEIGHT: Final = 64  # pixels: twice what the recogniser sees, and 200 lines stay a few megabytes

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --add: #1565c0; --soft: #8888; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --add: #82b1ff; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } .note { opacity: .75; }
article { border-top: 1px solid var(--line); padding: .9rem 0; }
img { max-width: 100%; background: #fff; border: 1px solid var(--line); display: block; }
p { margin: .15rem 0; } .meta { font-size: .8rem; opacity: .75; }
.text { font-family: ui-monospace, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.text b { display: inline-block; width: 5.5rem; font: .75rem system-ui, sans-serif; opacity: .7; }
del { color: var(--bad); background: color-mix(in srgb, var(--bad) 15%, transparent); text-decoration: none; }
ins { color: var(--add); background: color-mix(in srgb, var(--add) 15%, transparent); text-decoration: none; }
"""


def worst_lines(predictions: Sequence[Prediction], limit: int = LISTED) -> list[Prediction]:
    """Return the lines with the most edits, most first, equal ones by filename; exact lines are left out."""
    ranked = [
        (-_edits(line), line.row.filename, position)
        for position, line in enumerate(predictions)
        if line.error_class is not ErrorClass.EXACT
    ]
    return [predictions[position] for _, _, position in sorted(ranked)[:limit]]


def worst_lines_page(
    engine: Mapping[str, Any], predictions: Mapping[str, Sequence[Prediction]], metrics: Metrics, limit: int = LISTED
) -> str:
    """Return the whole page.

    Args:
        engine: Who read: ``name`` and ``model``.
        predictions: Lines by folder name.
        metrics: The figures over all lines.
        limit: Lines shown at most.
    """
    lines = worst_lines([line for held in predictions.values() for line in held], limit)
    wrong = metrics.lines - metrics.taxonomy[ErrorClass.EXACT]
    who = html.escape(" ".join(str(engine[key]) for key in ("name", "model") if engine.get(key)))
    where = html.escape(", ".join(predictions))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Worst lines: {who}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Worst lines: {who} on {where}</h1>\n"
        f"<p>{metrics.lines} lines, {wrong} not exact; exact {percent(metrics.exact)} %, "
        f"CER {percent(metrics.cer, 2)} %. Here the {len(lines)} with the most edits.</p>\n"
        f'<p class="note"><del>Red</del> in the truth was not read so; <ins>blue</ins> was read instead. '
        f"Error classes by nordocr's own definition.</p>\n"
        + "".join(_article(number, line) for number, line in enumerate(lines, start=1))
        + "</body>\n</html>\n"
    )


def _article(number: int, line: Prediction) -> str:
    truth, read = _marked(normalise(line.row.text), normalise(line.text))
    meta = [line.error_class.value, f"{_edits(line)} edits", f"confidence {line.confidence:.3f}", f"{line.width} px"]
    meta += [line.row.filename] + ([line.row.source] if line.row.source else [])
    return (
        f'<article>\n<img alt="line {number}" src="{_embedded(line)}">\n'
        f'<p class="text"><b>truth</b>{truth}</p>\n<p class="text"><b>read</b>{read or "–"}</p>\n'
        f'<p class="meta">{html.escape(" · ".join(meta))}</p>\n</article>\n'
    )


def _marked(reference: str, hypothesis: str) -> tuple[str, str]:
    """Return both texts as HTML, differences marked with ``del`` and ``ins``; a space that differs is shown as ␣."""
    r, h = unit_pair(reference, hypothesis)
    truth, read = [], []
    for step in Levenshtein.opcodes(r, h):
        was = "".join(r[step.src_start : step.src_end])
        now = "".join(h[step.dest_start : step.dest_end])
        if step.tag == "equal":
            truth.append(html.escape(was))
            read.append(html.escape(now))
            continue
        if was:
            truth.append(f"<del>{html.escape(was.replace(' ', '␣'))}</del>")
        if now:
            read.append(f"<ins>{html.escape(now.replace(' ', '␣'))}</ins>")
    return "".join(truth), "".join(read)


def _edits(line: Prediction) -> int:
    return Levenshtein.distance(*unit_pair(normalise(line.row.text), normalise(line.text)))


def _embedded(line: Prediction) -> str:
    image = Image.fromarray(crop_of(line.row))
    if image.height > _MAX_HEIGHT:
        width = max(1, round(image.width * _MAX_HEIGHT / image.height))
        image = image.resize((width, _MAX_HEIGHT), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
