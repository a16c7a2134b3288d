"""One comparison from files to files: place the results, match the lines, ask the referee, work out every figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nordocr.config import ReadingConfig
from nordocr.evaluate.compare.comparison import Comparison
from nordocr.evaluate.compare.figures import compare
from nordocr.evaluate.compare.outputs import write_comparison
from nordocr.evaluate.compare.scored import ScoredRegions, score_regions
from nordocr.evaluate.compare.verified import VerifiedSample, check_sample
from nordocr.evaluate.documents.material import Material, collect, verified_texts
from nordocr.evaluate.documents.truth import Placed, place_results, read_reference
from nordocr.evaluate.referee.answer import AnswerKind
from nordocr.evaluate.referee.cache import AnswerCache
from nordocr.evaluate.referee.client import VlmClient, VlmSettings
from nordocr.evaluate.referee.judge import Progress, RefereeCounts, judge


@dataclass(frozen=True)
class Referee:
    """A vision-language model to take the reference from.

    Attributes:
        settings: Address, model, key and prompt.
        cache: Folder of the answers; what lies there is not asked again.
        workers: Questions in flight at one time.
        on_progress: Told after each answer.
    """

    settings: VlmSettings
    cache: Path
    workers: int = 8
    on_progress: Callable[[Progress], None] | None = None


def compare_files(
    files: Sequence[Path],
    results: Mapping[str, Path],
    output: Path,
    *,
    reference: Path | None = None,
    verified: Path | None = None,
    referee: Referee | None = None,
    config: ReadingConfig | None = None,
) -> tuple[Comparison, list[Path]]:
    """Compare engines' result files and write the comparison into a folder.

    Args:
        files: The page files that were read.
        results: Result JSON of each engine by its short name.
        output: Folder for ``comparison.json``, the tables and ``report.html``.
        reference: Page truth; None to compare by ``referee``, or the engines with one another.
        verified: A human's truth for some regions, by which the reference is checked.
        referee: A vision-language model as the reference.
        config: The password and the limits with which the pages are opened.

    Returns:
        The comparison, and the files written.

    Raises:
        DataInvalid: There is nothing to compare, or a file holds no lines.
        InputMissing: A result or reference does not exist.
        OutputUnwritable: ``output`` cannot be written.
    """
    placed = {name: place_results(path, files) for name, path in results.items()}
    truth = read_reference(reference, files) if reference is not None else None
    sample = read_reference(verified, files) if verified is not None else None
    material = collect(files, placed, truth, config)
    counts = _ask(material, referee) if referee is not None else None
    scored = score_regions(material.regions, list(results))
    checked = _check(material, sample, files, scored) if sample is not None else None
    comparison = compare(
        scored,
        documents=material.documents,
        pages=material.pages,
        reference=referee.settings.model if referee is not None else str(reference or ""),
        reference_kind="a vision-language model" if referee is not None else "page truth" if reference else "none",
        notes=material.notes,
        seconds={name: held.timing for name, held in placed.items()},
        referee=counts,
        verified=checked,
        rotations=material.rotations(),
    )
    return comparison, write_comparison(comparison, material.crops, output)


def _check(material: Material, sample: Placed, files: Sequence[Path], scored: ScoredRegions) -> VerifiedSample | None:
    texts, unmatched = verified_texts(material, sample, files)
    material.notes += sample.notes
    checked = check_sample(scored, texts, unmatched)
    if checked is None:
        material.notes.append("No verified line lies on a region with a reference, so the reference is not checked.")
    return checked


def _ask(material: Material, referee: Referee) -> RefereeCounts:
    """Fill the regions' references with the model's answers."""
    held = [(i, png) for i, png in enumerate(material.crops) if png is not None]
    settings = referee.settings
    client, cache = VlmClient(settings), AnswerCache(referee.cache, settings.model, settings.prompt)
    answers, counts = judge(
        [png for _, png in held], client, cache, workers=referee.workers, on_progress=referee.on_progress
    )
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
