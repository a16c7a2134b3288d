"""``nordocr compare``: compare engines with a reference or with one another, with a report to look at."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.compare_console import show, teller
from nordocr.cli.console import lab, progress_bar, quiet_libraries
from nordocr.cli.options import PageOptions, reading_options
from nordocr.config import ReadingConfig
from nordocr.errors import InputMissing, UsageError
from nordocr.pages.listing import page_files

if TYPE_CHECKING:
    from nordocr.evaluate.referee.client import VlmSettings


Pages = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PAGES]...", help="The pages that were read: files or folders [those that results name]."),
]
Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="Folder for report.html and tables, or NAME.json for a folder NAME beside it."),
]


@dataclass(frozen=True)
class CompareOptions(PageOptions):
    """The reading options of ``compare``, whose ``--engine`` names a result."""

    engine: Annotated[
        str | None,
        typer.Option(
            "--runtime", help="Run the model on auto, onnx, openvino, tensorrt or torch, like --engine of process."
        ),
    ] = None

    def unused(self) -> list[str]:
        """Return the options that were given and have no effect unless pages are read."""
        opening = ("config", "password_file")
        given = [f.name for f in fields(self) if f.name not in opening and getattr(self, f.name) != f.default]
        return [{"engine": "--runtime"}.get(name, f"--{name.replace('_', '-')}") for name in given]


@reading_options
def compare(
    output: Output,
    reading: CompareOptions,
    pages: Pages = None,
    svtrv2: Annotated[Path | None, typer.Option(help="Result JSON of SVTRv2.")] = None,
    tess: Annotated[Path | None, typer.Option(help="Result JSON of Tesseract.")] = None,
    engine_results: Annotated[
        list[str] | None, typer.Option("--engine", help="NAME=RESULT.json of another engine; repeat for more.")
    ] = None,
    engines: Annotated[
        str | None, typer.Option(help="Read the pages first, as benchmark does: svtrv2,tesseract,NAME=MODEL.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="vlm, or page truth: a folder, a .tsv, ALTO, PAGE XML or JSON "
            "(default: vlm where one is configured, else only how far the engines agree)."
        ),
    ] = None,
    verified: Annotated[
        Path | None, typer.Option(help="A human's truth for some regions, by which the reference is checked.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Questions to the model at one time (default: 8).")] = None,
    vlm_url: Annotated[
        str, typer.Option(help="An OpenAI-compatible address: http://host:8000/v1 [$NORDOCR_VLM_URL].")
    ] = "",
    vlm_model: Annotated[str, typer.Option(help="The model's name there [$NORDOCR_VLM_MODEL].")] = "",
    vlm_prompt: Annotated[Path | None, typer.Option(help="Text file with a question to ask instead.")] = None,
    vlm_cache: Annotated[Path | None, typer.Option(help="Folder of answers (default: OUTPUT/vlm-cache).")] = None,
    vlm_timeout: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds to wait for one answer (default: 60).")
    ] = None,
    vlm_attempts: Annotated[int | None, typer.Option(min=1, help="Attempts at one crop (default: 6).")] = None,
    vlm_wait: Annotated[
        float | None, typer.Option(min=0.0, help="Seconds before the second attempt; doubles (default: 1).")
    ] = None,
) -> None:
    """Compare engines on the same pages and write a report.

    Regions are matched by where they lie. The key of a vision-language model comes from NORDOCR_VLM_KEY (or
    OPENAI_API_KEY); answers are kept on disk, so that a rerun asks nothing twice. Options of reading need --engines.
    """
    results = _results(svtrv2, tess, engine_results or [])
    if engines is None and reading.unused():
        raise UsageError(f"{reading.unused()[0]} has no effect without --engines: nothing is read.")
    settings = reading.settings()
    written_json, output = (output, output.with_suffix("")) if output.suffix.lower() == ".json" else (None, output)
    pages = pages or _named_in(results)
    files = page_files(pages)
    vlm: dict[str, Any] = {
        "url": vlm_url,
        "model": vlm_model,
        "prompt": vlm_prompt,
        "cache": vlm_cache,
        "timeout": vlm_timeout,
    }
    vlm |= {"attempts": vlm_attempts, "wait": vlm_wait}
    referee = _referee(reference, workers, vlm)
    truth = Path(reference) if reference is not None and referee is None else None
    _exist([*results.values(), truth, verified])
    if engines is not None:
        results = _read_first(pages, output, engines, settings, results)
    if not results:
        raise UsageError("There is nothing to compare: give --svtrv2, --tess, --engine NAME=RESULT.json or --engines.")
    with lab():
        from nordocr.evaluate.compare.outputs import COMPARISON
        from nordocr.evaluate.compare.run import Referee, compare_files
    with quiet_libraries(), progress_bar() as bar:
        asked = Referee(referee, vlm_cache or output / "vlm-cache", workers or 8, teller(bar)) if referee else None
        comparison, written = compare_files(
            files, results, output, reference=truth, verified=verified, referee=asked, config=settings
        )
    if written_json is not None:
        copyfile(output / COMPARISON, written_json)
    show(comparison, written, output)
    if written_json is not None:
        typer.echo(f"Wrote {written_json}")


def _named_in(results: Mapping[str, Path]) -> list[Path]:
    """Return the files that the results say were read; :class:`UsageError` where they say none, or it is not here."""
    with lab():
        from nordocr.evaluate.documents.readings import read_readings
    found: dict[Path, None] = {}
    for result in results.values():
        _exist([result])
        for source in (reading.source for reading in read_readings(result) if reading.source):
            beside = result.parent / Path(source).name
            path = Path(source) if Path(source).is_file() else beside
            if not path.is_file():
                raise UsageError(
                    f"{result} was read from {source}, which is not here; name the pages: compare PAGES ..."
                )
            found[path] = None
    if not found:
        raise UsageError("Name the pages that were read: the results do not say which they are.")
    return list(found)


def _exist(paths: Sequence[Path | None]) -> None:
    """Refuse missing files before anything is read."""
    for path in paths:
        if path is not None and not path.exists():
            raise InputMissing(f"There is no file {path}.")


def _read_first(
    pages: list[Path], output: Path, engines: str, settings: ReadingConfig, given: dict[str, Path]
) -> dict[str, Path]:
    """Benchmark the engines into ``output``; return their results before those that were given."""
    from nordocr.cli.benchmark import run_benchmark

    with lab():
        from nordocr.evaluate.documents.benchmark import parse_engines
    names = list(parse_engines(engines, settings))
    twice = [name for name in names if name in given]
    if twice:
        raise UsageError(f"There are two readers called {twice[0]!r}: one to be run and one with a result.")
    run_benchmark(pages, output, engines, settings)
    return {name: output / f"{name}_result.json" for name in names} | given


def _referee(reference: str | None, workers: int | None, options: Mapping[str, Any]) -> VlmSettings | None:
    """Return whom to ask, None where the reference is no model; ``options`` are those that begin with ``--vlm-``."""
    given = {name: value for name, value in options.items() if value not in (None, "")}
    named = {name: os.environ.get(f"NORDOCR_VLM_{name.upper()}", "") for name in ("url", "model")}
    if reference in (None, "vlm") and all(value or name in given for name, value in named.items()):
        given = named | given
    if reference != "vlm" and not (reference is None and given):
        unused = [f"--vlm-{name}" for name in given] + (["--workers"] if workers is not None else [])
        if unused:
            raise UsageError(f"{unused[0]} has no effect without --reference vlm.")
        return None
    with lab():
        from nordocr.evaluate.referee.client import referee_settings
    tuned = {name: given[name] for name in ("timeout", "attempts", "wait") if name in given}
    return referee_settings(given.get("url", ""), given.get("model", ""), prompt=_prompt(given.get("prompt")), **tuned)


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
