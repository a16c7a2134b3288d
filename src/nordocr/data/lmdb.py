"""Lines in an LMDB as OpenOCR and PARSeq write them: one memory-mapped file instead of a hundred thousand images.

Keys are ASCII, counted from 1: ``num-samples`` (decimal), ``image-%09d`` (the bytes of an image file), ``label-%09d``
(UTF-8 text) and, where the writer knew it, ``wh-%09d`` (``width_height`` in pixels). Written after the readers in
https://github.com/Topdu/OpenOCR and https://github.com/baudm/parseq. ``source-%09d`` (UTF-8), the document that a line
is from, is our own; other readers never look it up.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import lmdb

from nordocr.charset import nfc
from nordocr.data.crops import crop_size
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable, OutputUnwritable

DATA_FILE: Final = "data.mdb"
"""The file that makes a folder an LMDB."""

_COMMIT_EVERY: Final = 1000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE: Final = struct.Struct(">II")
_MOST_DIGITS: Final = 12
_OPEN: dict[str, Any] = {}
"""This process's handles by folder: LMDB allows one a process."""

_MAP_BYTES: Final = 1 << 26
"""Size that a written LMDB starts with; it is doubled as needed, because Windows takes all of it on disk at once."""


Line = tuple[bytes, str] | tuple[bytes, str, str | None]
"""An image file's bytes, its text and, where it is known, its document."""


class LmdbLines:
    """The lines of one LMDB folder, counted from 0. It pickles: each process opens its own handle.

    Args:
        folder: The folder that holds ``data.mdb``.

    Raises:
        InputMissing: There is no LMDB.
        DataInvalid: It has no ``num-samples``.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / DATA_FILE).is_file():
            raise InputMissing(f"There is no LMDB in {folder} (no {DATA_FILE}).")
        self.folder = folder
        self._name = str(folder.resolve())
        count = self._get("num-samples")
        if count is None or not count.isdigit() or len(count) > _MOST_DIGITS:
            raise DataInvalid(f"The LMDB {folder} does not say num-samples.")
        self._count = int(count)
        entries = int(self._environment().stat()["entries"])
        if entries < self._count:  # lines may lack a key, but not nearly all of them
            raise DataInvalid(f"The LMDB {folder} says num-samples {self._count} but has {entries} entries.")

    def __len__(self) -> int:
        return self._count

    def text(self, index: int) -> str:
        """Return the label of line ``index`` in NFC; :class:`DataInvalid` where it is missing or not UTF-8."""
        try:
            return nfc(self._need(f"label-{index + 1:09d}").decode("utf-8"))
        except UnicodeDecodeError as error:
            raise DataInvalid(f"Label {index + 1} of the LMDB {self.folder} is not UTF-8: {error.reason}.") from error

    def image(self, index: int) -> bytes:
        """Return the image file's bytes of line ``index``; :class:`DataInvalid` where they are missing."""
        return self._need(f"image-{index + 1:09d}")

    def source(self, index: int) -> str | None:
        """Return the document that line ``index`` is from, None where the LMDB does not say."""
        held = self._get(f"source-{index + 1:09d}")
        return held.decode("utf-8", "replace") or None if held is not None else None

    def size(self, index: int) -> tuple[int, int]:
        """Return (width, height) in pixels of line ``index``: from ``wh-``, else from the image's header."""
        held = self._get(f"wh-{index + 1:09d}")
        if held is not None:
            width, _, height = held.decode("ascii", "replace").partition("_")
            if width.isdigit() and height.isdigit() and int(width) and int(height):
                return int(width), int(height)
        return self.header_size(index)

    def header_size(self, index: int) -> tuple[int, int]:
        """Return (width, height) in pixels from the header of line ``index``'s image.

        Raises:
            InputUnreadable: The image is missing or damaged.
        """
        named = f"Image {index + 1} of the LMDB {self.folder}"
        data = self._get(f"image-{index + 1:09d}")
        if data is None:
            raise InputUnreadable(f"{named} is missing.")
        if data[:8] == _PNG and data[12:16] == b"IHDR" and len(data) > _PNG_SIZE.size + 16:
            width, height = _PNG_SIZE.unpack_from(data, 16)
            if width and height:
                return width, height
        return crop_size(data, named)

    def entries(self, prefix: str) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key that begins with ``prefix``, in order, with its value."""
        start = prefix.encode("ascii")
        with self._environment().begin() as transaction:
            cursor = transaction.cursor()
            if not cursor.set_range(start):
                return
            for key, value in cursor:
                if not key.startswith(start):
                    return
                yield key, value

    def close(self) -> None:
        """Close this process's handle, which all objects of this folder share; it opens again when a line is asked."""
        environment = _OPEN.pop(self._name, None)
        if environment is not None:
            environment.close()

    def _need(self, key: str) -> bytes:
        value = self._get(key)
        if value is None:
            raise DataInvalid(f"The LMDB {self.folder} has no {key}.")
        return value

    def _get(self, key: str) -> bytes | None:
        with self._environment().begin() as transaction:
            value: bytes | None = transaction.get(key.encode("ascii"))
        return value

    def _environment(self) -> Any:
        if self._name not in _OPEN:
            try:
                opened = lmdb.open(self._name, readonly=True, lock=False, readahead=False, meminit=False)
            except (OSError, lmdb.Error) as error:
                raise DataInvalid(f"The LMDB {self.folder} cannot be opened: {error}.") from error
            _require_whole(opened, self.folder)
            _OPEN[self._name] = opened
        return _OPEN[self._name]


