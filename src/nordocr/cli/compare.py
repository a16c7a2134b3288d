"""``nordocr compare``: engines' results against one reference, or against one another, with a report to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.compare_console import show, teller
from nordocr.cli.console import lab, progress_bar, quiet_libraries
from nordocr.errors import InputMissing, UsageError
from nordocr.pages.listing import page_files

if TYPE_CHECKING:
    from nordocr.evaluate.referee.client import VlmSettings


def compare(
    pages: Annotated[
        list[Path], typer.Argument(metavar="PAGES...", help="The pages that were read: files or folders.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for report.html and the tables.")],
    svtrv2: Annotated[Path | None, typer.Option(help="Result JSON of SVTRv2.")] = None,
    tess: Annotated[Path | None, typer.Option(help="Result JSON of Tesseract.")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="NAME=RESULT.json of a further engine; repeat.")] = None,
    engines: Annotated[
        str | None, typer.Option(help="Read the pages first, as benchmark does: svtrv2,tesseract,NAME=MODEL")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="With --engines: YAML or JSON file of settings.")] = None,
    recognizer: Annotated[str | None, typer.Option(help="With --engines: what svtrv2 stands for.")] = None,
    tess_lang: Annotated[str | None, typer.Option(help="With --engines: Tesseract's languages.")] = None,
    threads: Annotated[int | None, typer.Option(help="With --engines: threads of the recognisers.")] = None,
    reference: Annotated[
        str | None, typer.Option(help="vlm, or page truth: a folder, a .tsv, ALTO, PAGE XML or JSON. None: agreement.")
    ] = None,
    verified: Annotated[
        Path | None, typer.Option(help="A human's truth for some regions, which calibrates the reference.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Questions to the model at one time.")] = 8,
    vlm_url: Annotated[str, typer.Option(help="An OpenAI-compatible address: http://host:8000/v1")] = "",
    vlm_model: Annotated[str, typer.Option(help="The model's name there.")] = "",
    vlm_prompt: Annotated[Path | None, typer.Option(help="A text file with another question than ours.")] = None,
    vlm_cache: Annotated[Path | None, typer.Option(help="Folder of answers [default: OUTPUT/vlm-cache].")] = None,
    vlm_timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 60.0,
    vlm_attempts: Annotated[int, typer.Option(min=1, help="Attempts at one crop.")] = 6,
    vlm_wait: Annotated[float, typer.Option(min=0.0, help="Seconds before the second attempt; doubles.")] = 1.0,
) -> None:
    """Compare N engines on the same pages and write a report.

    Regions are matched by where they lie. The key of a vision-language model comes from NORDOCR_VLM_KEY (or
    OPENAI_API_KEY); answers are kept on disk, so that a rerun asks nothing twice.
    """
    results = _results(svtrv2, tess, engine or [])
    files = page_files(pages)
    referee: VlmSettings | None = None
    if reference == "vlm":
        referee = _referee(vlm_url, vlm_model, vlm_prompt, vlm_timeout, vlm_attempts, vlm_wait)
    if engines is not None:
        said = {"config": config, "recognizer": recognizer, "tess_lang": tess_lang, "threads": threads}
        results = _read_first(pages, output, engines, said, results)
    if not results:
        raise UsageError("There is nothing to compare: give --svtrv2, --tess, --engine NAME=RESULT.json or --engines.")
    truth = Path(reference) if reference is not None and referee is None else None
    with lab():
        from nordocr.evaluate.compare.run import Referee, compare_files
    with quiet_libraries(), progress_bar() as bar:
        asked = Referee(referee, vlm_cache or output / "vlm-cache", workers, teller(bar)) if referee else None
        comparison, written = compare_files(files, results, output, reference=truth, verified=verified, referee=asked)
    show(comparison, written, output)


def _read_first(
    pages: list[Path], output: Path, engines: str, said: dict[str, Any], given: dict[str, Path]
) -> dict[str, Path]:
    """Benchmark the engines into ``output``; their results before those that were given."""
    from nordocr.cli.benchmark import benchmark, engine_names

    names = engine_names(engines, **said)
    twice = [name for name in names if name in given]
    if twice:
        raise UsageError(f"There are two readers called {twice[0]!r}: one to be run and one with a result.")
    benchmark(pages, output, engines, **said)
    return {name: output / f"{name}_result.json" for name in names} | given


def _referee(url: str, model: str, prompt: Path | None, timeout: float, attempts: int, wait: float) -> VlmSettings:
    with lab():
        from nordocr.evaluate.referee.client import referee_settings
    return referee_settings(url, model, prompt=_prompt(prompt), timeout=timeout, attempts=attempts, wait=wait)


def _prompt(path: Path | None) -> str:
    if path is None:
        return ""
    if not path.is_file():
        raise InputMissing(f"There is no file {path} with a prompt.")
    return path.read_text(encoding="utf-8").strip()


def _results(svtrv2: Path | None, tess: Path | None, further: Sequence[str]) -> dict[str, Path]:
    results = {name: path for name, path in (("svtrv2", svtrv2), ("tess", tess)) if path is not None}
    for part in further:
        name, found, path = part.partition("=")
        if not found or not name or not path:
            raise UsageError(f"--engine {part!r} is not NAME=RESULT.json.")
        if name in results or name == "reference":
            raise UsageError(f"There are two readers called {name!r}.")
        results[name] = Path(path)
    return results
