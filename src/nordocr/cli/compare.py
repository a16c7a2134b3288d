"""``nordocr compare``: engines' results against one reference, or against one another, with a report to look at."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nordocr.cli.console import progress_bar, quiet_libraries
from nordocr.errors import EngineUnavailable, InputMissing, UsageError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.table import Table

    from nordocr.evaluate.compare import Comparison
    from nordocr.evaluate.material import Material
    from nordocr.evaluate.referee import Progress, RefereeCounts
    from nordocr.evaluate.truth import Placed

KEYS = ("NORDOCR_VLM_KEY", "OPENAI_API_KEY")
"""Environment variables that a key is taken from, the first that is set."""

_WIDTH = 110  # columns that the table needs
_EVERY = 10.0  # seconds between two lines of progress where there is no terminal


def compare(
    pages: Annotated[list[Path], typer.Argument(metavar="PAGES...", help="The pages that were read: files or folders.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for report.html and the tables.")],
    svtrv2: Annotated[Path | None, typer.Option(help="Result JSON of SVTRv2.")] = None,
    tess: Annotated[Path | None, typer.Option(help="Result JSON of Tesseract.")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="NAME=RESULT.json of a further engine; repeat.")] = None,
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
    with lab():
        from nordocr import __version__
        from nordocr.evaluate.calibration import calibrate
        from nordocr.evaluate.compare import compare as run
        from nordocr.evaluate.compare_outputs import write_comparison
        from nordocr.evaluate.material import collect, verified_texts
        from nordocr.evaluate.truth import place_results, read_reference
    asks = reference == "vlm"
    if asks and not (vlm_url and vlm_model):
        raise UsageError("--reference vlm needs --vlm-url and --vlm-model.")
    placed = {name: place_results(path, files) for name, path in results.items()}
    truth = read_reference(Path(reference), files) if reference and not asks else None
    sample = read_reference(verified, files) if verified is not None else None
    with quiet_libraries():
        material = collect(files, placed, truth)
    counts: RefereeCounts | None = None
    if asks:
        prompt = vlm_prompt.read_text(encoding="utf-8").strip() if vlm_prompt is not None else None
        patience = (vlm_timeout, vlm_attempts, vlm_wait)
        counts = _ask(material, vlm_url, vlm_model, prompt, vlm_cache or output / "vlm-cache", workers, patience)
    calibration = None
    if sample is not None:
        texts, unmatched = verified_texts(material, sample, files)
        calibration = calibrate(material.regions, texts, list(results), unmatched)
        material.notes += sample.notes
        if calibration is None:
            material.notes.append(f"{verified}: no verified line lies on a region with a reference.")
    comparison = run(
        material.regions,
        list(results),
        version=__version__,
        documents=material.documents,
        pages=material.pages,
        reference=f"{vlm_model}" if asks else str(reference or ""),
        reference_kind="a vision-language model" if asks else ("page truth" if reference else "none"),
        notes=material.notes,
        seconds={name: _seconds(path) for name, path in results.items()},
        referee=counts,
        calibration=calibration,
    )
    written = write_comparison(comparison, material.crops, output)
    _show(comparison, written, output)


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
    if not results:
        raise UsageError("There is nothing to compare: give --svtrv2, --tess or --engine NAME=RESULT.json.")
    return results


def _seconds(path: Path) -> dict[str, float]:
    from nordocr.evaluate.readings import read_readings

    total: dict[str, float] = {}
    for reading in read_readings(path):
        for stage, seconds in reading.timing.items():
            total[stage] = round(total.get(stage, 0.0) + seconds, 3)
    return total


def _ask(
    material: Material,
    url: str,
    model: str,
    prompt: str | None,
    folder: Path,
    workers: int,
    patience: tuple[float, int, float],
) -> RefereeCounts:
    """Fill the regions' references with the model's answers."""
    from nordocr.evaluate.referee import judge
    from nordocr.evaluate.vlm import PROMPT, VlmClient, VlmSettings
    from nordocr.evaluate.vlm_answer import AnswerKind
    from nordocr.evaluate.vlm_cache import AnswerCache

    key = next((value for name in KEYS if (value := os.environ.get(name, ""))), "")
    timeout, attempts, wait = patience
    settings = VlmSettings(url, model, key, prompt or PROMPT, timeout=timeout, attempts=attempts, wait=wait)
    held = [(i, png) for i, png in enumerate(material.crops) if png is not None]
    client, cache = VlmClient(settings), AnswerCache(folder, model, settings.prompt)
    with progress_bar() as bar:
        answers, counts = judge([png for _, png in held], client, cache, workers=workers, on_progress=_teller(bar))
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


def _teller(bar: Bar | None) -> Callable[[Progress], None]:
    """Progress with the time that is left: a bar on a terminal, else a line now and then."""
    started = time.monotonic()
    task = bar.add_task("asking", total=None) if bar is not None else None
    last = [started]

    def tell(progress: Progress) -> None:
        now = time.monotonic()
        asked = progress.done - progress.cached
        rate = asked / (now - started) if asked and now > started else 0.0
        left = (progress.total - progress.done) / rate if rate else 0.0
        eta = f", about {left // 60:.0f} min {left % 60:02.0f} s left" if rate and progress.done < progress.total else ""
        if bar is not None and task is not None:
            bar.update(task, completed=progress.done, total=progress.total, description=f"asking{eta}")
        elif now - last[0] >= _EVERY or progress.done == progress.total:
            last[0] = now
            said = f"referee: {progress.done} of {progress.total} regions, {progress.cached} from disk, {rate:.1f}/s{eta}"
            print(said, file=sys.stderr, flush=True)

    return tell


def _show(comparison: Comparison, written: Sequence[Path], output: Path) -> None:
    from rich.console import Console

    console, notes = Console(), Console(stderr=True)
    if not console.is_terminal:
        console = Console(width=max(console.width, _WIDTH))
    for note in comparison.notes:
        notes.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
    console.print(_table(comparison))
    for pair in comparison.pairs:
        console.print(
            f"{pair.first} / {pair.second}: both exact {pair.both}, only {pair.first} {pair.only_first}, "
            f"only {pair.second} {pair.only_second}, neither {pair.neither}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    for found in comparison.agreement if not comparison.referenced else []:
        console.print(
            f"{found.first} / {found.second}: {found.identical} of {found.both} regions identical, "
            f"{found.space_only} more but for spaces",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    names = ", ".join(path.name for path in written)
    console.print(f"Wrote {names} to {output}", markup=False, highlight=False, soft_wrap=True)


def _table(comparison: Comparison) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nordocr.evaluate.compare_report.tables import percent

    known = [e.metrics for e in comparison.engines.values() if e.metrics is not None]
    over = f"; 95 % intervals over {known[0].units} {known[0].unit}" if known else ""
    table = Table(
        title=f"{comparison.referenced} of {comparison.regions} regions have a reference",
        caption=f"per cent{over}",
        box=SIMPLE_HEAD,
    )
    table.add_column("engine")
    for heading in ("exact", "95 %", "no spaces", "CER", "95 %", "right trunc.", "lead. garb.", "missed", "spurious"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, engine in comparison.engines.items():
        m = engine.metrics
        if m is None:
            figures = ["–"] * 7
        else:
            exact, cer = m.intervals.get("exact"), m.intervals.get("cer")
            figures = [
                percent(m.exact),
                f"{percent(exact.low)}–{percent(exact.high)}" if exact else "",
                percent(m.space_insensitive),
                percent(m.cer, 2),
                f"{percent(cer.low, 2)}–{percent(cer.high, 2)}" if cer else "",
                str(m.taxonomy["right_truncation"]),
                str(m.taxonomy["leading_garbage"]),
            ]
        table.add_row(name, *figures, str(engine.missed), str(engine.spurious))
    return table
