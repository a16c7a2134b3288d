"""Verified faces kept on disk, so that only a machine's first run pays for rendering a thousand fonts.

One JSON file a charset in the user's cache folder. Whatever cannot be read, or was written by another version of the
rules, of Pillow or of FreeType, is rebuilt silently: a cache is never a source of errors.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import PIL
from PIL import features

from nordocr.errors import OutputUnwritable
from nordocr.files import cache_folder, write_whole
from nordocr.synth.fonts.verify import ALGORITHM, FaceRecord, verify_file

_FIELDS: Final = frozenset(FaceRecord.__dataclass_fields__)


def verified(
    files: Sequence[Path], characters: str, progress: Callable[[int, int], None] | None = None
) -> list[tuple[Path, FaceRecord]]:
    """Return the records of every face of ``files``, from the cache where size and modification time are unchanged.

    A cache folder that cannot be written only costs time.

    Args:
        files: Font files.
        characters: The charset's characters.
        progress: Called with (files done, files in all).
    """
    store = _store(characters)
    known = _read(store, characters)
    fresh: dict[str, Any] = {}
    result: list[tuple[Path, FaceRecord]] = []
    for done, path in enumerate(files, start=1):
        try:
            stat = path.stat()
        except OSError:
            result.append((path, FaceRecord(0, refused="unreadable file")))
            continue
        stamp = [stat.st_size, stat.st_mtime_ns]
        records = _records(known.get(str(path)), stamp)
        if records is None:
            records = verify_file(path, characters)
            fresh[str(path)] = {"stamp": stamp, "faces": [_slim(record) for record in records]}
        result.extend((path, record) for record in records)
        if progress is not None:
            progress(done, len(files))
    if fresh:
        _write(store, characters, known | fresh)
    return result


def _header(characters: str) -> dict[str, Any]:
    return {
        "algorithm": ALGORITHM,
        "pillow": PIL.__version__,
        "freetype": features.version_module("freetype2"),
        "characters": characters,
    }


def _store(characters: str) -> Path:
    name = hashlib.blake2b(characters.encode("utf-8"), digest_size=6).hexdigest()
    return cache_folder() / f"fonts-{name}.json"


def _slim(record: FaceRecord) -> dict[str, Any]:
    return {key: value for key, value in asdict(record).items() if value != ""}


def _records(entry: Any, stamp: list[int]) -> list[FaceRecord] | None:
    """The records of a cache entry; ``None`` where it is of another state of the file, or not what we write."""
    if not isinstance(entry, dict) or entry.get("stamp") != stamp or not isinstance(entry.get("faces"), list):
        return None
    records = []
    for face in entry["faces"]:
        if not isinstance(face, dict) or not set(face) <= _FIELDS or not isinstance(face.get("index"), int):
            return None
        if any(not isinstance(value, str) for key, value in face.items() if key != "index"):
            return None
        records.append(FaceRecord(**face))
    return records or None


def _read(store: Path, characters: str) -> dict[str, Any]:
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict) or content.get("made_by") != _header(characters):
        return {}
    files = content.get("files")
    return files if isinstance(files, dict) else {}


def _write(store: Path, characters: str, files: dict[str, Any]) -> None:
    content = {"made_by": _header(characters), "files": dict(sorted(files.items()))}
    with contextlib.suppress(OutputUnwritable):
        write_whole(store, json.dumps(content, ensure_ascii=False, indent=0))
