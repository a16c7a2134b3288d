"""One writer a folder, or a file: a lock that the system lets go of when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from nordocr.errors import OutputUnwritable

_log = logging.getLogger(__name__)

LOCK: Final = ".nordocr-lock"
"""The file in the folder that is locked. It stays, empty."""

_TAKEN: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK, errno.EWOULDBLOCK})
_BEYOND: Final = 1 << 30
"""A place in a file that is written to and read meanwhile: behind everything in it."""

_held: Final[set[str]] = set()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes out of a folder for the time of the block; this process may enter again.

    Where the file system has no locks, a warning is all that happens.

    Args:
        folder: The folder; it is created.

    Raises:
        OutputUnwritable: Another process is in there, or the folder cannot be written.
    """
    key = str(folder.resolve())
    if key in _held:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("ab")
    except OSError as error:
        raise OutputUnwritable(f"{folder} cannot be written: {error.strerror}.") from error
    with file:
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _TAKEN:
                raise OutputUnwritable(f"Another process is writing into {folder}; name another folder.") from error
            _log.warning("%s cannot be locked (%s): let no other process write into it.", folder, error.strerror)
        _held.add(key)
        try:
            yield
        finally:
            _held.discard(key)


@contextlib.contextmanager
def locked_file(path: Path) -> Iterator[io.FileIO]:
    """Open a file for reading and writing, unbuffered, and keep everybody else from opening it so meanwhile.

    Others can still read it. Where the file system has no locks, a warning is all that happens.

    Args:
        path: The file; it and its folder are created.

    Raises:
        OutputUnwritable: It is open elsewhere, in this process or another, or cannot be written.
    """
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+")
        except OSError as error:
            raise OutputUnwritable(f"{path} cannot be written: {error.strerror}.") from error
        with file:
            try:
                _lock(file, _BEYOND)
            except OSError as error:
                if error.errno in _TAKEN:
                    raise OutputUnwritable(f"Another process is writing {path}.") from error
                _log.warning("%s cannot be locked (%s): let no other process write it.", path, error.strerror)
            if not _is_at(file, path):  # who had it before has just removed it
                continue
            yield file
            return


def _is_at(file: io.FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _lock(file: IO[bytes] | io.FileIO, place: int = 0) -> None:
    """Lock the file; on Windows the byte at ``place``, which nobody else can read then."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(place)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)
