"""The recipe's lines, opened: what is trained on, which documents are held out, and checksums of it all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nordocr.data.labels import LabelRow
from nordocr.synth.fonts import load_pool
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import SynthRecipe, load_synth_recipe
from nordocr.train.curriculum import Curriculum, Rerendered
from nordocr.train.fingerprint import lines_fingerprint, synth_fingerprint
from nordocr.train.mixture import LineSource, Mixture, shares
from nordocr.train.pool import PoolPart, open_pool
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import DataPart, SynthPart

_VALIDATION_SEED = 0x5EED


@dataclass(frozen=True)
class TrainingData:
    """``source``: the stream of lines. ``held_out``: rows of the documents kept out of each pool, by the pool's name.

    ``checksums``: of everything that the lines depend on beside the recipe; ``notes``: sentences for the user;
    ``epoch_lines``: lines of the stream in which each line of the largest pool comes once, None without a pool.
    """

    source: LineSource
    held_out: dict[str, list[LabelRow]]
    checksums: dict[str, str]
    notes: tuple[str, ...] = ()
    epoch_lines: int | None = None


def open_data(recipe: Recipe) -> TrainingData:
    """Open every source of ``recipe``; raises what opening corpora, fonts, folders and LMDBs raises."""
    entries = recipe.mixture
    counts = shares([entry.weight for entry in entries], recipe.batch.block_lines)
    sources: list[LineSource] = []
    held_out: dict[str, list[LabelRow]] = {}
    checksums: dict[str, str] = {}
    notes: list[str] = []
    largest, epoch_lines = 0, None
    for number, (entry, count) in enumerate(zip(entries, counts, strict=True)):
        prefix = f"data.{number} " if recipe.data else ""
        if entry.synth is not None:
            sources.append(synthetic(entry.synth, recipe, count))
            plan = _synth_recipe(entry.synth)
            notes += load_pool(plan.fonts, recipe.spec.charset).shortages()
            found = synth_fingerprint(plan, recipe.spec.charset)
        else:
            parts = [PoolPart(Path(part.path), part.times) for part in entry.lines]
            source, held, report = open_pool(
                parts,
                recipe.spec,
                seed=recipe.seed + number,
                validation_share=entry.validation_share,
                augment=entry.augment,
                reframe=entry.reframe,
                held_limit=recipe.validation.limit,
            )
            if len(source) > largest:
                largest = len(source)
                epoch_lines = -(-largest * recipe.batch.block_lines // count)
            sources.append(source)
            notes += report.sentences()
            found = {f"labels of {part.folder.resolve().name}": lines_fingerprint(part.folder) for part in parts}
            if held:
                held_out[_pool_name(entry, held_out)] = held
        checksums |= {prefix + name: value for name, value in found.items()}
    weights = [entry.weight for entry in entries]
    stream = sources[0] if len(sources) == 1 else Mixture(sources, weights, recipe.seed, recipe.batch.block_lines)
    return TrainingData(stream, held_out, checksums, tuple(notes), epoch_lines)


def synthetic(part: SynthPart, recipe: Recipe, block_lines: int) -> LineSource:
    """Return the stream that ``part`` describes; ``block_lines``: how many of its lines a block holds."""
    lines = Curriculum(_synth_recipe(part), part, recipe.spec.charset)
    if part.rerender == 1:
        return lines
    return Rerendered(lines, uses=part.rerender, lanes=part.rerender_lanes, block_lines=block_lines)


def validation_source(recipe: Recipe) -> LineSynth:
    """Return lines of the full-length synthetic recipe in font families that training never sees.

    The synthetic recipe is the first of ``data``, or ``synth`` where there is none.
    """
    part = next((entry.synth for entry in recipe.data if entry.synth), recipe.synth)
    return LineSynth(_synth_recipe(part).with_fonts(split="validation"), _VALIDATION_SEED, recipe.spec.charset)


def _synth_recipe(part: SynthPart) -> SynthRecipe:
    recipe = load_synth_recipe(part.recipe)
    if part.corpora:
        recipe = recipe.with_text(corpora=part.corpora)
    return recipe.with_fonts(folders=part.font_folders) if part.font_folders else recipe


def _pool_name(entry: DataPart, taken: dict[str, list[LabelRow]]) -> str:
    name = Path(entry.lines[0].path).resolve().name + "-held-out"
    return name if name not in taken else f"{name}-{len(taken) + 1}"


def training_source(recipe: Recipe) -> LineSource:
    """Return the stream that ``recipe`` trains on."""
    return open_data(recipe).source
