"""What a comparison leaves behind: ``comparison.json``, ``lines.tsv``, ``reference.tsv`` and ``report.html``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from nordocr.evaluate.compare.comparison import Comparison
from nordocr.evaluate.compare.report import write_report
from nordocr.evaluate.documents.truth import ROTATION, TABLE_COLUMNS
from nordocr.files import write_whole

COMPARISON: Final = "comparison.json"
"""Every figure and every line; ``nordocr gate`` reads it."""

_SPACES = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def write_comparison(comparison: Comparison, crops: Sequence[bytes | None], output: Path) -> list[Path]:
    """Write the four files, each whole or not at all.

    ``reference.tsv`` has the places and reference texts as ``--reference`` and ``--verified`` read them again, so
    that a human can correct a sample of it.

    Args:
        comparison: What was found.
        crops: The PNG bytes of each line's crop; None for none.
        output: The folder, created if necessary.

    Returns:
        The files written.

    Raises:
        OutputUnwritable: A file cannot be written.
    """
    return [
        write_whole(output / COMPARISON, comparison.model_dump_json(indent=1) + "\n"),
        write_whole(output / "lines.tsv", lines_table(comparison)),
        write_whole(output / "reference.tsv", reference_table(comparison)),
        write_report(comparison, crops, output / "report.html"),
    ]


def lines_table(comparison: Comparison) -> str:
    """Return a table with a row per region, tab-separated and unquoted, pages counted from 1.

    It has each engine's text, confidence, error class and edits.
    """
    engines = list(comparison.engines)
    each = [f"{name}_{what}" for name in engines for what in ("text", "confidence", "class", "edits")]
    rows: list[Iterable[str]] = [["document", "page", "x", "y", "width", "height", "verdict", "reference", *each]]
    for line in comparison.lines:
        box = line.box
        cells = [line.document, str(line.page + 1), str(box.x), str(box.y), str(box.width), str(box.height)]
        cells += ["spurious" if line.spurious else line.verdict, line.reference or ""]
        for name in engines:
            sure = line.confidences[name]
            cells += [line.texts[name] or "", "" if sure is None else f"{sure:.4f}"]
            cells += [line.classes.get(name, ""), str(line.edits.get(name, ""))]
        rows.append(cells)
    return _table(rows)


def reference_table(comparison: Comparison) -> str:
    """Return the regions that have a reference as a table of page truth.

    It has a column for the page's rotation only if some page was turned.
    """
    turned = {(page.document, page.page): page.rotation for page in comparison.by_page if page.rotation}
    rows: list[Iterable[str]] = [[*TABLE_COLUMNS, ROTATION] if turned else TABLE_COLUMNS]
    for line in comparison.lines:
        if line.reference is not None:
            b = line.box
            place = (line.document, line.page + 1, b.x, b.y, b.width, b.height)
            rotation = [str(turned.get((line.document, line.page), 0))] if turned else []
            rows.append([*map(str, place), line.reference, *rotation])
    return _table(rows)


def _table(rows: Iterable[Iterable[str]]) -> str:
    return "".join("\t".join(cell.translate(_SPACES) for cell in row) + "\n" for row in rows)