def _require_whole(environment: Any, folder: Path) -> None:
    """Refuse a file that is shorter than its own table of pages says: reading it would kill the process.

    An LMDB is mapped into memory, where a page beyond the end of the file is SIGBUS and no exception.
    """
    wanted = (int(environment.info()["last_pgno"]) + 1) * int(environment.stat()["psize"])
    size = (folder / DATA_FILE).stat().st_size
    if size < wanted:
        environment.close()
        raise DataInvalid(f"The LMDB {folder} is cut off: {DATA_FILE} has {size} of {wanted} bytes.")


def is_lmdb(folder: Path) -> bool:
    """Tell whether ``folder`` holds an LMDB."""
    return (folder / DATA_FILE).is_file()


def write_lmdb(folder: Path, lines: Iterable[Line]) -> int:
    """Write lines into a new LMDB folder.

    Until the last line is written there is no ``num-samples``, so every reader refuses a half-written folder.

    Args:
        folder: The folder to make.
        lines: (image file's bytes, text) or (bytes, text, document). Texts are written in NFC, sizes beside them.

    Returns:
        How many lines were written.

    Raises:
        OutputUnwritable: ``folder`` holds an LMDB already or cannot be written.
        InputUnreadable: Some bytes are no image.
    """
    if is_lmdb(folder):
        raise OutputUnwritable(f"{folder} holds an LMDB already.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        environment = lmdb.open(str(folder), map_size=_MAP_BYTES)
    except (OSError, lmdb.Error) as error:
        raise OutputUnwritable(f"The LMDB {folder} cannot be written: {error}.") from error
    count = 0
    try:
        for chunk in _chunks(lines):
            _put(environment, _entries(chunk, count, folder))
            count += len(chunk)
        _put(environment, {"num-samples": str(count).encode("ascii")})
    except lmdb.Error as error:
        raise OutputUnwritable(f"The LMDB {folder} cannot be written: {error}.") from error
    finally:
        environment.close()
    return count


def _entries(chunk: list[Line], before: int, folder: Path) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    for number, (data, text, *more) in enumerate(chunk, start=before + 1):
        width, height = crop_size(data, f"Image {number} for the LMDB {folder}")
        entries[f"image-{number:09d}"] = data
        entries[f"label-{number:09d}"] = nfc(text).encode("utf-8")
        entries[f"wh-{number:09d}"] = f"{width}_{height}".encode("ascii")
        if more and more[0]:
            entries[f"source-{number:09d}"] = nfc(more[0]).encode("utf-8")
    return entries


def _put(environment: Any, entries: dict[str, bytes]) -> None:
    """All entries in one transaction, tried again with twice the room as long as there is too little."""
    while True:
        try:
            with environment.begin(write=True) as transaction:
                for key, value in entries.items():
                    transaction.put(key.encode("ascii"), value)
            return
        except lmdb.MapFullError:
            environment.set_mapsize(2 * environment.info()["map_size"])


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _COMMIT_EVERY:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
