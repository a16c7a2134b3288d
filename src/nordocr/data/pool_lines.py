"""The usable lines of one folder of a pool: image files, or the lines of an LMDB that all processes share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nordocr.charset import Charset, fold_homoglyphs
from nordocr.data.crops import decode_crop
from nordocr.data.lmdb_index import LmdbIndex
from nordocr.errors import DataInvalid, InputUnreadable
from nordocr.files import read_regular, replacing


class PoolLines(Protocol):
    """Usable lines of one folder, counted from 0. They pickle, because workers are spawned."""

    def __len__(self) -> int:
        """Count them."""
        ...

    def text(self, index: int) -> str:
        """Return the label of line ``index`` as it is trained on."""
        ...

    def read(self, index: int) -> npt.NDArray[np.uint8]:
        """Return the image of line ``index``, uint8 gray or RGB; :class:`InputUnreadable`."""
        ...


class FileLines:
    """Lines of a labels folder: texts, and the image files."""

    def __init__(self, lines: Sequence[tuple[str, Path]]) -> None:
        self._lines = tuple(lines)

    def __len__(self) -> int:
        return len(self._lines)

    def text(self, index: int) -> str:
        """Return the label of line ``index``."""
        return self._lines[index][0]

    def read(self, index: int) -> npt.NDArray[np.uint8]:
        """Return the image of line ``index``; :class:`InputUnreadable`."""
        path = self._lines[index][1]
        try:
            data = read_regular(path)
        except OSError as error:
            raise InputUnreadable(f"{path} cannot be read: {error.strerror}.") from error
        return decode_crop(data, path)


class StoredLines:
    """Lines of an LMDB by its index. Pickled, it is the paths of the index and of the numbers, not the lines.

    Args:
        index: The LMDB's index.
        numbers: A file beside the index with the numbers of the usable lines (int64, rising).
        charset: What labels are folded into.
    """

    def __init__(self, index: LmdbIndex, numbers: Path, charset: Charset) -> None:
        self.index, self.file, self.charset = index, numbers, charset
        self.numbers = np.load(numbers, mmap_mode="r")

    @classmethod
    def of(cls, index: LmdbIndex, numbers: npt.NDArray[np.int64], charset: Charset) -> StoredLines:
        """Write ``numbers`` beside the index, under a name that follows from them, and return the lines.

        Raises:
            OutputUnwritable: The index's folder cannot be written.
        """
        file = index.held / f"lines-{hashlib.sha256(numbers.tobytes()).hexdigest()[:16]}.npy"
        if not file.is_file():
            with replacing(file) as partial, partial.open("wb") as opened:
                np.save(opened, numbers)
        return cls(index, file, charset)

    def __reduce__(self) -> tuple[Any, ...]:
        return StoredLines, (self.index, self.file, self.charset)

    def __len__(self) -> int:
        return len(self.numbers)

    def text(self, index: int) -> str:
        """Return the label of line ``index``."""
        return fold_homoglyphs(self.index.text(int(self.numbers[index])), self.charset)

    def read(self, index: int) -> npt.NDArray[np.uint8]:
        """Return the image of line ``index``; :class:`InputUnreadable`."""
        number, store = int(self.numbers[index]), self.index.store
        named = f"Image {number + 1} of the LMDB {store.folder}"
        try:
            return decode_crop(store.image(number), named)
        except DataInvalid as error:
            raise InputUnreadable(str(error)) from error
