"""One writer a folder: a lock that the system lets go of when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
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


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)
