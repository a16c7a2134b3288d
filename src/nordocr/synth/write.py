"""Synthetic lines as a labels folder, made by several processes; the bytes do not depend on their number."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from nordocr.charset import NORDIC_126, Charset
from nordocr.data.labels import IMAGES, LabelRow, write_labels
from nordocr.errors import OutputUnwritable
from nordocr.files import write_whole
from nordocr.linespec import LineSpec
from nordocr.orphans import end_with_parent
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import SynthRecipe

_CHUNK = 64


def write_lines(
    out: Path,
    recipe: SynthRecipe,
    *,
    seed: int,
    count: int,
    charset: Charset = NORDIC_126,
    workers: int = 0,
    progress: Callable[[int], None] = lambda lines: None,
) -> Path:
    """Write lines 0 to ``count`` - 1 of a recipe and seed as a labels folder.

    Images are 8-bit gray PNG, or 1-bit where the line ended bilevel. A row's ``source`` is the font family, so that a
    split by source has no family on both sides.

    Args:
        out: The folder to write.
        recipe: The recipe.
        seed: Seed >= 0.
        count: Number of lines.
        charset: The characters that texts may hold.
        workers: Processes; 0 makes the lines in this one.
        progress: Called with the number of lines just finished.

    Returns:
        Path of ``labels.tsv``.

    Raises:
        OutputUnwritable: If the folder or a file cannot be written.
        DataInvalid: As :meth:`LineSynth.make`.
    """
    try:
        (out / IMAGES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(f"The folder {out} cannot be made: {error.strerror}.") from error
    synth = LineSynth(recipe, seed, charset)
    chunks = [range(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK)]
    rows: list[LabelRow] = []
    for made in _made(synth, out / IMAGES, chunks, workers):
        rows += made
        progress(len(made))
    return write_labels(out, rows)


def _made(synth: LineSynth, folder: Path, chunks: list[range], workers: int) -> Iterator[list[LabelRow]]:
    if not workers:
        yield from (_write_chunk(synth, folder, chunk) for chunk in chunks)
        return
    if chunks:
        # On a new machine this verifies the fonts once; the workers then read the cache.
        _ = synth.pool
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(synth, folder)) as executor:
        yield from executor.map(_write_own_chunk, chunks)


_own: tuple[LineSynth, Path] | None = None


def _start(synth: LineSynth, folder: Path) -> None:
    """Give a worker its line engine once, so that fonts and word lists are loaded once."""
    global _own
    end_with_parent()
    cv2.setNumThreads(1)
    _own = (synth, folder)


def _write_own_chunk(chunk: range) -> list[LabelRow]:
    assert _own is not None
    return _write_chunk(*_own, chunk)


def _write_chunk(synth: LineSynth, folder: Path, chunk: range) -> list[LabelRow]:
    rows = []
    spec = LineSpec()
    for index in chunk:
        made = synth.make(index)
        name = f"{index:08d}.png"
        bilevel = made.bilevel
        options = [cv2.IMWRITE_PNG_BILEVEL, 1] if bilevel else []
        encoded, data = cv2.imencode(".png", made.image, options)
        if not encoded:
            raise OutputUnwritable(f"Line {index} could not be encoded as PNG.")
        write_whole(folder / name, np.asarray(data).tobytes())
        height, width = made.image.shape
        natural = round(width * spec.height / height)
        rows.append(LabelRow(name, made.text.text, folder / name, index + 2, source=made.face.family, width=natural))
    return rows
