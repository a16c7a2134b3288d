"""Lines for the loop's tests: printed ones, and the same face leaning backwards, which nano reads badly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from nordocr.charset import CHARSETS
from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelRow, write_labels
from nordocr.errors import DataInvalid
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

LONGEST = 28
"""Characters of a line: a line's cost is its width."""

Archive = Callable[..., Path]


def leaning(image: npt.NDArray[np.uint8], by: float) -> npt.NDArray[np.uint8]:
    """The line sheared so that it leans backwards by ``by`` of its height."""
    height, width = image.shape
    more = int(by * height) + 2
    moved = cv2.warpAffine(
        image,
        np.array([[1, by, 0], [0, 1, 0]], np.float32),
        (width + more, height),
        flags=cv2.INTER_AREA,
        borderValue=int(np.median(image)),
    )
    return np.asarray(moved, dtype=np.uint8)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Makes a labels folder: so many documents of so many lines, leaning by so much; the same for the same seed."""

    def made(name: str, documents: int, lines: int, seed: int, by: float = 0.0) -> Path:
        folder = tmp_path_factory.mktemp("archives") / name
        (folder / IMAGES).mkdir(parents=True)
        shares = {"sentences": 0.5, "words": 0.5}
        recipe = load_synth_recipe("clean").with_fonts(split="all", shares={"serif": 1.0})
        recipe = recipe.with_text(shares=shares, languages={"sv": 1.0}, max_chars=LONGEST, min_chars=6)
        try:
            synth = LineSynth(recipe, seed, CHARSETS["nordic-ext"])
            rows = []
            for number in range(documents * lines):
                image, text = synth.line(number)
                file = f"{number:04d}.png"
                (folder / IMAGES / file).write_bytes(encode_png(leaning(image, by) if by else image))
                document = f"{name}-{number // lines:02d}"
                rows.append(LabelRow(file, text, folder / IMAGES / file, 0, source=document, page="1"))
        except DataInvalid:
            pytest.skip("no usable font on this system")
        write_labels(folder, rows)
        return folder

    return made
