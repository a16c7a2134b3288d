"""Contact sheets: one picture of many synthetic lines, grouped by how they were degraded, each with its label."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nordocr.errors import OutputUnwritable
from nordocr.linespec import LineSpec, UInt8Array, prepare
from nordocr.synth.degrade import STORY_NAMES
from nordocr.synth.lines import LineSynth, SynthLine

_WIDTH: Final = 1400
_CAPTION: Final = 16
_GAP: Final = 6
_TALLEST: Final = 80


def contact_sheet(synth: LineSynth, count: int, *, as_seen: bool = False) -> UInt8Array:
    """Return ``count`` lines as one gray picture, uint8 ``[H, 1400]``, sorted by the scanner story that degraded them.

    Under each line stand its text, its source and font, and what was applied.

    Args:
        synth: The line engine.
        count: Lines, from line 0 on.
        as_seen: Show lines at the 32 px that a recogniser sees, not at their own resolution (at most 80 px high).
    """
    groups: dict[str, list[SynthLine]] = defaultdict(list)
    for index in range(count):
        made = synth.make(index)
        story = next((tag for tag in made.tags if tag in STORY_NAMES), "clean")
        groups[story].append(made)
    lines = [line for story in sorted(groups) for line in groups[story]]
    plain = next((face for face in synth.pool.faces if face.group == "sans"), synth.pool.faces[0])
    font = ImageFont.truetype(plain.path, 11, index=plain.index)
    rows = [_row(line, font, as_seen=as_seen) for line in lines]
    return np.vstack(rows) if rows else np.full((_CAPTION, _WIDTH), 255, np.uint8)


def write_sheet(path: Path, synth: LineSynth, count: int, *, as_seen: bool = False) -> None:
    """Write :func:`contact_sheet` as PNG.

    Raises:
        OutputUnwritable: If the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(contact_sheet(synth, count, as_seen=as_seen)).save(path, "PNG")
    except OSError as error:
        raise OutputUnwritable(f"The contact sheet {path} cannot be written: {error}.") from error


def _row(line: SynthLine, font: ImageFont.FreeTypeFont, *, as_seen: bool) -> UInt8Array:
    image = prepare(line.image, LineSpec()).pixels if as_seen else line.image
    scale = min(1.0, _TALLEST / image.shape[0], (_WIDTH - 2 * _GAP) / image.shape[1])
    if scale < 1.0:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    row = np.full((image.shape[0] + _CAPTION + 2 * _GAP, _WIDTH), 225, dtype=np.uint8)
    row[_GAP : _GAP + image.shape[0], _GAP : _GAP + image.shape[1]] = image
    canvas = Image.fromarray(row)
    caption = f"{line.text.text}   [{line.text.source} {line.text.language}; {line.face.family}; {' '.join(line.tags)}]"
    ImageDraw.Draw(canvas).text((_GAP, image.shape[0] + _GAP), caption, fill=60, font=font)
    return np.asarray(canvas, dtype=np.uint8)
