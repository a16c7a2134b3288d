"""``nordocr data``: look into labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look into labelled data.")


@app.callback()
def _data() -> None:
    """Look into labelled data."""


@app.command()
def stats(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A labels folder: images/ and labels.tsv.")],
    top: Annotated[int, typer.Option(help="How many sources are listed.")] = 10,
) -> None:
    """Print lengths, widths, characters and sources, and propose max_width and the label length."""
    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from nordocr.charset import NORDIC_126
    from nordocr.data.stats import label_stats

    found = label_stats(folder)
    console = Console(highlight=False)
    table = Table("", "least", "5 %", "half", "95 %", "most", title=f"{folder}: {found.lines} lines")
    for name, values in (("characters", found.lengths), ("width at 32 px", found.widths)):
        if values:
            table.add_row(name, *(f"{v:.0f}" for v in np.percentile(values, (0, 5, 50, 95, 100))))
    console.print(table)
    sources = Table("source", "lines", title=f"{len(found.sources)} sources")
    for source, count in found.sources.most_common(top):
        sources.add_row(source or "(none)", str(count))
    console.print(sources)
    unseen = "".join(c for c in NORDIC_126.characters if c not in found.characters)
    console.print(f"characters: {sum(found.characters.values())}, of the charset never seen: {unseen!r}", markup=False)
    outside = ", ".join(f"{c!r} {n}" for c, n in found.outside.most_common(20)) or "none"
    console.print(f"outside the charset: {outside}", markup=False)
    console.print(f"labels too long for their width: {found.too_long}")
    console.print(f"proposed: max_width {found.max_width}, label length {found.max_label}")
    for sentence in found.report.sentences():
        console.print(sentence, markup=False)
