"""``nordocr compare``: engines' results against one reference, or against one another, with a report to look at."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.compare_console import show, teller
from nordocr.cli.console import progress_bar, quiet_libraries
from nordocr.errors import EngineUnavailable, InputMissing, UsageError

if TYPE_CHECKING:
    from nordocr.evaluate.calibration import Calibration
    from nordocr.evaluate.material import Material
    from nordocr.evaluate.referee import RefereeCounts
    from nordocr.evaluate.truth import Placed
    from nordocr.evaluate.vlm import VlmSettings

KEYS = ("NORDOCR_VLM_KEY", "OPENAI_API_KEY")
"""Environment variables that a key is taken from, the first that is set."""


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
    _compare(files, results, truth, verified, referee, vlm_cache or output / "vlm-cache", workers, output)


def _compare(
    files: list[Path],
    results: dict[str, Path],
    reference: Path | None,
    verified: Path | None,
    referee: VlmSettings | None,
    cache: Path,
    workers: int,
    output: Path,
) -> None:
    with lab():
        from nordocr import __version__
        from nordocr.evaluate.compare import compare as run
        from nordocr.evaluate.compare_outputs import write_comparison
        from nordocr.evaluate.material import collect
        from nordocr.evaluate.truth import place_results, read_reference
    placed = {name: place_results(path, files) for name, path in results.items()}
    truth = read_reference(reference, files) if reference is not None else None
    sample = read_reference(verified, files) if verified is not None else None
    with quiet_libraries():
        material = collect(files, placed, truth)
    counts = _ask(material, referee, cache, workers) if referee is not None else None
    calibration = _calibrate(material, sample, files, list(results)) if sample is not None else None
    comparison = run(
        material.regions,
        list(results),
        version=__version__,
        documents=material.documents,
        pages=material.pages,
        reference=referee.model if referee is not None else str(reference or ""),
        reference_kind="a vision-language model" if referee is not None else "page truth" if reference else "none",
        notes=material.notes,
        seconds={name: _seconds(path) for name, path in results.items()},
        referee=counts,
        calibration=calibration,
    )
    written = write_comparison(comparison, material.crops, output)
    show(comparison, written, output)


def _calibrate(material: Material, sample: Placed, files: list[Path], engines: list[str]) -> Calibration | None:
    from nordocr.evaluate.calibration import calibrate
    from nordocr.evaluate.material import verified_texts

    texts, unmatched = verified_texts(material, sample, files)
    material.notes += sample.notes
    calibration = calibrate(material.regions, texts, engines, unmatched)
    if calibration is None:
        material.notes.append("No verified line lies on a region with a reference, so nothing is calibrated.")
    return calibration


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
        from nordocr.evaluate.vlm import PROMPT, VlmSettings
    if not (url and model):
        raise UsageError("--reference vlm needs --vlm-url and --vlm-model.")
    key = next((value for name in KEYS if (value := os.environ.get(name, ""))), "")
    settings = VlmSettings(url, model, key, _prompt(prompt) or PROMPT, timeout, attempts, wait)
    _ = settings.address  # a wrong one must not cost the reading first
    return settings


def _prompt(path: Path | None) -> str:
    if path is None:
        return ""
    if not path.is_file():
        raise InputMissing(f"There is no file {path} with a prompt.")
    return path.read_text(encoding="utf-8").strip()


def page_files(given: Sequence[Path]) -> list[Path]:
    """The page files among ``given``, folders searched; raises :class:`InputMissing`."""
    from nordocr.pages import SUFFIXES

    files: list[Path] = []
    for path in given:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise InputMissing(f"There is no page to read in the folder {path}.")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise InputMissing(f"There is no file or folder {path}.")
    return list(dict.fromkeys(files))


@contextlib.contextmanager
def lab() -> Iterator[None]:
    """One sentence instead of a traceback where a package of evaluation is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f'This needs {error.name}: pip install "nordocr[eval]".') from error


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


def _seconds(path: Path) -> dict[str, float]:
    from nordocr.evaluate.readings import read_readings

    total: dict[str, float] = {}
    for reading in read_readings(path):
        for stage, seconds in reading.timing.items():
            total[stage] = round(total.get(stage, 0.0) + seconds, 3)
    return total


def _ask(material: Material, settings: VlmSettings, folder: Path, workers: int) -> RefereeCounts:
    """Fill the regions' references with the model's answers."""
    from nordocr.evaluate.referee import judge
    from nordocr.evaluate.vlm import VlmClient
    from nordocr.evaluate.vlm_answer import AnswerKind
    from nordocr.evaluate.vlm_cache import AnswerCache

    held = [(i, png) for i, png in enumerate(material.crops) if png is not None]
    client, cache = VlmClient(settings), AnswerCache(folder, settings.model, settings.prompt)
    with progress_bar() as bar:
        answers, counts = judge([png for _, png in held], client, cache, workers=workers, on_progress=teller(bar))
    for (i, _), answer in zip(held, answers, strict=True):
        if answer is not None and answer.kind is AnswerKind.TEXT:
            material.regions[i].reference = answer.text
    for number, what in (
        (counts.empty, "the model sees no text"),
        (counts.refusals, "the model refuses"),
        (counts.failed, "no answer was to be had"),
        (len(material.crops) - len(held), "there is no image to ask about"),
    ):
        if number:
            material.notes.append(f"Referee: {number} regions where {what}; they have no reference.")
    return counts
