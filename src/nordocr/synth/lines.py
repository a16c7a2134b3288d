"""The line engine: line i of a seed has the same bytes in any process, in any order, for any number of workers."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.charset import NORDIC_126, Charset
from nordocr.errors import DataInvalid
from nordocr.synth.corpora import Text, TextMixture
from nordocr.synth.degrade import degrade
from nordocr.synth.fonts import Face, FontPool, load_pool
from nordocr.synth.recipe import SynthRecipe
from nordocr.synth.render import Rendered, render_line

_FIXED_PITCH: Final = ("monospace", "typewriter")
_TRIES: Final = 20
"""Texts drawn for one that some face draws, before a pool is said to be too poor."""


@dataclass(frozen=True)
class SynthLine:
    """One line and how it was made, for contact sheets and statistics.

    Attributes:
        image: uint8 ``[H, W]`` gray.
        text: Its label with source and language.
        face: The font face.
        tags: What was drawn and which degradations were applied.
        shares: The share of the image's width that each character of the label takes.
    """

    image: npt.NDArray[np.uint8]
    text: Text
    face: Face
    tags: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def bilevel(self) -> bool:
        """Whether the line ended 1-bit, with only 0 and 255 in it."""
        return "1-bit" in self.tags


class LineSynth:
    """Makes line ``i`` of a recipe and seed. Cheap to pickle: a process loads fonts and word lists on first use.

    Args:
        recipe: Text, fonts, drawing and degradation.
        seed: Seed >= 0.
        charset: The characters that labels may hold.
    """

    def __init__(self, recipe: SynthRecipe, seed: int, charset: Charset = NORDIC_126) -> None:
        self.recipe = recipe
        self.seed = seed
        self.charset = charset

    def __getstate__(self) -> dict[str, object]:
        return {"recipe": self.recipe, "seed": self.seed, "charset": self.charset}

    @cached_property
    def pool(self) -> FontPool:
        """The verified faces, thinned to ``recipe.max_faces``."""
        pool = load_pool(self.recipe.fonts, self.charset)
        limit = self.recipe.max_faces
        if limit is None or limit >= len(pool.faces):
            return pool
        keep = np.linspace(0, len(pool.faces) - 1, limit).astype(int)
        return FontPool(tuple(pool.faces[i] for i in keep), self.recipe.fonts.shares)

    @cached_property
    def fixed_pitch(self) -> FontPool:
        """The monospaced and typewriter faces of the pool, perhaps none."""
        faces = [face for face in self.pool.faces if face.group in _FIXED_PITCH]
        return FontPool(faces, self.recipe.fonts.shares)

    @cached_property
    def texts(self) -> TextMixture:
        """The text mixture."""
        return TextMixture(self.recipe.text, self.charset)

    def make(self, index: int) -> SynthLine:
        """Return line ``index`` >= 0 with its history.

        Raises:
            DataInvalid: If no face of the pool draws any of twenty texts.
        """
        rng = np.random.default_rng([self.seed, index])
        text, face, rendered = self.draw(rng)
        degraded = degrade(rendered.image, rng, self.recipe.degrade, dpi=rendered.dpi)
        return SynthLine(degraded.image, text, face, (*rendered.tags, *degraded.steps), rendered.shares)

    def draw(self, rng: np.random.Generator) -> tuple[Text, Face, Rendered]:
        """Return a line as it was printed, before it is scanned: its text, its face and its image."""
        text, face = self._drawable(rng)
        context = self.texts.sample
        return text, face, render_line(text.text, face, rng, self.recipe.render, context=lambda r: context(r).text)

    def _drawable(self, rng: np.random.Generator) -> tuple[Text, Face]:
        """A text and a face that draws all of it: where no face of a small pool does, another text is drawn."""
        for attempt in itertools.count(1):
            text = self.texts.sample(rng)
            share = self.recipe.fixed_pitch_figures if text.source == "numbers" else 0.0
            if share and rng.random() < share:
                with contextlib.suppress(DataInvalid):
                    return text, self.fixed_pitch.sample(rng, text.text)
            try:
                return text, self.pool.sample(rng, text.text)
            except DataInvalid:
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and text of line ``index``."""
        made = self.make(index)
        return made.image, made.text.text
