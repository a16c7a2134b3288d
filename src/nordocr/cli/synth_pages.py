"""``nordocr synth pages``: whole synthetic pages with exact line boxes and text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pages(
    out: Annotated[Path, typer.Argument(help="Folder to write the pages and their truth to.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of pages.")] = 10,
    seed: Annotated[int, typer.Option("--seed", "-s", min=0, help="The same seed gives the same pages.")] = 0,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe",
            "-r",
            help="A bundled recipe (dirty, dirty-g4, dirty-fax) or a YAML file.",
        ),
    ] = None,
    dpi: Annotated[int | None, typer.Option(min=72, max=600, help="Resolution of all pages.")] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="Language of all pages: sv, nb, nn, da, fi or is."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", "-k", help="Kind of all pages: statement, letter, invoice, ..."),
    ] = None,
    document: Annotated[
        bool, typer.Option("--document", help="Put all pages into one 1-bit multi-page TIFF (CCITT G4).")
    ] = False,
) -> None:
    """Make document pages: page-00000.png, or .tif (CCITT G4) where it is 1-bit, with page-00000.json, the truth."""
    from nordocr.cli.console import progress_bar
    from nordocr.errors import UsageError
    from nordocr.synth.pages import PageRecipe, load_page_recipe, write_pages
    from nordocr.synth.pages.recipe import KINDS, LANGUAGES

    plan = PageRecipe() if recipe is None else load_page_recipe(recipe)
    if dpi is not None:
        plan = plan.model_copy(update={"dpi": ((dpi, 1.0),)})
    if language is not None:
        if language not in LANGUAGES:
            raise UsageError(f"There is no page language {language!r}; there are {', '.join(LANGUAGES)}.")
        plan = plan.with_text(languages={language: 1.0})
    if kind is not None:
        if kind not in KINDS:
            raise UsageError(f"There is no kind of page {kind!r}; there are {', '.join(KINDS)}.")
        plan = plan.model_copy(update={"kinds": {kind: 1.0}})
    with progress_bar() as bar:
        task = bar.add_task("Making pages", total=count) if bar else None

        def advance(done: int, _: int) -> None:
            if bar is not None and task is not None:
                bar.update(task, completed=done)

        paths = write_pages(out, count, seed, plan, advance, document=document)
    typer.echo(f"Wrote {count} pages to {paths[0] if document else out}")
