"""What an LMDB's lines say of themselves (text, size, document) as arrays on disk, made once a machine.

A million lines are a million keys to look up; every process of every start would look them up again. The arrays lie in
the user's cache folder under the LMDB's path, size and modification time, and processes map them into memory, so that
all of them share one copy and a pickled index is two paths.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nordocr.charset import nfc
from nordocr.data.lmdb import DATA_FILE, LmdbLines
from nordocr.errors import InputUnreadable, OutputUnwritable
from nordocr.files import cache_folder

VERSION: Final = 1
"""Counts up when the arrays change."""

_DIGITS: Final = 9
_WAIT: Final = 0.2
_STALE: Final = 120.0
"""Seconds after which a lock that nobody has renewed is nobody's: an index of a million lines takes seconds."""

_ARRAYS: Final = ("codes", "starts", "sizes", "documents", "labelled")


class LmdbIndex:
    """Texts, sizes and documents of an LMDB's lines, counted from 0.

    Args:
        store: The LMDB.
        held: The folder of the arrays.

    Attributes:
        codes: Characters of all texts end to end, as places in ``alphabet``.
        alphabet: uint32 code points, rising.
        starts: int64 ``[lines + 1]``, where in ``codes`` each text begins.
        sizes: int32 ``[lines, 2]``, width and height in pixels; 0, 0 where the image cannot be read.
        documents: int32 ``[lines]``, places in ``names``; -1 where the LMDB names no document.
        labelled: bool ``[lines]``, False where a label is missing or not UTF-8.
        names: Names of the documents.
    """

    def __init__(self, store: LmdbLines, held: Path) -> None:
        self.store, self.held = store, held
        self.codes, self.starts, self.sizes, self.documents, self.labelled = (
            np.load(held / f"{name}.npy", mmap_mode="r") for name in _ARRAYS
        )
        said = json.loads((held / "about.json").read_text(encoding="utf-8"))
        self.alphabet: npt.NDArray[np.uint32] = np.asarray(said["alphabet"], dtype=np.uint32)
        self.names: list[str] = said["names"]

    def __reduce__(self) -> tuple[Any, ...]:
        return LmdbIndex, (self.store, self.held)

    def __len__(self) -> int:
        return len(self.documents)

    def text(self, index: int) -> str:
        """Return the label of line ``index`` in NFC; "" where there is none."""
        codes = self.codes[self.starts[index] : self.starts[index + 1]]
        text: str = self.alphabet[codes].astype("<u4").tobytes().decode("utf-32-le")
        return text

    def source(self, index: int) -> str | None:
        """Return the document that line ``index`` is from, None where the LMDB does not say."""
        place = int(self.documents[index])
        return self.names[place] if place >= 0 else None


def open_index(folder: Path) -> LmdbIndex:
    """Open the index of an LMDB, made where there is none yet.

    Where several processes want it at once, one makes it and the others wait.

    Args:
        folder: The LMDB's folder.

    Returns:
        The index.

    Raises:
        InputMissing: There is no LMDB.
        DataInvalid: It does not say how many lines it has.
        OutputUnwritable: Neither the cache folder nor the system's folder for temporary files can be written.
    """
    store = LmdbLines(folder)
    for base in (cache_folder(), Path(tempfile.gettempdir()) / "nordocr-cache"):
        held = base / "lmdb" / _name(folder)
        try:
            held.parent.mkdir(parents=True, exist_ok=True)
            return LmdbIndex(store, _made(store, held))
        except OSError as error:
            refused = error
    raise OutputUnwritable(f"The index of the LMDB {folder} cannot be written: {refused.strerror or refused}.")


def _name(folder: Path) -> str:
    """Name the index by the LMDB's path, then by its state; older states of the same path are found by the first."""
    path = folder.resolve()
    stat = (path / DATA_FILE).stat()
    state = f"{VERSION} {stat.st_size} {stat.st_mtime_ns}"
    return "-".join(
        hashlib.sha256(part.encode("utf-8", "surrogateescape")).hexdigest()[:16] for part in (str(path), state)
    )


def _made(store: LmdbLines, held: Path) -> Path:
    """Return the folder of the arrays once they are there."""
    lock = held.with_name(held.name + ".lock")
    while not held.is_dir():
        try:
            lock.mkdir()
        except FileExistsError:
            if _age(lock) > _STALE:
                with contextlib.suppress(OSError):
                    lock.rmdir()
            time.sleep(_WAIT)
            continue
        try:
            if not held.is_dir():
                _make(store, held)
                _forget_others(held)
        finally:
            with contextlib.suppress(OSError):
                lock.rmdir()
    return held


