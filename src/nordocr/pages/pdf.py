"""PDF files to pages, by PDFium in a process of its own: images, vectors and text alike are drawn, page by page.

A page that is one scanned image is drawn at that image's own pixels, so that they are not resampled without need,
whatever size the PDF invents for the page; all else at 300 dpi. The process is given up when a page takes too long, and
its end is an error of that one file. See :mod:`nordocr.pages.pdfworker`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nordocr.config import Limits
from nordocr.errors import InputEncrypted, InputTooLarge, InputUnreadable, NordocrError
from nordocr.pages.image import OnError, PageImage, gray_if_colourless
from nordocr.pages.selection import Selection

_log = logging.getLogger(__name__)

_ERRORS: Final[dict[str, type[NordocrError]]] = {
    "encrypted": InputEncrypted,
    "unreadable": InputUnreadable,
    "large": InputTooLarge,
}
# A process is ended after this many files, so that what PDFium leaks never adds up.
_FILES_A_PROCESS: Final = 200


def pdf_pages(
    path: Path,
    limits: Limits,
    selection: Selection | None,
    password: str | None,
    on_error: OnError | None = None,
) -> Generator[PageImage, None, None]:
    """Draw the pages of a PDF one at a time as they are asked for.

    Args:
        path: The file.
        limits: What it may cost.
        selection: The pages wanted; None for all.
        password: The password of an encrypted PDF.
        on_error: Told of a page that cannot be drawn; None raises its error.

    Yields:
        The pages in the file's order.

    Raises:
        InputEncrypted: The PDF needs a password, or the given one is wrong.
        InputUnreadable: The PDF or a page is damaged, or a page does not exist.
        InputTooLarge: A limit is exceeded.
    """
    request = {"open": str(path.resolve()), "password": password}
    worker = _Worker.idle()
    try:
        opened = worker.ask(request, str(path), limits.max_seconds)
        count = int(opened["pages"])
        if count == 0:
            raise InputUnreadable(f"{path} is a PDF without pages.")
        if count > limits.max_pages:
            raise InputTooLarge(f"{path} has {count} pages, over the limit of {limits.max_pages}.")
        missing = selection.missing(count) if selection is not None else None
        for index in range(count):
            if selection is not None and index not in selection:
                continue
            try:
                page = _page(worker, path, index, limits)
            except NordocrError as error:
                if on_error is None:
                    raise
                on_error(index, error)
                if worker.broken:
                    worker.release()
                    worker = _Worker.idle()
                    worker.ask(request, str(path), limits.max_seconds)
            else:
                yield page
                del page
        if missing is not None:
            raise InputUnreadable(
                f"{path} has {count} {'page' if count == 1 else 'pages'}: there is no page {missing}."
            )
    finally:
        worker.release()


def _page(worker: _Worker, path: Path, index: int, limits: Limits) -> PageImage:
    request = {"page": index, "max_pixels": limits.max_pixels}
    started = time.perf_counter()
    answer = worker.ask(request, f"Page {index + 1} of {path}", limits.max_seconds)
    pixels: npt.NDArray[np.uint8] = answer["pixels"]
    _log.debug(
        "page %d: drawn from PDF, %d x %d px, %.0f dpi, in %.2f s",
        index + 1,
        answer["width"],
        answer["height"],
        answer["dpi"],
        time.perf_counter() - started,
    )
    damage, missing = str(answer["damage"]), round(float(answer["missing"]), 4)
    if damage:
        _log.warning("Page %d of %s %s, about %.0f%% of it.", index + 1, path, damage, 100 * missing)
    image = pixels[:, :, 0] if pixels.shape[2] < 3 else gray_if_colourless(pixels[:, :, :3])
    return PageImage(index, np.ascontiguousarray(image), answer["dpi"], damage, missing)


class _Worker:
    """One process that draws PDFs, used for one file at a time and kept for the next."""

    _waiting: Final[list[_Worker]] = []
    _lock: Final = threading.Lock()

    def __init__(self) -> None:
        # -P: the script's folder has modules called like other packages'.
        command = [sys.executable, "-P", str(Path(__file__).with_name("pdfworker.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._files = 0
        self._busy = False

    @classmethod
    def idle(cls) -> _Worker:
        """Return a worker that nobody uses, a new one if there is none."""
        with cls._lock:
            while cls._waiting:
                worker = cls._waiting.pop()
                if worker._process.poll() is None:
                    return worker
                worker.end()
        return cls()

    def release(self) -> None:
        """Give the worker back; one that was interrupted, or has done enough, is ended."""
        self._files += 1
        if self.broken or self._files >= _FILES_A_PROCESS:
            self.end()
            return
        with self._lock:
            self._waiting.append(self)

    @property
    def broken(self) -> bool:
        """Whether the process was given up or has ended: it answers no more."""
        return self._busy or self._process.poll() is not None

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    @classmethod
    def end_all(cls) -> None:
        """End the workers that nobody uses, as the interpreter does at its end."""
        with cls._lock:
            while cls._waiting:
                cls._waiting.pop().end()

    def ask(self, request: dict[str, Any], where: str, seconds: float) -> dict[str, Any]:
        """Return the answer, with its pixels (uint8 ``[H, W, channels]``); raise what was refused, naming ``where``."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        self._busy = True
        timer.start()
        try:
            requests.write(json.dumps(request).encode("utf-8") + b"\n")
            requests.flush()
            answer = _answer(answers)
        except (OSError, EOFError, ValueError) as error:
            if late.is_set():
                raise InputTooLarge(f"{where} takes longer than the limit of {seconds:g} s.") from error
            raise InputUnreadable(f"{where} is damaged: PDFium ended while it was read.") from error
        finally:
            timer.cancel()
        self._busy = False
        if "error" in answer:
            raise _ERRORS[answer["error"]](f"{where} {answer['message']}.")
        return answer


def _answer(stream: Any) -> dict[str, Any]:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer: dict[str, Any] = json.loads(line)
    if "height" in answer:
        rows, stride = answer["height"], answer["stride"]
        held = np.empty(rows * stride, dtype=np.uint8)
        if stream.readinto(held) < len(held):
            raise EOFError
        used = answer["width"] * answer["channels"]
        answer["pixels"] = held.reshape(rows, stride)[:, :used].reshape(rows, answer["width"], answer["channels"])
    return answer


atexit.register(_Worker.end_all)
