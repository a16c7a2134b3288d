"""The pool made small enough to travel: every face cut down to the charset with ``fontTools.subset``.

Kept: outlines, kerning and standard ligatures, the names and OS/2 fields that grouping rests on. Dropped: hints, all
other tables, languages and features. Each face is verified by rendering again after it was written, by the same code
that took it into the pool, and left out where family, group or coverage came out otherwise.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fontTools import subset
from fontTools.ttLib import TTFont, newTable

from nordocr.charset import Charset
from nordocr.errors import DataInvalid, OutputUnwritable
from nordocr.files import write_whole
from nordocr.synth.fonts.config import FontConfig
from nordocr.synth.fonts.names import read_info, words
from nordocr.synth.fonts.pool import Face, FontPool, load_pool
from nordocr.synth.fonts.verify import verify_file

INDEX: Final = "index.json"
"""The file beside the packed fonts that lists them; loading does not need it, the next ``pack`` and people do."""

_TABLES: Final = frozenset(
    [
        "head",
        "hhea",
        "maxp",
        "OS/2",
        "hmtx",
        "cmap",
        "name",
        "post",
        "glyf",
        "loca",
        "CFF ",
        "GPOS",
        "GSUB",
        "GDEF",
        "kern",
    ]
)
_FORMAT: Final = 1
_WINDOWS_ENGLISH: Final = (3, 1, 0x409)


@dataclass(frozen=True)
class PackReport:
    """What ``pack`` wrote: number of faces, bytes of the font files, bytes of the folder as ``.tar.gz``.

    ``refused`` counts the faces left out by reason.
    """

    folder: Path
    faces: int
    file_bytes: int
    archive_bytes: int
    refused: dict[str, int]


def pack(
    pool_or_config: FontPool | FontConfig,
    charset: Charset,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
) -> PackReport:
    """Write the faces of a pool into folder ``out``, subsetted to ``charset``; the same fonts give the same bytes.

    From a configuration both sides of the hold-out are packed, whatever its ``split``: which side a family is on goes
    by its name, so it is the same on the other machine. ``out`` may be new, empty, or an earlier pack, which is
    replaced; else :class:`OutputUnwritable`. ``progress`` is called with (faces done, faces in all). Raises
    :class:`DataInvalid` where no face could be packed.
    """
    pool = pool_or_config
    if isinstance(pool, FontConfig):
        pool = load_pool(pool.model_copy(update={"split": "all"}), charset)
    _prepare(out)
    refused: Counter[str] = Counter()
    listed: list[dict[str, Any]] = []
    for done, face in enumerate(pool.faces, start=1):
        try:
            content, suffix = _subset(face)
        except Exception:  # fontTools raises many unrelated classes on odd tables; each means: not this face
            refused["could not be subsetted"] += 1
        else:
            reason, entry = _write(face, content, suffix, charset, out)
            if reason:
                refused[reason] += 1
            else:
                listed.append(entry)
        if progress is not None:
            progress(done, len(pool.faces))
    if not listed:
        raise DataInvalid(f"No font could be packed into {out}.")
    index = {"format": _FORMAT, "charset": charset.name, "characters": charset.characters, "faces": listed}
    write_whole(out / INDEX, json.dumps(index, ensure_ascii=False, indent=1) + "\n")
    size = sum(int(entry["bytes"]) for entry in listed)
    return PackReport(out, len(listed), size, _archive_bytes(out, listed), dict(sorted(refused.items())))


def _prepare(out: Path) -> None:
    """Make ``out`` an empty folder; only files that an earlier index lists are removed."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not any(out.iterdir()):
            return
        index = json.loads((out / INDEX).read_text(encoding="utf-8"))
        names = [str(face["file"]) for face in index["faces"]]
        for name in names:
            if Path(name).name == name:
                (out / name).unlink(missing_ok=True)
        (out / INDEX).unlink()
    except (ValueError, KeyError, TypeError, FileNotFoundError) as error:
        raise OutputUnwritable(f"Folder {out} is not empty and holds no earlier font pack.") from error
    except OSError as error:
        raise OutputUnwritable(f"Folder {out} cannot be written: {error.strerror}.") from error


def _subset(face: Face) -> tuple[bytes, str]:
    """The bytes of ``face`` alone with nothing but its covered characters, and the suffix they should have."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "liga"]
    options.name_IDs = [1, 2, 16, 17]
    options.glyph_names = False
    options.notdef_outline = True
    options.recommended_glyphs = False
    options.legacy_cmap = False
    options.drop_tables = []
    path = Path(face.path)
    info = read_info(path, face.index)
    with path.open("rb") as file, TTFont(file, fontNumber=face.index, lazy=True, recalcTimestamp=False) as font:
        for table in [tag for tag in font.keys() if tag not in _TABLES and tag != "GlyphOrder"]:  # noqa: SIM118
            del font[table]
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[ord(character) for character in face.covered | {" "}])
        subsetter.subset(font)
        names = newTable("name")
        names.names = []
        # Both pairs, so that a reader of either finds what the pool was grouped and held out by.
        for identifier, text in ((1, info.family), (2, info.style), (16, info.family), (17, info.style)):
            names.setName(text, identifier, *_WINDOWS_ENGLISH)
        font["name"] = names
        suffix = ".otf" if "CFF " in font else ".ttf"
        stream = io.BytesIO()
        font.save(stream, reorderTables=True)
    return stream.getvalue(), suffix


def _write(face: Face, content: bytes, suffix: str, charset: Charset, out: Path) -> tuple[str, dict[str, Any]]:
    """Write one packed face and look at it again: (reason for refusal, "" if kept; its index entry)."""
    digest = hashlib.sha256(content).hexdigest()
    path = out / f"{'-'.join(words(f'{face.family} {face.style}'))}-{digest[:8]}{suffix}"
    path.write_bytes(content)
    record = verify_file(path, charset.characters)[0]
    same = (record.family, record.style, record.group) == (face.family, face.style, face.group)
    if not record.refused and same and frozenset(record.covered) == face.covered:
        entry = {
            "file": path.name,
            "family": face.family,
            "style": face.style,
            "group": face.group,
            "held_out": face.held_out,
            "covered": len(face.covered),
            "bytes": len(content),
            "sha256": digest,
        }
        return "", entry
    path.unlink()
    if record.refused:
        return f"after packing: {record.refused}", {}
    return ("coverage" if same else "group") + " changed by packing", {}


def _archive_bytes(out: Path, listed: list[dict[str, Any]]) -> int:
    """Size of the folder as a gzipped tar, made in memory."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name in sorted([INDEX, *(str(entry["file"]) for entry in listed)]):
            content = (out / name).read_bytes()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.tell()
