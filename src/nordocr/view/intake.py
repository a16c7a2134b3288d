"""From what a person names to results: results as they are, scans read first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PureWindowsPath

from nordocr.api import Document, Page, Reader
from nordocr.config import ReadingConfig
from nordocr.correct import result_path
from nordocr.errors import InputMissing, InputUnreadable, NordocrError, UsageError
from nordocr.pages.image import SUFFIXES
from nordocr.results import read_lazily

OnPage = Callable[[str, int], None]
"""Told of each page that is read: the scan's name and how many of its pages are read."""


def results_of(
    given: Sequence[Path],
    config: ReadingConfig,
    output: Path | None = None,
    on_page: OnPage = lambda name, pages: None,
    on_error: Callable[[NordocrError], None] = lambda error: None,
) -> list[Path]:
    """Return the results' files; scans without one are read, and their results written.

    Args:
        given: Results, files of their corrections, scans, and folders of all these.
        config: How scans are read.
        output: Folder for the results of scans; None for the scan's own.
        on_page: Told of each page that is read.
        on_error: Told of pages that cannot be read; the others are shown all the same.

    Raises:
        InputMissing: There is no such file, or nothing in a folder.
        UsageError: A result would be written over another file.
        NordocrError: A scan cannot be read.
    """
    results: list[Path] = []
    reader: Reader | None = None
    try:
        for path in _files(given):
            if path.suffix == ".json":
                results.append(result_path(path))
                continue
            target = (output or path.parent) / f"{path.stem}.json"
            if not _is_read(target, path):
                reader = reader or Reader(config)
                _read(reader, path, target, on_page, on_error)
            results.append(target)
    finally:
        if reader is not None:
            reader.close()
    return list(dict.fromkeys(results))


def _files(given: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.is_file())
            wanted = [p for p in found if p.suffix.lower() in SUFFIXES or (p.suffix == ".json" and _is_result(p))]
            if not wanted:
                raise InputMissing(f"The folder {path} contains no result and no scan.")
            files += wanted
        elif path.is_file() or result_path(path).is_file():
            files.append(result_path(path) if path.name.endswith(".corrected.journal") else path)
        else:
            raise InputMissing(f"There is no file or folder {path}.")
    return files


def _is_result(path: Path) -> bool:
    if path.name.endswith(".corrected.json"):
        return False
    try:
        read_lazily(path)
    except NordocrError:
        return False
    return True


def _is_read(target: Path, scan: Path) -> bool:
    """Whether ``target`` is the scan's result already.

    Raises:
        UsageError: It is something else.
    """
    if not target.exists():
        return False
    try:
        source = read_lazily(target).head.source
    except InputUnreadable as error:
        raise UsageError(f"{target} is in the way and no result; --output names a folder for the results.") from error
    if PureWindowsPath(source).name != scan.name:
        raise UsageError(f"{target} is the result of {source}; --output names a folder for that of {scan.name}.")
    return True


def _read(reader: Reader, scan: Path, target: Path, on_page: OnPage, on_error: Callable[[NordocrError], None]) -> None:
    pages: list[Page] = []

    def keep(page: Page) -> None:
        pages.append(page)
        on_page(scan.name, len(pages))

    summary = reader.stream(scan, keep, on_error=on_error)
    Document.model_construct(**{**dict(summary), "pages": pages}).save(target, format="json")
