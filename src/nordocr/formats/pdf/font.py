"""A font without a picture: every character is a glyph without area, half an em wide, and knows its Unicode.

Searchable text needs no shapes, but it needs every character: a standard font has no ž and no €, and an embedded one
costs a hundred kilobytes. So the font is a composite one (ISO 32000-1, 9.7) of two glyphs, onto whose second all codes
are mapped; a ToUnicode map says what each code means. The idea is Tesseract's.

That glyph is a line from corner to corner of its box, which encloses nothing. It must have a box: PDFium, and so
Chromium, takes a word of one character for nothing where that character's glyph is empty.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from typing import Final

ADVANCE: Final = 500
"""Width of every character, in thousandths of an em."""

ASCENT, DESCENT = 800, 200
"""What a line reaches above and below its baseline, in thousandths of an em."""

NAME: Final = "NordocrGlyphless"

_EM: Final = 1000
_REPLACEMENT: Final = 0xFFFD
# Codes of characters beyond the 16 bits of a code; Unicode itself assigns nothing there.
_BEYOND: Final = 0xD800
_MOST_BEYOND: Final = 0x800
# A CMap section holds this many mappings at most (Adobe Technical Note 5411).
_SECTION: Final = 100


class Codes:
    """The two-byte codes of the characters in one file: a character's own number where that has 16 bits."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}
        self._beyond = 0

    def encode(self, text: str) -> str:
        """Return a text as a PDF hex string; control characters and half surrogates become U+FFFD."""
        return f"<{''.join(f'{self._of(character):04X}' for character in text)}>"

    def to_unicode(self) -> bytes:
        """Return the CMap that gives the characters of all codes used so far."""
        pairs = sorted((code, character) for character, code in self._code.items())
        parts = [_CMAP_HEAD]
        for start in range(0, len(pairs), _SECTION):
            section = pairs[start : start + _SECTION]
            parts.append(f"{len(section)} beginbfchar\n")
            parts += [f"<{code:04X}> <{c.encode('utf-16-be').hex().upper()}>\n" for code, c in section]
            parts.append("endbfchar\n")
        return "".join([*parts, _CMAP_TAIL]).encode("ascii")

    def _of(self, character: str) -> int:
        code = self._code.get(character)
        if code is None:
            character = chr(_REPLACEMENT) if unicodedata.category(character) in ("Cc", "Cs") else character
            code = ord(character)
            if code > 0xFFFF:
                code = _BEYOND + self._beyond if self._beyond < _MOST_BEYOND else _REPLACEMENT
                self._beyond += 1
            self._code[chr(_REPLACEMENT) if code == _REPLACEMENT else character] = code
        return code


_CMAP_HEAD: Final = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_TAIL: Final = """\
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def glyph_map() -> bytes:
    """Return the map from codes to glyphs: all 65,536 to glyph 1."""
    return b"\x00\x01" * 0x10000


def font_program() -> bytes:
    """Return a TrueType font of two glyphs, an empty one and one without area."""
    glyph = struct.pack(
        ">hhhhhHHBBhBhx",
        1, 0, -DESCENT, ADVANCE, ASCENT,  # one contour, its box
        1, 0,  # its last point, no instructions
        0x15, 0x01, ADVANCE, DESCENT, ASCENT + DESCENT,  # flags, then steps across and up from point to point
    )  # fmt: skip
    tables = {
        b"glyf": glyph,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0b1011, _EM, 0, 0, 0, -DESCENT, ADVANCE, ASCENT, 0, 8, 2, 0, 0,
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x00010000, ASCENT, -DESCENT, 0, ADVANCE, *[0] * 11, 1),
        b"hmtx": struct.pack(">Hhh", ADVANCE, 0, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 2, 2, 1, 0, 0, 2, *[0] * 8),
        b"post": struct.pack(">IIhhIIIII", 0x00030000, 0, -100, 50, 1, 0, 0, 0, 0),
    }  # fmt: skip
    power = len(tables).bit_length() - 1
    directory = struct.pack(">IHHHH", 0x00010000, len(tables), 16 << power, power, 16 * len(tables) - (16 << power))
    offset, body = len(directory) + 16 * len(tables), b""
    for tag, table in sorted(tables.items()):
        padded = table + bytes(-len(table) % 4)
        directory += struct.pack(">4sIII", tag, _sum(padded), offset + len(body), len(table))
        body += padded
    font = directory + body
    # The whole font's checksum is made right by a field of the head table, 8 bytes into it.
    at = font.index(tables[b"head"]) + 8
    return font[:at] + struct.pack(">I", (0xB1B0AFBA - _sum(font)) & 0xFFFFFFFF) + font[at + 4 :]


def _sum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}I", data)
    return sum(words) & 0xFFFFFFFF


def deflated(data: bytes) -> bytes:
    """Return the data compressed for FlateDecode."""
    return zlib.compress(data, 9)
