"""Find the page files among the paths that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nordocr.errors import InputMissing
from nordocr.pages.image import SUFFIXES


def page_files(given: Sequence[Path]) -> list[Path]:
    """List page files.

    Args:
        given: Files, and folders to search.

    Returns:
        The files, each once, those of a folder sorted.

    Raises:
        InputMissing: A path does not exist, or a folder contains no page.
    """
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise InputMissing(f"The folder {path} contains no page to read.")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise InputMissing(f"There is no file or folder {path}.")
    return list(dict.fromkeys(files))
