"""What verbs share at the terminal: encodings, error messages, logging, progress."""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import pathlib
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nordocr.errors import EngineUnavailable, NordocrError, UsageError
from nordocr.files import shown

if TYPE_CHECKING:
    from rich.progress import Progress


class _Closed(io.RawIOBase):
    """A standard output that the caller has closed: what is written to it is an error, not lost in silence."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def prepare_streams() -> None:
    """Use UTF-8 on standard output and error whatever the locale; standard error escapes what it cannot show.

    Streams that the caller has closed are filled, so that no file opened later takes their place.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(_Closed(), encoding="utf-8", write_through=True)
    if sys.stderr is None:  # print() would take standard output instead
        sys.stderr = pathlib.Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def report(error: NordocrError) -> None:
    """Print a failure's message as one line on standard error."""
    print(f"nordocr: {printable(str(error))}", file=sys.stderr, flush=True)


_names: dict[str, str] = {}
"""Paths of temporary files and what users call them."""


@contextlib.contextmanager
def called(path: str, name: str) -> Iterator[None]:
    """Call a temporary file ``name`` in all that :func:`by_name` gives, for the time of the block."""
    _names[path] = name
    try:
        yield
    finally:
        del _names[path]


def by_name(text: str) -> str:
    """Return a text with files called as the user calls them."""
    for path, name in _names.items():
        text = text.replace(path, name)
    return text


def printable(text: str) -> str:
    """Return a text as one line for a terminal: control characters, which a file's name may hold, are escaped."""
    line = " ".join(shown(by_name(text)).split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def configure_logging(level: str) -> None:
    """Send the records of nordocr's loggers, and of no others, to standard error.

    Args:
        level: One of :data:`nordocr.cli.options.LEVELS`.

    Raises:
        UsageError: There is no such level.
    """
    from nordocr.cli.options import LEVELS

    if level not in LEVELS:
        raise UsageError(f"There is no log level {level!r}; the levels are {', '.join(LEVELS)}.")
    logger = logging.getLogger("nordocr")
    for handler in [*logger.handlers]:
        logger.removeHandler(handler)
    handler = _StandardError()
    handler.setFormatter(
        logging.Formatter("nordocr: %(message)s" if level != "debug" else "nordocr: %(name)s: %(message)s")
    )
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False


class _StandardError(logging.Handler):
    """Writes to what ``sys.stderr`` is at the time: :func:`quiet_libraries` replaces it for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        print(printable(self.format(record)), file=sys.stderr, flush=True)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence what C libraries (libtiff, PDFium) write to standard error; Python's own ``sys.stderr`` still works.

    Damage in a file is reported once, as nordocr's message, and not again in the words of a decoder.
    """
    # Pillow warns of every odd tag through Python.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        own = sys.stderr.fileno() == 2
        visible = os.dup(2) if own else -1
    except (OSError, AttributeError):  # no stderr at all, as under pythonw, or one in memory
        own = False
    if not own:
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    before = sys.stderr
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = open(visible, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
        os.dup2(visible, 2)
        os.close(visible)


@contextlib.contextmanager
def progress_bar(enabled: bool = True) -> Iterator[Progress | None]:
    """Show a progress bar on standard error if that is a terminal; yield None otherwise."""
    if not enabled or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        yield progress


@contextlib.contextmanager
def lab() -> Iterator[None]:
    """Turn the import error of a package that is not installed into :class:`EngineUnavailable`."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f'This needs {error.name}: pip install "nordocr[eval]".') from error
