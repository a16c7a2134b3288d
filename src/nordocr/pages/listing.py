"""Which files to read: what a user names, folders searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nordocr.errors import InputMissing
from nordocr.pages.image import SUFFIXES


def page_files(given: Sequence[Path]) -> list[Path]:
    """The page files among ``given``, folders searched; raises :class:`InputMissing`."""
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise InputMissing(f"There is no page to read in the folder {path}.")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise InputMissing(f"There is no file or folder {path}.")
    return list(dict.fromkeys(files))
