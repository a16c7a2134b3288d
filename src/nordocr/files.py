"""Files that appear whole or not at all: written under another name beside the right one, then renamed.

``os.replace`` renames over an existing file on every system, and a process that is killed at any moment leaves the old
file or none under the name, never a half.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from nordocr.errors import OutputUnwritable


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the name ``path`` at the end of the block; after a failure it is removed.

    The folder is made. Raises :class:`OutputUnwritable` where the system refuses to write, within the block too.
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
    """A UTF-8 file with ``\\n`` line ends, opened for writing as :func:`replacing` does. :class:`OutputUnwritable`."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write ``content``, text as UTF-8 with ``\\n`` line ends, as :func:`replacing` does. :class:`OutputUnwritable`."""
    with replacing(path) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path
