"""Names of files that are not read, by their first bytes: a refusal that names the kind tells a user what to do."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

_HEIC, _HEIF, _AVIF, _JXL = "a HEIC image", "a HEIF image", "an AVIF image", "a JPEG XL image"
# Pillow's name of the decoder, and the extra of nordocr that brings it; a newer Pillow has that of AVIF.
_DECODERS: Final = {
    _HEIC: ("HEIF", 'pip install "nordocr[heif]"'),
    _HEIF: ("HEIF", 'pip install "nordocr[heif]"'),
    _AVIF: ("AVIF", 'pip install --upgrade "Pillow>=11.3"'),
    _JXL: ("JXL", 'pip install "nordocr[jxl]"'),
}

_KINDS: Final = (
    (0, b"8BPS", "a Photoshop document"),
    (0, b"AT&TFORM", "a DjVu file"),
    *((4, b"ftyp" + brand, _HEIC) for brand in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis")),
    *((4, b"ftyp" + brand, _HEIF) for brand in (b"mif1", b"msf1", b"mif2")),
    *((4, b"ftyp" + brand, _AVIF) for brand in (b"avif", b"avis")),
    (4, b"ftypqt  ", "a QuickTime film"),
    (4, b"ftyp", "a film"),
    (0, b"\xff\x0a", _JXL),
    (0, b"\0\0\0\x0cJXL ", _JXL),
    (0, b"\x97JB2", "a JBIG2 file"),
    (0, b"PK\x03\x04", "a zip archive or an office document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older office document"),
    (0, b"{\\rtf", "a rich text document"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<!DOCTYPE html", "an HTML page"),
    (0, b"<html", "an HTML page"),
    (0, b"version https://git-lfs", "a Git LFS pointer"),
)


def kind_of(head: bytes) -> str:
    """Return what kind of file begins so, with its article; empty for an unknown one.

    Args:
        head: The file's first 64 bytes or more.
    """
    for offset, sign, name in _KINDS:
        if head[offset : offset + len(sign)] == sign:
            return name
    return ""


def way_out(kind: str, decoders: Container[str]) -> str:
    """Return what to do about a file that was not read, as a clause.

    Args:
        kind: What :func:`kind_of` gave.
        decoders: Names of Pillow's decoders that are there.
    """
    decoder, command = _DECODERS.get(kind, ("", ""))
    if not decoder:
        return "convert it to TIFF, PNG or PDF"
    return "it is damaged" if decoder in decoders else f"its decoder is missing: {command}"
