"""Write files that appear complete or not at all: written under a temporary name in the same folder, then renamed.

``os.replace`` replaces an existing file on every system. A process that is killed at any moment leaves the old file or
none under the name, never half a file.
"""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from nordocr.errors import OutputUnwritable


def shown(path: object) -> str:
    r"""Return a path, or a text that contains one, as UTF-8 can write it.

    On Linux a name is any bytes; those that are not UTF-8 are shown as ``\xe5``.
    """
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``path`` at the end of the block, and removed after a failure.

    Args:
        path: The file to write; its folder is created.

    Raises:
        OutputUnwritable: The system refuses to write, within the block too.
    """
    # A name of its own for every writer, so that two of one file never write into one another's.
    partial = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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
