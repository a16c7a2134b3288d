"""Lines that guard what a model could read before: synthetic ones, clean and scanned, in faces never trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nordocr.charset import Charset
from nordocr.data.labels import TABLE
from nordocr.synth.recipe import load_synth_recipe
from nordocr.synth.write import write_lines

KINDS: Final = ("clean", "scans")
"""The synthetic recipes of the guard, whose names are the sets' names."""

_SEED: Final = 0x6A4D


def write_guard(folder: Path, lines: int, charset: Charset) -> dict[str, Path]:
    """Write the guard's labels folders, unless they are there.

    Args:
        folder: Where to.
        lines: Lines of each kind.
        charset: The model's.

    Returns:
        The folders by their names.

    Raises:
        DataInvalid: This machine has no usable font.
        OutputUnwritable: A folder cannot be written.
    """
    found: dict[str, Path] = {}
    for kind in KINDS:
        found[kind] = folder / kind
        if not (folder / kind / TABLE).is_file():
            recipe = load_synth_recipe(kind).with_fonts(split="validation")
            write_lines(folder / kind, recipe, seed=_SEED, count=lines, charset=charset)
    return found
