"""Where pages come from, so that they can be opened again after they were read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nordocr.config import Limits
from nordocr.errors import NordocrError
from nordocr.pages.memory import MemoryImage, Source
from nordocr.pages.selection import Selection
from nordocr.pages.source import open_pages


@dataclass(frozen=True, eq=False)
class Origin:
    """Where pages come from; it can be opened any number of times.

    Attributes:
        name: What results and errors call it.
        content: The file, its bytes, or the one page itself.
        limits: What opening it may cost.
        password: The password of an encrypted PDF.
    """

    name: str
    content: Path | bytes | MemoryImage
    limits: Limits = field(default_factory=Limits)
    password: str | None = field(default=None, repr=False)

    @contextmanager
    def located(self) -> Iterator[Source]:
        """Give what can be opened by the pipeline; bytes are laid in a temporary file for the time of the block.

        Raises:
            NordocrError: What the block raises, with this origin's name in place of the temporary file's.
        """
        if not isinstance(self.content, bytes):
            yield self.content
            return
        # PDFium's process keeps its last file open, so that Windows would not let go of it here.
        with tempfile.TemporaryDirectory(prefix="nordocr-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "input"
            path.write_bytes(self.content)
            try:
                yield path
            except NordocrError as error:
                raise type(error)(str(error).replace(str(path), self.name)) from error

    def image(self, index: int) -> npt.NDArray[np.uint8]:
        """Decode one page again.

        Args:
            index: Its number in this origin, from 0.

        Returns:
            uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, as its file says it lies.

        Raises:
            NordocrError: What :func:`nordocr.pages.open_pages` raises.
        """
        only = Selection(((index + 1, index + 1),))
        with self.located() as source:
            if isinstance(source, MemoryImage):
                return source.pixels(self.limits)
            with closing(open_pages(source, self.limits, only, self.password)) as pages:
                return next(pages).image
