"""A PDF file written object by object (ISO 32000-1, 7.5), so that memory never holds more than a page of it."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from nordocr.formats.pdf.font import ADVANCE, ASCENT, DESCENT, NAME, Codes, deflated, font_program, glyph_map


class PdfFile:
    """Writes objects to an open file; the same objects give the same bytes.

    Args:
        file: Empty, opened for writing in binary mode.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offsets: list[int] = []
        self._position = 0
        self._hash = hashlib.sha256()
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """Return the number of an object that will be written later."""
        self._offsets.append(0)
        return len(self._offsets)

    def write(self, body: str, number: int | None = None) -> int:
        """Write an object, under a reserved number or a new one, and return its number."""
        return self._object(body.encode("latin-1"), number)

    def stream(self, entries: str, data: bytes, number: int | None = None) -> int:
        """Write a stream whose dictionary has ``entries`` besides its length, and return its number."""
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self._object(head + data + b"\nendstream", number)

    def finish(self, root: int, info: int) -> None:
        """Write the table of objects and the trailer."""
        start = self._position
        identifier = self._hash.hexdigest()[:32].upper()
        rows = "".join(f"{offset:010d} 00000 n \n" for offset in self._offsets)
        count = len(self._offsets) + 1
        self._put(
            f"xref\n0 {count}\n0000000000 65535 f \n{rows}trailer\n<< /Size {count} /Root {root} 0 R "
            f"/Info {info} 0 R /ID [<{identifier}> <{identifier}>] >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
        )

    def _object(self, body: bytes, number: int | None) -> int:
        number = number or self.reserve()
        self._offsets[number - 1] = self._position
        self._put(f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n")
        return number

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._position += len(data)


def text_string(text: str) -> str:
    """Return a text as a PDF string: UTF-16 with its mark, in hexadecimal."""
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


def write_font(file: PdfFile, font: int, codes: Codes) -> None:
    """Write the font without a picture under the reserved number ``font``, with the map of the codes used."""
    program = font_program()
    embedded = file.stream(f"/Filter /FlateDecode /Length1 {len(program)}", deflated(program))
    to_glyphs = file.stream("/Filter /FlateDecode", deflated(glyph_map()))
    unicode = file.stream("/Filter /FlateDecode", deflated(codes.to_unicode()))
    descriptor = file.write(descriptor_entries(f"{embedded} 0 R"))
    descendant = file.write(descendant_entries(f"{descriptor} 0 R", f"{to_glyphs} 0 R"))
    file.write(font_entries(f"{descendant} 0 R", f"{unicode} 0 R"), font)


def descriptor_entries(program: str) -> str:
    """Return the font descriptor; ``program`` refers to the font's own file."""
    return (
        f"<< /Type /FontDescriptor /FontName /{NAME} /Flags 5 /FontBBox [0 {-DESCENT} {ADVANCE} {ASCENT}] "
        f"/ItalicAngle 0 /Ascent {ASCENT} /Descent {-DESCENT} /CapHeight {ASCENT} /StemV 80 /FontFile2 {program} >>"
    )


def descendant_entries(descriptor: str, to_glyphs: str) -> str:
    """Return the CIDFont."""
    return (
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{NAME} /FontDescriptor {descriptor} /DW {ADVANCE} "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap {to_glyphs} >>"
    )


def font_entries(descendant: str, unicode: str) -> str:
    """Return the composite font."""
    return (
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{NAME} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant}] /ToUnicode {unicode} >>"
    )
