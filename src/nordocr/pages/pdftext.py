"""Where the text of a PDF's pages stands that can be seen, by PDFium in a process of its own."""

from __future__ import annotations

from pathlib import Path

from nordocr.config import Limits
from nordocr.pages.isolated.worker import Worker
from nordocr.pages.pdf import SCRIPT


class VisibleText:
    """Asks for the visible text of a PDF's pages; a context manager.

    Args:
        path: The file.
        limits: What a page may cost.
        password: The password of an encrypted PDF.
    """

    def __init__(self, path: Path, limits: Limits, password: str | None) -> None:
        self._path, self._limits, self._password = path, limits, password
        self._worker: Worker | None = None

    def centres(self, index: int) -> list[tuple[float, float]]:
        """Return the middle of each visible character of a page that is no space, in points of the page's own space.

        Args:
            index: The page's number, from 0.

        Raises:
            NordocrError: The file or page is damaged, encrypted or takes too long.
        """
        seconds = self._limits.max_seconds
        if self._worker is None:
            self._worker = Worker.idle(SCRIPT, self._limits.max_memory)
            request = {"open": str(self._path.resolve()), "password": self._password}
            self._worker.ask(request, seconds, lambda said: f"{self._path} {said}.")
        answer = self._worker.ask({"text": index}, seconds, lambda said: f"Page {index + 1} of {self._path} {said}.")
        return [(x, y) for x, y in answer["centres"]]

    def close(self) -> None:
        """Give the process back."""
        if self._worker is not None:
            self._worker.release()
            self._worker = None
