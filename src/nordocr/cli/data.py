"""``nordocr data``: inspect labelled lines and convert them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nordocr.data.labels import LabelReport

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Inspect labelled lines and convert them.")


@app.callback()
def _data() -> None:
    """Inspect labelled lines and convert them."""


@app.command()
def stats(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A labels folder (images/ and labels.tsv) or an LMDB.")],
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


@app.command("to-lmdb")
def to_lmdb(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A labels folder: images/ and labels.tsv.")],
    output: Annotated[Path, typer.Argument(help="The LMDB's folder, which is made.")],
) -> None:
    """Write a labels folder as an LMDB that OpenOCR and PARSeq read, with documents under source-%09d."""
    from nordocr.data.lines import to_lmdb as convert

    _tell(convert(folder, output), output)


@app.command("to-folder")
def to_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An LMDB's folder.")],
    output: Annotated[Path, typer.Argument(help="The labels folder, which is made.")],
) -> None:
    """Write an LMDB as a labels folder: images/ and labels.tsv."""
    from nordocr.data.lines import to_folder as convert

    _tell(convert(folder, output), output)


def _tell(report: LabelReport, output: Path) -> None:
    for sentence in report.sentences():
        typer.echo(sentence, err=True)
    typer.echo(f"{output}: {report.usable} lines")
