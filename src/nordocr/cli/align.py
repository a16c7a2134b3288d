"""``nordocr align``: page images and their texts to labelled lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import lab, progress_bar, quiet_libraries, report


def align(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGES...", help="Page files, or folders to search for them.")],
    texts: Annotated[Path, typer.Option(help="Folder with NAME.txt for each page file NAME.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Labels folder to write or go on with.")],
    least_score: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Least likeness of a line and its text, 0 to 1.")
    ] = 0.7,
    config: Annotated[Path | None, typer.Option(help="YAML or JSON file of reading settings.")] = None,
    recognizer: Annotated[str | None, typer.Option(help="A bundled model's name, a model file, or tesseract.")] = None,
    detector: Annotated[str | None, typer.Option(help="How lines are found: morphology, dbnet or a file.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the recogniser; 0 is all cores.")] = None,
) -> None:
    """Turn pages whose text is known (a transcript, a language model's answer) into labelled lines for training.

    Each line is read and looked for in the page's text; `confidence` in labels.tsv is how like the two are, `source`
    the document. Run it again to go on after an interruption or with more documents.
    """
    from nordocr.config import settings
    from nordocr.pages.listing import page_files
    from nordocr.pipeline.preparation import Preparation
    from nordocr.recognize.registry import open_recognizer

    with lab():
        from nordocr.data.align.pages import align_pages
    given = {"recognizer": recognizer, "detector": detector, "threads": threads}
    read = settings(config, given)
    files = page_files(pages)
    engine = open_recognizer(read.recognizer, read)
    try:
        with quiet_libraries(), progress_bar() as bar:
            task = bar.add_task("aligning", total=len(files)) if bar is not None else None

            def show(name: str) -> None:
                if bar is not None and task is not None:
                    bar.update(task, advance=1, description=name)

            found = align_pages(
                files, texts, output, Preparation(read), engine, least_score=least_score, on_document=show
            )
    finally:
        engine.close()
    for failure in found.failures:
        report(failure)
    typer.echo(
        f"{output}: {found.lines} labelled lines of {found.documents} documents ({found.unchanged} unchanged), "
        f"{found.left_out} lines left out"
    )
    if found.failures:
        raise typer.Exit(found.failures[0].exit_code)
