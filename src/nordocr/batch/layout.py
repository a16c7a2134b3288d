"""Where results lie: spread over 4,096 folders, by a rule that needs no list and is the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from nordocr.batch.journal import document_id
from nordocr.files import shown

_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
# Names of at most 255 bytes are safe everywhere; a suffix, a page's number and our own part must fit beside the stem.
_LONGEST_STEM: Final = 120


def result_stem(address: str) -> str:
    """Return the path of a document's results, relative to the output folder, without their suffix.

    It is ``FOLDER/NAME-ID``: FOLDER is three and ID twelve hexadecimal digits of the SHA-256 of the address, NAME the
    input's name without its suffix.
    """
    digits = document_id(address).hex()
    name = PurePosixPath(address.replace("\\", "/")).stem
    safe = _UNSAFE.sub("_", shown(name)).strip(". ") or "document"
    while len(safe.encode("utf-8")) > _LONGEST_STEM:
        safe = safe[:-1]
    return f"{digits[:3]}/{safe}-{digits[:12]}"


def result_files(output: Path, address: str, formats: Sequence[tuple[str, str]]) -> tuple[tuple[str, Path], ...]:
    """Return for each format (its name and its suffix with the dot) the file of a document."""
    stem = result_stem(address)
    return tuple((name, output / f"{stem}{suffix}") for name, suffix in formats)


def in_shard(key: bytes, shard: tuple[int, int]) -> bool:
    """Decide whether a document, by its id in the journal, belongs to shard ``k`` of ``n``, counted from 1."""
    number, of = shard
    return of == 1 or int.from_bytes(key[-8:], "big") % of == number - 1
