"""Names of files that are not read, by their first bytes: a refusal that names the kind tells a user what to do."""

from __future__ import annotations

from typing import Final

_KINDS: Final = (
    (0, b"8BPS", "a Photoshop document"),
    (0, b"AT&TFORM", "a DjVu file"),
    (4, b"ftypheic", "a HEIC image"),
    (4, b"ftypheix", "a HEIC image"),
    (4, b"ftypmif1", "a HEIF image"),
    (4, b"ftypavif", "an AVIF image"),
    (0, b"\xff\x0a", "a JPEG XL image"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image"),
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
