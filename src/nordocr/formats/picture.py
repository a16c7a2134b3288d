"""Pictures of pages with their results: boxes and reading order on the left, texts in their places on the right."""

from __future__ import annotations

import contextlib
import functools
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from nordocr.results import BBox, Line, Page

MOST_PIXELS: Final = 2_400
"""The longer side of the page in the picture; larger pages are shrunk."""

_ORDER: Final = (60, 110, 220)
_WORD: Final = (170, 170, 170)
_SURE, _UNSURE = np.array([20, 140, 60]), np.array([220, 40, 30])
# Below this confidence a box is wholly the colour of doubt.
_DOUBT: Final = 0.5
_GUTTER: Final = 16
_NUMBER_SIZE: Final = 15
# Fonts with the Nordic letters that Linux, Windows and macOS have, looked for where the system keeps its fonts.
_FONTS: Final = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "arial.ttf", "Arial.ttf")
_PLAIN: Final = str.maketrans("ØøÆæÐðÞþ–—‘’“”", "OoAaDdTt--''\"\"")


def picture(pixels: npt.NDArray[np.uint8], page: Page) -> Image.Image:
    """Draw a page and what was read on it, side by side.

    A line's box is green where the recogniser is confident and red where it is not. A blue path through the numbered
    lines is their reading order; gray boxes are words.

    Args:
        pixels: The page, uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.
        page: Its result.

    Returns:
        An RGB picture, at most :data:`MOST_PIXELS` high or twice that wide.
    """
    scale = min(1.0, MOST_PIXELS / max(page.width, page.height, 1))
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    scan = Image.fromarray(pixels).convert("RGB").resize(size, Image.Resampling.BOX if scale < 1 else None)
    sheet = Image.new("RGB", (2 * size[0] + _GUTTER, size[1]), "white")
    sheet.paste(scan, (0, 0))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((size[0], 0, size[0] + _GUTTER - 1, size[1]), fill=(225, 225, 225))
    _draw_order(draw, page, scale)
    for number, line in enumerate(page.lines, 1):
        for word in line.words:
            draw.rectangle(_corners(word.bbox, scale), outline=_WORD)
        colour = _colour(line.confidence)
        draw.rectangle(_corners(line.bbox, scale), outline=colour, width=2)
        _draw_number(draw, number, line.bbox, scale, colour)
        _draw_text(sheet, line, scale, size[0] + _GUTTER, colour)
    return sheet


def _corners(box: BBox, scale: float) -> tuple[float, float, float, float]:
    left, top = box.x * scale, box.y * scale
    return left, top, max(left, (box.x + box.width) * scale - 1), max(top, (box.y + box.height) * scale - 1)


def _colour(confidence: float) -> tuple[int, int, int]:
    sure = min(1.0, max(0.0, (confidence - _DOUBT) / (1.0 - _DOUBT)))
    red, green, blue = (int(value) for value in (sure * _SURE + (1 - sure) * _UNSURE).round())
    return red, green, blue


def _draw_order(draw: ImageDraw.ImageDraw, page: Page, scale: float) -> None:
    path = [((b.x + b.width / 2) * scale, (b.y + b.height / 2) * scale) for b in (line.bbox for line in page.lines)]
    if len(path) > 1:
        draw.line(path, fill=_ORDER, width=1)


def _draw_number(draw: ImageDraw.ImageDraw, number: int, box: BBox, scale: float, colour: tuple[int, int, int]) -> None:
    text, font = str(number), _font(_NUMBER_SIZE)
    left, top, right, bottom = font.getbbox(text)
    x, y = max(0.0, box.x * scale - (right - left) - 6), box.y * scale
    draw.rectangle((x, y, x + right - left + 4, y + bottom - top + 4), fill=colour)
    draw.text((x + 2 - left, y + 2 - top), text, fill="white", font=font)


def _draw_text(sheet: Image.Image, line: Line, scale: float, offset: int, colour: tuple[int, int, int]) -> None:
    """Draw the line's text in its box: as high as the box allows, narrowed if it is too long."""
    left, top, right, bottom = _corners(line.bbox, scale)
    wide, high = max(1, round(right - left)), max(1, round(bottom - top))
    if not line.text.strip():
        return
    font = _font(max(6, min(120, round(0.72 * high))))
    text = _drawable(line.text)
    box = font.getbbox(text)
    layer = Image.new("L", (max(1, round(box[2] - box[0])), max(high, round(box[3] - min(0, box[1])))), 0)
    ImageDraw.Draw(layer).text((-box[0], -min(0, box[1])), text, fill=255, font=font)
    if layer.width > wide:
        layer = layer.resize((wide, layer.height), Image.Resampling.BOX)
    ink = Image.new("RGB", layer.size, tuple(int(0.7 * value) for value in colour))
    sheet.paste(ink, (offset + round(left), round(top)), layer)


@functools.lru_cache(maxsize=128)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    name = _usable_font()
    return ImageFont.load_default(size) if name is None else ImageFont.truetype(name, size)


@functools.cache
def _usable_font() -> str | None:
    for name in _FONTS:
        with contextlib.suppress(OSError):
            ImageFont.truetype(name, _NUMBER_SIZE)
            return name
    return None


def _drawable(text: str) -> str:
    """Return the text as the font can draw it: Pillow's own has no letters with marks, so they lose them."""
    if _usable_font() is not None:
        return text
    plain = text.translate(_PLAIN)
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
