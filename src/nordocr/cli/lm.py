"""``nordocr lm``: the language model that reading consults."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The language model that reading consults: build, show.")

_UNITS = {"": 1, "kb": 1_000, "mb": 1_000_000}


@app.command()
def build(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, usually *.lm.")],
    corpora: Annotated[
        list[Path] | None,
        typer.Option(help="A text file, one sentence a line, perhaps *.gz, named by language: sv.txt.gz. Repeat."),
    ] = None,
    order: Annotated[int, typer.Option(min=2, max=8, help="Characters of the longest n-gram.")] = 6,
    size: Annotated[str, typer.Option(help="What the file may take: 4MB, 900kB or bytes.")] = "4MB",
    samples: Annotated[int, typer.Option(min=0, help="Texts drawn from nordocr's own templates.")] = 150_000,
) -> None:
    """Build a language model from corpora, nordocr's own templates and word lists.

    The same corpora, options and versions of wordfreq and Faker give the same bytes.
    """
    from nordocr.charset import NORDIC_EXT
    from nordocr.errors import EngineUnavailable, UsageError
    from nordocr.files import write_whole

    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([km]b)?", size.strip().lower())
    if match is None:
        raise UsageError(f"--size {size!r} is not a number of bytes, such as 4MB or 900kB.")
    try:
        from nordocr.synth.lm.build import build_model
        from nordocr.synth.lm.material import corpus_sources, own_source
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f'Building needs {error.name}: pip install "nordocr[train]".') from error
    sources = list(corpus_sources(corpora or [], NORDIC_EXT))
    if samples:
        sources.append(own_source(samples, NORDIC_EXT))
    for source in sources:
        typer.echo(source.sentence)
    data = build_model(sources, NORDIC_EXT, order, int(float(match[1]) * _UNITS[match[2] or ""]))
    typer.echo(f"Wrote {write_whole(output, data)}, {len(data)} bytes")


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(help="A language model; else the one in the package.")] = None,
) -> None:
    """Say what a language model was made of."""
    from nordocr.lm.file import bundled_file, load_model

    model = load_model(file or bundled_file())
    typer.echo(f"{model.name}: order {model.order}, {len(model.symbols)} characters, {len(model.keys)} n-grams")
    typer.echo(f"sha256 {model.sha256}")
    for sentence in model.made_of:
        typer.echo(sentence)
