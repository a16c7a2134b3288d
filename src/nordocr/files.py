"""Write files that appear complete or not at all: written under a temporary name in the same folder, then renamed.

``os.replace`` replaces an existing file on every system. A process that is killed at any moment leaves the old file or
none under the name, never half a file.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import platform
import re
import stat
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from nordocr.errors import OutputUnwritable

_PARTIAL: Final = re.compile(r"\.(?P<machine>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{32}\.part")
_FORGOTTEN_SECONDS: Final = 7 * 86_400
_cleaned: Final[set[str]] = set()
"""Folders that this process has cleaned."""


def shown(path: object) -> str:
    r"""Return a path, or a text that contains one, as UTF-8 can write it.

    On Linux a name is any bytes; those that are not UTF-8 are shown as ``\xe5``.
    """
    text = str(path)
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # halves of characters, which are not from a file's name
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_regular(path: Path) -> bytes:
    """Return a file's bytes. What is no regular file is not waited for: a pipe among images would never end.

    Raises:
        OSError: It cannot be read, or is a pipe, a device or a folder.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``path`` at the end of the block, and removed after a failure.

    Args:
        path: The file to write; its folder is created.

    Raises:
        OutputUnwritable: The system refuses to write, within the block too.
    """
    # A name of its own for every writer, so that two of one file never write into one another's.
    partial = path.with_name(f".{_machine()}-{os.getpid()}-{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        partial.touch()
        mode = partial.stat().st_mode
        yield partial
        partial.chmod(mode)  # safetensors leaves files that nobody but their owner may read
        os.replace(partial, path)
    except OSError as error:
        raise OutputUnwritable(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed writers have left in a folder, once for each folder and process.

    A temporary file goes where its name tells that its writer was a process of this machine that is no more, and in any
    case when nobody has written to it for a week.

    Args:
        folder: An existing folder.
    """
    key = os.path.abspath(folder)  # noqa: PTH100 - a link is another place for the same files, and no harm
    if key in _cleaned:
        return
    _cleaned.add(key)
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            match = _PARTIAL.fullmatch(entry.name)
            if match is None:
                continue
            with contextlib.suppress(OSError):  # gone meanwhile, or not ours to remove
                dead = match["machine"] == _machine() and not _lives(int(match["process"]))
                if dead or time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORGOTTEN_SECONDS:
                    Path(entry.path).unlink()


@functools.cache
def _machine() -> str:
    """Return eight digits that stand for where process numbers mean the same: machine, start, container."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):  # Linux only
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("|".join(parts).encode("utf-8")).hexdigest()[:8]


def _lives(process: int) -> bool:
    """Return whether a process of this machine is there, as far as that can be told without touching it."""
    if os.name != "posix":  # there, signal 0 is one that ends it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    r"""Open a UTF-8 file with ``\n`` line ends for writing, as :func:`replacing` does.

    Raises:
        OutputUnwritable: The system refuses to write.
    """
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a whole file as :func:`replacing` does.

    Args:
        path: The file to write; its folder is created.
        content: Bytes, or text, which is written as UTF-8 without changing its line ends.

    Returns:
        ``path``.

    Raises:
        OutputUnwritable: The system refuses to write.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def cache_folder() -> Path:
    """Return ``NORDOCR_CACHE``, or ``nordocr`` in this system's folder for user caches. It is not created here."""
    own = os.environ.get("NORDOCR_CACHE")
    if own:
        return Path(own).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "nordocr"
