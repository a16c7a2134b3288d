"""Synthetic lines whose longest text grows with the line's index, and lines rendered once and degraded often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nordocr.charset import NORDIC_126, Charset
from nordocr.data.length import fit_leaders
from nordocr.linespec import CEILING, LineSpec
from nordocr.synth.degrade import degrade
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import SynthRecipe
from nordocr.synth.render import Rendered
from nordocr.train.recipe_parts import SynthPart

_DEGRADE = 0xDE6
_SPEC: Final = LineSpec()


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
        """Return the stage that line ``index`` is of; past the last stage's end the last stage goes on."""
        for end, stage in zip(self.ends, self.stages, strict=True):
            if index < end:
                return stage
        return self.stages[-1]

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and label of line ``index``."""
        made = self.stage(index).make(index)
        return made.image, label(made.text.text, made.shares, made.image)


def label(text: str, shares: Sequence[float], image: npt.NDArray[np.uint8]) -> str:
    """Return the label of a line: its text, leaders no longer than their ink has output steps at height 32."""
    height, width = image.shape
    return fit_leaders(text, shares, _SPEC.time_steps(_SPEC.target_width(height, width, CEILING)))


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
        self._kept: OrderedDict[int, Rendered] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kept": OrderedDict()}

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and label of line ``index`` >= 0."""
        number = self.rendered_as(index)
        stage = self.lines.stage(number * self.uses)
        drawn = self._rendered(stage, number)
        rng = np.random.default_rng([stage.seed, _DEGRADE, index])
        image = degrade(drawn.image, rng, stage.recipe.degrade, dpi=drawn.dpi).image
        return image, label(drawn.text, drawn.shares, image)

    def rendered_as(self, index: int) -> int:
        """Return the number of the rendered line that line ``index`` is made from."""
        block, offset = divmod(index, self.block_lines)
        turn, lane = divmod(block, self.lanes)
        age, place = divmod(offset, self.chunk)
        return ((turn + self.uses - 1 - age) * self.lanes + lane) * self.chunk + place

    def _rendered(self, stage: LineSynth, number: int) -> Rendered:
        held = self._kept.get(number)
        if held is None:
            rng = np.random.default_rng([stage.seed, number])
            held = self._kept[number] = stage.draw(rng)[2]
            while len(self._kept) > self.block_lines + self.chunk:
                self._kept.popitem(last=False)
        return held
