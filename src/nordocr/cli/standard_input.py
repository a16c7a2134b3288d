"""``-`` among the inputs: a document from standard input, kept in a temporary file while it is read."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nordocr.cli.console import called
from nordocr.errors import InputTooLarge, InputUnreadable, UsageError

DASH: Final = "-"
NAME: Final = "stdin"
"""What results from standard input are named after."""

_CHUNK: Final = 1 << 20


@contextlib.contextmanager
def inputs_as_paths(inputs: Sequence[str], most_bytes: int) -> Iterator[list[Path]]:
    """Give the inputs as paths; in place of ``-`` that of a temporary file, for the time of the block.

    Args:
        inputs: What the user named.
        most_bytes: The largest document.

    Yields:
        The paths in the same order.

    Raises:
        UsageError: ``-`` is given twice, or there is no standard input.
        InputTooLarge: Standard input does not end within ``most_bytes``.
        InputUnreadable: Standard input cannot be read.
    """
    if DASH not in inputs:
        yield [Path(given) for given in inputs]
        return
    if inputs.count(DASH) > 1:
        raise UsageError("Standard input (-) can be read once only; a file of that name is called ./-.")
    with tempfile.TemporaryDirectory(prefix="nordocr-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / NAME
        _copy(path, most_bytes)
        with called(str(path), DASH):
            yield [path if given == DASH else Path(given) for given in inputs]


def _copy(path: Path, most_bytes: int) -> None:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise UsageError("There is no standard input to read.")
    size = 0
    try:
        with path.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > most_bytes:
                    raise InputTooLarge(f"Standard input has more than {most_bytes} bytes, the limit.")
                file.write(chunk)
    except OSError as error:
        raise InputUnreadable(f"Standard input cannot be read: {error.strerror}.") from error
