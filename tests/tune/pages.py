"""Scans of a made-up archive: pages of Swedish lines in one serif face that leans backwards, which nano reads badly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.tune.conftest import LONGEST, leaning

from nordocr.charset import CHARSETS
from nordocr.errors import DataInvalid
from nordocr.synth.fonts.pool import Face
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

LEANING = 0.5
_SIZE, _PITCH, _MARGIN, _WIDTH = 38, 84, 90, 1000


def write_scans(folder: Path, names: Sequence[str], lines: int, seed: int) -> dict[str, list[str]]:
    """Write ``NAME.png`` for each name, a page of so many lines; gives the lines' texts, from the top."""
    recipe = load_synth_recipe("clean").with_fonts(split="all", shares={"serif": 1.0})
    shares = {"sentences": 0.5, "words": 0.5}
    recipe = recipe.with_text(shares=shares, languages={"sv": 1.0}, max_chars=LONGEST, min_chars=12)
    try:
        synth = LineSynth(recipe, seed, CHARSETS["nordic-ext"])
        face = next(one for one in synth.pool.faces if "liberation serif" in one.family and one.style == "Regular")
    except (DataInvalid, StopIteration):
        pytest.skip("Liberation Serif is not installed")
    rng, truth = np.random.default_rng(seed), dict[str, list[str]]()
    folder.mkdir(parents=True)
    for name in names:
        truth[name] = []
        while len(truth[name]) < lines:
            text = " ".join(synth.texts.sample(rng).text.split())
            if 12 <= len(text) <= LONGEST and set(text) <= face.covered | {" "}:
                truth[name].append(text)
        Image.fromarray(_page(truth[name], face)).save(folder / f"{name}.png", dpi=(200, 200))
    return truth


def _page(texts: Sequence[str], face: Face) -> npt.NDArray[np.uint8]:
    """The texts below each other, black on white."""
    page = np.full((2 * _MARGIN + _PITCH * len(texts), _WIDTH), 255, np.uint8)
    font = ImageFont.truetype(face.path, _SIZE, index=face.index)
    for number, text in enumerate(texts):
        drawn = Image.new("L", (_WIDTH - 2 * _MARGIN - _PITCH, _PITCH), 255)
        ImageDraw.Draw(drawn).text((8, 12), text, fill=0, font=font)
        line = leaning(np.asarray(drawn, np.uint8), LEANING)
        top = _MARGIN + number * _PITCH
        page[top : top + _PITCH, _MARGIN : _MARGIN + line.shape[1]] = line
    return np.where(page > 140, 255, 0).astype(np.uint8)
