"""``nordocr synth``: render synthetic lines, contact sheets and pages, and pack fonts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nordocr.charset import CHARSETS, NORDIC_126, Charset
from nordocr.cli.synth_pages import pages

if TYPE_CHECKING:
    from nordocr.synth.recipe import SynthRecipe

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Render synthetic lines and pages.")
fonts = typer.Typer(no_args_is_help=True, add_completion=False, help="Manage the font pool.")
app.add_typer(fonts, name="fonts")
app.command()(pages)

Recipe = Annotated[str, typer.Option(help="A bundled recipe (scans, clean, first) or a YAML file.")]
Seed = Annotated[int, typer.Option(help="Seed; line i of a seed is always the same line.")]
Corpora = Annotated[
    list[str] | None,
    typer.Option("--corpus", help="Corpus of sentences, text or .gz, named by language as in sv.txt.gz (repeatable)."),
]
Split = Annotated[str, typer.Option(help="Font families to use: train, validation (the held-out ones) or all.")]


CharsetName = Annotated[str, typer.Option("--charset", help=f"Characters of the texts: {', '.join(CHARSETS)}.")]


@app.command()
def lines(
    out: Annotated[Path, typer.Argument(help="Labels folder to write.")],
    count: Annotated[int, typer.Option(min=0, help="Number of lines.")] = 1000,
    seed: Seed = 1,
    recipe: Recipe = "scans",
    corpus: Corpora = None,
    split: Split = "train",
    charset: CharsetName = NORDIC_126.name,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 makes the lines in this one.")] = 2,
) -> None:
    """Write a labels folder of synthetic lines."""
    from nordocr.cli.console import progress_bar
    from nordocr.synth.write import write_lines

    plan, characters = _recipe(recipe, corpus, split), _charset(charset)
    _tell_shortages(plan, characters)
    with progress_bar() as bar:
        task = bar.add_task("lines", total=count) if bar else None

        def progress(made: int) -> None:
            if bar and task is not None:
                bar.advance(task, made)

        table = write_lines(out, plan, seed=seed, count=count, charset=characters, workers=workers, progress=progress)
    typer.echo(f"{table}: {count} lines")


@app.command()
def sheet(
    out: Annotated[Path, typer.Argument(help="PNG file to write.")],
    count: Annotated[int, typer.Option(min=1, help="Number of lines on the sheet.")] = 60,
    seed: Seed = 1,
    recipe: Recipe = "scans",
    corpus: Corpora = None,
    split: Split = "train",
    charset: CharsetName = NORDIC_126.name,
    as_seen: Annotated[bool, typer.Option(help="Show lines at 32 px, as a recogniser sees them.")] = False,
) -> None:
    """Write one picture of many lines, grouped by degradation."""
    from nordocr.synth.lines import LineSynth
    from nordocr.synth.sheet import write_sheet

    plan, characters = _recipe(recipe, corpus, split), _charset(charset)
    _tell_shortages(plan, characters)
    write_sheet(out, LineSynth(plan, seed, characters), count, as_seen=as_seen)
    typer.echo(str(out))


@fonts.callback()
def _fonts() -> None:
    """The font pool."""


@fonts.command()
def pack(
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    folder: Annotated[list[str] | None, typer.Option(help="Font folder instead of the system's (repeatable).")] = None,
) -> None:
    """Write the verified fonts, subsetted to the charset, into a folder that travels."""
    from nordocr.cli.console import progress_bar
    from nordocr.synth.fonts import FontConfig
    from nordocr.synth.fonts import pack as pack_fonts

    with progress_bar() as bar:
        task = bar.add_task("fonts") if bar else None

        def progress(done: int, total: int) -> None:
            if bar and task is not None:
                bar.update(task, completed=done, total=total)

        packed = pack_fonts(FontConfig(folders=tuple(folder or ()), split="all"), NORDIC_126, out, progress)
    typer.echo(
        f"{out}: {packed.faces} faces, {packed.file_bytes / 1e6:.1f} MB, {packed.archive_bytes / 1e6:.1f} MB packed"
    )


def _tell_shortages(plan: SynthRecipe, charset: Charset) -> None:
    """Say on stderr where the machine has too few fonts to teach from; held-out families are few by design."""
    from nordocr.synth.fonts import load_pool

    if plan.fonts.split != "validation":
        for sentence in load_pool(plan.fonts, charset).shortages():
            typer.echo(f"Note: {sentence}", err=True)


def _charset(name: str) -> Charset:
    from nordocr.errors import UsageError

    if name not in CHARSETS:
        raise UsageError(f"There is no charset {name!r}; there are {', '.join(CHARSETS)}.")
    return CHARSETS[name]


def _recipe(name: str, corpora: list[str] | None, split: str) -> SynthRecipe:
    from nordocr.errors import UsageError
    from nordocr.synth.recipe import load_synth_recipe

    if split not in {"train", "validation", "all"}:
        raise UsageError(f"There is no split {split!r}; there are train, validation and all.")
    plan = load_synth_recipe(name).with_fonts(split=split)
    return plan.with_text(corpora=tuple(corpora)) if corpora else plan
