"""The recipe's line sources: training lines, and validation lines of another seed and held-out fonts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import SynthRecipe, load_synth_recipe
from nordocr.train.recipe import Recipe, SynthPart

_VALIDATION_SEED = 0x5EED


class Curriculum:
    """Lines of one seed whose longest text grows with the line's index, stage by stage."""

    def __init__(self, recipe: SynthRecipe, part: SynthPart) -> None:
        self.ends: list[int] = []
        self.stages: list[LineSynth] = []
        total = 0
        for lines, longest in part.curriculum or ((0, recipe.text.max_chars),):
            total += lines
            self.ends.append(total)
            self.stages.append(LineSynth(recipe.with_text(max_chars=longest), part.seed))

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Image and text of line ``index``; past the last stage's end the last stage goes on."""
        for end, stage in zip(self.ends, self.stages, strict=True):
            if index < end:
                return stage.line(index)
        return self.stages[-1].line(index)


def training_source(recipe: Recipe) -> Curriculum:
    """The stream that ``recipe`` trains on."""
    return Curriculum(_synth(recipe.synth), recipe.synth)


def validation_source(recipe: Recipe) -> LineSynth:
    """Lines of the full-length synthetic recipe in font families that training never sees."""
    return LineSynth(_synth(recipe.synth).with_fonts(split="validation"), _VALIDATION_SEED)


def _synth(part: SynthPart) -> SynthRecipe:
    recipe = load_synth_recipe(part.recipe)
    if part.corpora:
        recipe = recipe.with_text(corpora=part.corpora)
    return recipe.with_fonts(folders=part.font_folders) if part.font_folders else recipe
