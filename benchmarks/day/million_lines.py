"""A labelled LMDB of any size from a few drawn lines, to measure what size alone costs.

``python benchmarks/day/million_lines.py FOLDER --lines 1000000`` writes lines of ``--drawn`` different images, each
with its own text, 1-bit PNG as scans give them, as documents of 200 lines.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from nordocr.data.lmdb import Line, write_lmdb
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

PER_DOCUMENT = 200
"""Lines of one document."""


def drawn_lines(count: int, seed: int = 1) -> list[tuple[bytes, str]]:
    """Return the first ``count`` lines of the synthetic recipe ``first``: 1-bit PNG bytes and text."""
    source = LineSynth(load_synth_recipe("first"), seed)
    lines = []
    for index in range(count):
        image, text = source.line(index)
        buffer = io.BytesIO()
        Image.fromarray(np.asarray(image > 127)).save(buffer, "PNG")
        lines.append((buffer.getvalue(), text))
    return lines


def repeated(drawn: list[tuple[bytes, str]], count: int) -> Iterator[Line]:
    """Yield ``count`` lines: those of ``drawn`` in turn, :data:`PER_DOCUMENT` to a document."""
    for index in range(count):
        data, text = drawn[index % len(drawn)]
        yield data, text, f"report-{index // PER_DOCUMENT:05d}"


def main() -> None:
    """Write the LMDB and say how large it became."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--drawn", type=int, default=64)
    options = parser.parse_args()
    started = time.monotonic()
    count = write_lmdb(options.folder, repeated(drawn_lines(options.drawn), options.lines))
    size = (options.folder / "data.mdb").stat().st_size
    print(f"{count} lines, {size / 1e9:.2f} GB, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
