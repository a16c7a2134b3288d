"""``nordocr autolabel``: labels by what engines are sure of or agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def autolabel(
    output: Annotated[Path, typer.Option("--output", "-o", help="Labels folder to write or go on with.")],
    what: Annotated[
        list[Path] | None, typer.Argument(metavar="[WHAT...]", help="Page files or their folders, or folders of lines.")
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(help="nano, an installed model, a model file, tesseract, rapidocr; repeat for more [nano]."),
    ] = None,
    vlm_url: Annotated[str, typer.Option(help="Address of a vision-language model that is asked too.")] = "",
    vlm_model: Annotated[str, typer.Option(help="Its name there; the key is in NORDOCR_VLM_KEY.")] = "",
    agree: Annotated[
        int | None, typer.Option(min=1, help="How many engines must read the same [all of up to two, else two].")
    ] = None,
    least_confidence: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Least confidence [0.95 of one engine, 0.5 where two agree].")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Lines to set aside in OUTPUT/sample, to be corrected.")] = 100,
    measure: Annotated[
        Path | None, typer.Option(help="Corrected lines: measure how wrong OUTPUT's labels are, label nothing.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="File of reading settings, to find lines by.")] = None,
    threads: Annotated[int, typer.Option(min=0, help="Threads of each engine; 0 is all cores.")] = 0,
) -> None:
    """Label lines by what one engine is sure of or several agree on; run it again to go on.

    `confidence` in labels.tsv is the label's weight, provenance.tsv says who read what. Correct OUTPUT/sample, then
    --measure OUTPUT/sample says how many labels are wrong and writes it to OUTPUT/error.json.
    """
    from nordocr.cli.autolabel_run import labelled
    from nordocr.cli.console import lab, report
    from nordocr.errors import UsageError

    with lab():
        from nordocr.tune.autolabel.agree import Rule
        from nordocr.tune.autolabel.measure import measure as measured
    if measure is not None:
        if what:
            raise UsageError("--measure labels nothing: leave the pages and lines out.")
        found_error = measured(output, measure)
        if not found_error.vouched:
            typer.echo(f"Nobody vouches for a line of {measure} (column who): were its texts corrected?", err=True)
        typer.echo(found_error.words())
        return
    if not what:
        raise UsageError("Name page files or folders of lines.")
    names = engine or ["nano"]
    count = len(names) + bool(vlm_url)
    wanted = agree or min(2, count)
    if wanted > count:
        raise UsageError(f"{wanted} engines cannot agree where {count} are asked.")
    least = least_confidence if least_confidence is not None else (0.95 if wanted == 1 else 0.5)
    found = labelled(what, output, names, (vlm_url, vlm_model), Rule(wanted, least), sample, config, threads)
    for failure in found.failures:
        report(failure)
    typer.echo(
        f"{output}: {found.lines} labelled lines of {found.documents} documents ({found.unchanged} unchanged), "
        f"{found.left_out} lines left out"
    )
    if found.sampled:
        typer.echo(f"{output / 'sample'}: {found.sampled} lines to correct")
    if found.failures:
        raise typer.Exit(found.failures[0].exit_code)
