"""Which documents a batch reads: folders, globs, manifests, single files and addresses with a scheme, found lazily."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from nordocr.batch.remote import is_remote, remote_documents
from nordocr.errors import InputMissing, InputUnreadable, NordocrError
from nordocr.pages import SUFFIXES

MANIFEST_SUFFIXES: Final = frozenset({".txt", ".lst", ".list", ".manifest"})
"""An input with one of these suffixes is a list of inputs, one a line."""

_MAGIC: Final = frozenset("*?[")

OnError = Callable[[NordocrError], None]

Found = tuple[str, int | None]
"""A document's address and its size in bytes, None where listing does not tell."""


def documents(inputs: Sequence[str], on_error: OnError, leave_out: Path | None = None) -> Iterator[Found]:
    """List documents in a fixed order, holding one folder's names in memory at most.

    Args:
        inputs: Files; folders, which are searched for files with the suffixes of pages; globs (``**`` goes through
            folders); manifests, ``-`` for one on standard input; addresses that fsspec knows.
        on_error: Told of what cannot be listed: nothing under a name, no document in a folder, a folder or manifest
            that cannot be read. The rest is listed all the same.
        leave_out: A folder that is not searched: the one for results.

    Yields:
        Each document, local ones with their absolute path. One that is named twice comes twice.
    """
    for given in inputs:
        try:
            if given == "-":
                yield from _lines(sys.stdin)
            elif not is_remote(given) and Path(given).suffix.lower() in MANIFEST_SUFFIXES and Path(given).is_file():
                yield from _manifest(given)
            else:
                yield from _one(given, on_error, leave_out)
        except NordocrError as error:
            on_error(error)


def _manifest(path: str) -> Iterator[Found]:
    try:
        with Path(path).open(encoding="utf-8-sig", errors="surrogateescape") as file:
            yield from _lines(file)
    except OSError as error:
        raise InputUnreadable(f"The manifest {path} cannot be read: {error.strerror}.") from error


def _lines(lines: Iterable[str]) -> Iterator[Found]:
    for line in lines:
        address = line.rstrip("\r\n")
        if not address.strip() or address.startswith("#"):
            continue
        # What a manifest names is not looked at before it is read: it may be on a slow system, and there are many.
        yield (address if is_remote(address) else _absolute(address)), None


def _one(given: str, on_error: OnError, leave_out: Path | None) -> Iterator[Found]:
    if is_remote(given):
        yield from remote_documents(given)
        return
    if os.path.isdir(given):  # noqa: PTH112
        yield from _folder(given, on_error, leave_out)
        return
    if os.path.exists(given):  # noqa: PTH110
        yield _absolute(given), _size(given)
        return
    if not _MAGIC & {*given}:
        raise InputMissing(f"There is no file or folder {given}.")
    some = False
    for path in sorted(glob.iglob(given, recursive=True)):  # noqa: PTH207
        if os.path.isfile(path):  # noqa: PTH113
            some = True
            yield _absolute(path), _size(path)
    if not some:
        raise InputMissing(f"No file fits {given}.")


def _folder(top: str, on_error: OnError, leave_out: Path | None) -> Iterator[Found]:
    some = False
    results = None if leave_out is None else _absolute(str(leave_out))
    waiting = [_absolute(top)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            on_error(InputUnreadable(f"{folder} cannot be read: {error.strerror}."))
            some = True  # what is in it is not known
            continue
        below = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.path != results:
                    below.append(entry.path)
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122
                try:
                    size = entry.stat().st_size if entry.is_file() else None
                except OSError:
                    size = None
                if size is not None:
                    some = True
                    yield entry.path, size
        waiting += reversed(below)
    if not some:
        raise InputMissing(f"The folder {top} contains no file to read.")


def _absolute(path: str) -> str:
    # Not resolve(): links keep the names that they were given by.
    return os.path.abspath(path)  # noqa: PTH100


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return None