def _age(lock: Path) -> float:
    try:
        return time.time() - lock.stat().st_mtime
    except OSError:
        return 0.0


def _make(store: LmdbLines, held: Path) -> None:
    """Write the arrays under another name and rename their folder."""
    partial = held.with_name(f".{uuid.uuid4().hex}.part")
    partial.mkdir()
    try:
        texts, labelled = _texts(store)
        documents, names = _documents(store)
        codes, alphabet, starts = _encoded(texts)
        arrays: tuple[npt.NDArray[Any], ...] = (codes, starts, _sizes(store), documents, labelled)
        for name, array in zip(_ARRAYS, arrays, strict=True):
            np.save(partial / f"{name}.npy", array)
        said = {"alphabet": alphabet.tolist(), "names": names, "of": str(store.folder.resolve())}
        (partial / "about.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        try:
            os.replace(partial, held)
        except OSError:
            if not held.is_dir():  # else another process was done first
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _forget_others(held: Path) -> None:
    """Remove the indices of earlier states of the same LMDB, and of LMDBs that are no longer there."""
    for old in held.parent.iterdir():
        if old == held or not (old / "about.json").is_file():
            continue
        same = old.name.partition("-")[0] == held.name.partition("-")[0]
        with contextlib.suppress(OSError, ValueError, KeyError):
            said = json.loads((old / "about.json").read_text(encoding="utf-8"))
            if same or not (Path(said["of"]) / DATA_FILE).is_file():
                shutil.rmtree(old, ignore_errors=True)


def _values(store: LmdbLines, what: str) -> list[bytes | None]:
    """Return the value of the key ``WHAT-000000001`` of every line, None where there is none."""
    count, prefix = len(store), f"{what}-"
    entries = store.entries(prefix)
    held = list(itertools.islice(entries, count))
    wanted = b"".join([b"%s%09d" % (prefix.encode("ascii"), number) for number in range(1, count + 1)])
    if b"".join([key for key, _ in held]) == wanted:  # the usual case: no key is missing
        return [value for _, value in held]
    values: list[bytes | None] = [None] * count
    for key, value in itertools.chain(held, entries):
        digits = key[len(prefix) :]
        if len(digits) == _DIGITS and digits.isdigit() and 1 <= int(digits) <= count:
            values[int(digits) - 1] = value
    return values


def _texts(store: LmdbLines) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Return every label in NFC, "" where there is none, and which there are."""
    raw = _values(store, "label")
    labelled = np.fromiter((value is not None for value in raw), dtype=np.bool_, count=len(raw))
    texts: list[str] = []
    for index, value in enumerate(raw):
        try:
            texts.append(value.decode("utf-8") if value else "")
        except UnicodeDecodeError:
            labelled[index] = False
            texts.append("")
    if nfc(together := "\n".join(texts)) != together:
        texts = [nfc(text) for text in texts]
    return texts, labelled


def _encoded(texts: list[str]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Return the texts' characters as places in their alphabet, the alphabet, and where each text begins."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")
    found = np.zeros(0x110000, dtype=np.bool_)
    found[points] = True
    alphabet = np.flatnonzero(found)
    kind = np.uint8 if len(alphabet) <= 256 else np.uint16 if len(alphabet) <= 65536 else np.uint32
    places = np.zeros(0x110000, dtype=kind)
    places[alphabet] = np.arange(len(alphabet))
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return places[points], alphabet, np.concatenate([[0], np.cumsum(lengths)])


def _documents(store: LmdbLines) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Return the place of each line's document among the documents' names, -1 for none."""
    places: dict[bytes, int] = {}
    found = [places.setdefault(value, len(places)) if value else -1 for value in _values(store, "source")]
    return np.asarray(found, dtype=np.int32), [name.decode("utf-8", "replace") for name in places]


def _sizes(store: LmdbLines) -> npt.NDArray[np.int32]:
    """Return width and height of each image: from ``wh-``, else from the image's header; 0, 0 for a damaged one."""
    said = _values(store, "wh")
    sizes = np.asarray([_size(value) for value in said], dtype=np.int32).reshape(len(said), 2)
    for index in np.flatnonzero((sizes == 0).any(axis=1)).tolist():
        try:
            sizes[index] = store.header_size(index)
        except InputUnreadable:
            sizes[index] = 0, 0
    return sizes


@functools.lru_cache(maxsize=1 << 16)
def _size(value: bytes | None) -> tuple[int, int]:
    width, _, height = (value or b"").partition(b"_")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)
