"""Fonts made from the sans that Pillow carries, then spoilt in the ways that real fonts are."""

from __future__ import annotations

import io
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from PIL import ImageFont

# Letter: parts as (character, dx, dy, scale).
PARTS = {
    "Å": [("A", 0, 0, 1.0), ("°", 140, 330, 0.8)],
    "Ä": [("A", 0, 0, 1.0), (".", 120, 800, 1.0), (".", 320, 800, 1.0)],
    "Ö": [("O", 0, 0, 1.0), (".", 150, 800, 1.0), (".", 370, 800, 1.0)],
    "Ø": [("O", 0, 0, 1.0), ("/", 170, 0, 1.0)],
    "Æ": [("A", 0, 0, 1.0), ("E", 420, 0, 1.0)],
    "å": [("a", 0, 0, 1.0), ("°", 100, 150, 0.8)],
    "ä": [("a", 0, 0, 1.0), (".", 60, 620, 1.0), (".", 280, 620, 1.0)],
    "ö": [("o", 0, 0, 1.0), (".", 80, 620, 1.0), (".", 300, 620, 1.0)],
    "ø": [("o", 0, 0, 1.0), ("/", 120, 0, 0.8)],
    "æ": [("a", 0, 0, 1.0), ("e", 450, 0, 1.0)],
    "Ð": [("D", 0, 0, 1.0), ("-", -60, 60, 1.0)],
}


def base_font(family: str, style: str = "Regular") -> TTFont:
    """Aileron with Nordic letters put together from its own glyphs."""
    plain = ImageFont.load_default(40)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    font = TTFont(io.BytesIO(plain.path.getvalue()), recalcTimestamp=False)
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    order = font.getGlyphOrder()
    made = {}
    for letter, parts in PARTS.items():
        pen = TTGlyphPen(None)
        for part, dx, dy, scale in parts:
            record = DecomposingRecordingPen(glyphs)
            glyphs[cmap[ord(part)]].draw(record)
            record.replay(TransformPen(pen, (scale, 0, 0, scale, dx, dy)))
        made[letter] = (pen.glyph(), font["hmtx"][cmap[ord(parts[0][0])]])
    for letter, (glyph, metrics) in made.items():
        name = f"made{ord(letter):04X}"
        order.append(name)
        font["glyf"][name] = glyph
        font["hmtx"][name] = metrics
        point(font, letter, name)
    font.setGlyphOrder(order)
    rename(font, family, style)
    return font


def point(font: TTFont, character: str, glyph: str | None) -> None:
    for table in font["cmap"].tables:
        if table.isUnicode():
            if glyph is None:
                table.cmap.pop(ord(character), None)
            else:
                table.cmap[ord(character)] = glyph


def same_glyph(font: TTFont, character: str, as_drawn: str) -> None:
    point(font, character, font.getBestCmap()[ord(as_drawn)])


def rename(font: TTFont, family: str, style: str) -> None:
    font["name"].names = []
    for number, text in ((1, family), (2, style)):
        font["name"].setName(text, number, 3, 1, 0x409)


def fixed_pitch(font: TTFont) -> None:
    for name in font.getGlyphOrder():
        font["hmtx"][name] = (700, font["hmtx"][name][1])


def save(font: TTFont, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)


def spoilt(kind: str) -> TTFont:
    font = base_font("Spoilt " + kind)
    if kind == "missing":
        point(font, "ø", None)
    elif kind == "notdef":
        point(font, "ø", ".notdef")
    elif kind == "blank":
        point(font, "ø", font.getBestCmap()[ord(" ")])
    elif kind == "alike":
        same_glyph(font, "å", "a")
    elif kind == "cyrillic":
        for letter, other in zip("ÅÄÖåäö", "EWXewx", strict=True):
            name = f"other{ord(letter):04X}"
            pen = TTGlyphPen(None)
            record = DecomposingRecordingPen(font.getGlyphSet())
            font.getGlyphSet()[font.getBestCmap()[ord(other)]].draw(record)
            record.replay(TransformPen(pen, (1, 0, 0, 1.02, 5, 0)))
            metrics = font["hmtx"][font.getBestCmap()[ord(other)]]
            font.setGlyphOrder([*font.getGlyphOrder(), name])
            font["glyf"][name] = pen.glyph()
            font["hmtx"][name] = metrics
            point(font, letter, name)
    elif kind == "capitals":
        for letter in "abcdefghijklmnopqrstuvwxyz":
            name = font.getBestCmap()[ord(letter)]
            pen = TTGlyphPen(None)
            record = DecomposingRecordingPen(font.getGlyphSet())
            font.getGlyphSet()[font.getBestCmap()[ord(letter.upper())]].draw(record)
            record.replay(TransformPen(pen, (0.75, 0, 0, 0.75, 0, 0)))
            font["glyf"][name] = pen.glyph()
    elif kind == "symbol":
        rename(font, "Fine Symbol", "Regular")
    elif kind == "shapes":
        # Every letter another one's shape: what a dingbat font is to a reader.
        cmap = dict(font.getBestCmap())
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
        for i, letter in enumerate(letters):
            point(font, letter, cmap[ord(letters[(i + 7) % 52])])
    return font
