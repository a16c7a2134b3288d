"""``nordocr data``: inspect labelled lines and convert them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nordocr.cli.options import PasswordFile, read_password

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


@app.command("filter")
def filter_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A labels folder (images/ and labels.tsv) or an LMDB.")],
    output: Annotated[Path, typer.Argument(help="Folder of the same kind, which is made.")],
    most_doubt: Annotated[
        float, typer.Option(min=0.0, help="Most nats by which what is read may be likelier than the label.")
    ] = 20.0,
    recognizer: Annotated[
        str | None, typer.Option("--recognizer", "--model", "-m", help="A bundled name or a model file.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the recogniser; 0 is all cores.")] = None,
) -> None:
    """Copy lines without labels that a model holds for wrong; these are listed in OUTPUT/doubtful.tsv.

    For labels made by aligning or by other models. A line that is hard to read is doubted too: look at the list.
    """
    from nordocr.cli.console import progress_bar
    from nordocr.config import settings
    from nordocr.data.filtering import DOUBTFUL, filter_lines
    from nordocr.errors import UsageError
    from nordocr.recognize.engine import LineRecognizer
    from nordocr.recognize.registry import open_recognizer

    read = settings(None, {"recognizer": recognizer, "threads": threads, "lm": "none"})
    engine = open_recognizer(read.recognizer, read)
    if not isinstance(engine, LineRecognizer):
        raise UsageError(f"{read.recognizer} gives text only; doubting labels needs a model that gives likelihoods.")
    try:
        with progress_bar() as bar:
            task = bar.add_task("reading", total=None) if bar is not None else None

            def show(lines: int) -> None:
                if bar is not None and task is not None:
                    bar.update(task, completed=lines)

            found = filter_lines(folder, output, engine, most_doubt, show)
    finally:
        engine.close()
    for sentence in found.report.sentences():
        typer.echo(sentence, err=True)
    typer.echo(f"{output}: {found.kept} lines, {len(found.doubtful)} left out (in {output / DOUBTFUL})")


@app.command("from-results")
def from_results(
    corrected: Annotated[
        list[Path],
        typer.Argument(
            metavar="CORRECTED...",
            help="Results corrected with nordocr view, PAGE or ALTO files, or folders to search for them.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Labels folder to write.")],
    images: Annotated[
        Path | None, typer.Option(help="Folder of the scans, where they are not where the files say or beside them.")
    ] = None,
    by_file: Annotated[
        bool, typer.Option("--by-file", help="Take each PAGE or ALTO file for a document, not its folder.")
    ] = False,
    detector: Annotated[
        str | None, typer.Option(help="Detector that finds the lines again (default: the one that the result names).")
    ] = None,
    password_file: PasswordFile = None,
) -> None:
    """Write the lines that a person has seen or corrected as labelled lines, cut as reading cuts them.

    Lines marked unreadable or not text, and lines that nobody has seen, are left out. PAGE and ALTO files of
    eScriptorium, Transkribus and others come with their polygons; pages that Transkribus calls NEW are left out.
    """
    from nordocr.cli.console import progress_bar, quiet_libraries, report
    from nordocr.config import settings
    from nordocr.data.corrected.documents import corrected_files
    from nordocr.data.corrected.gather import gather_labels

    read = settings(None, {"pdf_password": read_password(password_file)})
    files = corrected_files(corrected)
    with quiet_libraries(), progress_bar() as bar:
        task = bar.add_task("cutting", total=len(files)) if bar is not None else None

        def show(name: str) -> None:
            if bar is not None and task is not None:
                bar.update(task, advance=1, description=name)

        found = gather_labels(files, output, read, images=images, by_file=by_file, detector=detector, on_file=show)
    for failure in found.failures:
        report(failure)
    if found.strays:
        typer.echo(
            f"{found.strays} lines are not found at their places any more; they were cut by their boxes", err=True
        )
    if found.lost:
        typer.echo(f"{found.lost} lines lie beside their pages and were left out", err=True)
    typer.echo(
        f"{output}: {found.lines} labelled lines of {found.documents} documents, {found.unseen} other lines left out"
    )
    if found.failures:
        raise typer.Exit(found.failures[0].exit_code)


def _tell(report: LabelReport, output: Path) -> None:
    for sentence in report.sentences():
        typer.echo(sentence, err=True)
    typer.echo(f"{output}: {report.usable} lines")


@app.command()
def suggest(
    what: Annotated[
        list[Path], typer.Argument(metavar="WHAT...", help="Results (JSON) or folders of them, or folders of lines.")
    ],
    count: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines to suggest.")] = 50,
    other: Annotated[
        list[str] | None, typer.Option(help="A second opinion: results of another engine, or for lines a recogniser.")
    ] = None,
    scans: Annotated[
        list[Path] | None, typer.Option(help="The results' page files or their folders, to see how lines look.")
    ] = None,
    known: Annotated[list[Path] | None, typer.Option(help="Folders of lines that are corrected already.")] = None,
    recognizer: Annotated[str, typer.Option("--recognizer", "--model", "-m", help="What looks at the lines.")] = "nano",
    documents: Annotated[bool, typer.Option("--documents", help="Print a table of documents instead.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a .tsv or .json, or copy lines to a labels folder.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads of the recogniser; 0 is all cores.")] = 0,
) -> None:
    """Say which lines and documents are worth correcting next: unsure, disputed, rare, and unlike one another."""
    from nordocr.cli.console import lab
    from nordocr.cli.data_suggest import suggested
    from nordocr.files import write_whole

    with lab():
        from nordocr.tune.suggest.run import as_json, documents_table, table, write_chosen
    chosen, lines = suggested(what, count, other or [], scans or [], known or [], recognizer, threads)
    text = documents_table(chosen, lines) if documents else table(chosen)
    if output is None:
        typer.echo(text, nl=False)
    elif output.suffix.lower() in {".tsv", ".json"}:
        write_whole(output, as_json(chosen) if output.suffix.lower() == ".json" else text)
    else:
        typer.echo(f"{output}: {write_chosen(chosen, output)} lines")
