"""A font file to verified faces: what each draws, its family and group, or the reason why it was refused."""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import ImageFont

from nordocr.synth.fonts.discover import face_count
from nordocr.synth.fonts.draw import SIZE, examine
from nordocr.synth.fonts.grouping import covered, group_of, refusal
from nordocr.synth.fonts.names import normalised_family, read_info

ALGORITHM: Final = 1
"""Raised with every change of what is measured or decided here, so that older caches are not believed."""

REQUIRED: Final = frozenset(string.digits + string.ascii_letters + "ÅÄÖØÆåäöøæ" + ".,:;-()/% ")
"""A face that does not truly draw all of these (as far as the charset has them) is not kept."""

TYPEWRITER_REQUIRED: Final = REQUIRED - frozenset(";()%")
"""The same for typewriters, many of which had no such keys."""


@dataclass(frozen=True)
class FaceRecord:
    """What is known of one face of a file. ``refused`` is empty for a face that is kept.

    ``family`` is normalised, ``style`` the font's own word, ``covered`` sorted characters. ``identity`` is equal for
    the same face in two formats; ``digest`` is of the file's bytes.
    """

    index: int
    family: str = ""
    style: str = ""
    group: str = ""
    covered: str = ""
    identity: str = ""
    digest: str = ""
    refused: str = ""


def verify_file(path: Path, characters: str) -> list[FaceRecord]:
    """Examine every face of ``path`` against ``characters``. Damaged files give one refused record, never an error."""
    try:
        content = path.read_bytes()
    except OSError:
        return [FaceRecord(0, refused="unreadable file")]
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    count = face_count(content[:12])
    del content
    return [_verify_face(path, index, characters, digest) for index in range(count)]


def _verify_face(path: Path, index: int, characters: str, digest: str) -> FaceRecord:
    # FreeType and fontTools raise a dozen unrelated classes on damaged tables; to us each means the same.
    try:
        info = read_info(path, index)
        if info.colour:
            return FaceRecord(index, refused="colour font")
        if not info.outline:
            return FaceRecord(index, refused="no outlines")
        if info.variable:
            return FaceRecord(index, refused="variable font")
        if not info.family:
            return FaceRecord(index, refused="no family name")
        font = ImageFont.truetype(str(path), SIZE, index=index, layout_engine=ImageFont.Layout.BASIC)
        drawing = examine(font, characters)
    except Exception:
        return FaceRecord(index, refused="unreadable file")
    needed = TYPEWRITER_REQUIRED & set(characters)
    if not needed <= drawing.drawn:
        return FaceRecord(index, refused="required characters missing")
    reason = refusal(info, drawing)
    if reason is not None:
        return FaceRecord(index, refused=reason)
    group = group_of(info, drawing)
    truly = covered(drawing, group)
    if group != "typewriter":
        needed = REQUIRED & set(characters)
    if not needed <= truly:
        return FaceRecord(index, refused="required characters drawn alike")
    identity = f"{info.family}|{info.style}|{info.weight}|{info.width}|{info.italic:d}".lower()
    family = normalised_family(info.family)
    return FaceRecord(index, family, info.style, group, "".join(sorted(truly)), identity, digest)
