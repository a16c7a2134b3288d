"""Synthetic lines whose longest text grows with the line's index, and lines rendered once and degraded often."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from nordocr.charset import NORDIC_126, Charset
from nordocr.synth.degrade import degrade
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import SynthRecipe
from nordocr.train.recipe import SynthPart

_DEGRADE = 0xDE6


class Curriculum:
    """Lines of one seed whose longest text grows with the line's index, stage by stage."""

    def __init__(self, recipe: SynthRecipe, part: SynthPart, charset: Charset = NORDIC_126) -> None:
        self.ends: list[int] = []
        self.stages: list[LineSynth] = []
        total = 0
        for lines, longest in part.curriculum or ((0, recipe.text.max_chars),):
            total += lines
            self.ends.append(total)
            self.stages.append(LineSynth(recipe.with_text(max_chars=longest), part.seed, charset))

    def stage(self, index: int) -> LineSynth:
        """The stage that line ``index`` is of; past the last stage's end the last stage goes on."""
        for end, stage in zip(self.ends, self.stages, strict=True):
            if index < end:
                return stage
        return self.stages[-1]

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Image and text of line ``index``."""
        return self.stage(index).line(index)


class Rerendered:
    """Each rendered line is used ``uses`` times, every time degraded anew: rendering is most of a line's cost.

    Line i stays a pure function of (seed, i). Blocks of ``block_lines`` lines are dealt to ``lanes`` in turn. In a
    lane every block takes one new chunk of rendered lines and the ``uses`` - 1 chunks before it, so the cost of a
    block is even and two uses of a line are ``lanes`` blocks apart. A worker whose blocks are one lane's finds all
    but the new chunk among the lines it has kept; any other worker renders them again, and gets the same.
    """

    def __init__(self, lines: Curriculum, *, uses: int, lanes: int, block_lines: int) -> None:
        self.lines = lines
        self.uses = uses
        self.lanes = lanes
        self.block_lines = block_lines
        self.chunk = -(-block_lines // uses)
        self._kept: OrderedDict[int, tuple[npt.NDArray[np.uint8], str, int]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kept": OrderedDict()}

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Image and text of line ``index`` >= 0."""
        number = self.rendered_as(index)
        stage = self.lines.stage(number * self.uses)
        image, text, dpi = self._rendered(stage, number)
        rng = np.random.default_rng([stage.seed, _DEGRADE, index])
        return degrade(image, rng, stage.recipe.degrade, dpi=dpi).image, text

    def rendered_as(self, index: int) -> int:
        """The number of the rendered line that line ``index`` is made from."""
        block, offset = divmod(index, self.block_lines)
        turn, lane = divmod(block, self.lanes)
        age, place = divmod(offset, self.chunk)
        return ((turn + self.uses - 1 - age) * self.lanes + lane) * self.chunk + place

    def _rendered(self, stage: LineSynth, number: int) -> tuple[npt.NDArray[np.uint8], str, int]:
        held = self._kept.get(number)
        if held is None:
            rng = np.random.default_rng([stage.seed, number])
            text, _, drawn = stage.draw(rng)
            held = self._kept[number] = (drawn.image, text.text, drawn.dpi)
            while len(self._kept) > self.block_lines + self.chunk:
                self._kept.popitem(last=False)
        return held
