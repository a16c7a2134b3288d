"""Pages of image files that are decoded in a process of their own; see :mod:`nordocr.pages.costly` for which."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np

from nordocr.config import Limits
from nordocr.errors import NordocrError
from nordocr.pages.image import OnError, PageImage
from nordocr.pages.isolated.worker import ERRORS, Worker
from nordocr.pages.said import damage_warning
from nordocr.pages.selection import Selection

_log = logging.getLogger(__name__)

_SCRIPT: Final = "rasterworker.py"


def aside_pages(
    path: Path, limits: Limits, selection: Selection | None, on_error: OnError | None = None
) -> Generator[PageImage, None, None]:
    """Decode the pages of an image file as :func:`nordocr.pages.raster.raster_pages` does, in another process.

    Args:
        path: The file.
        limits: What it may cost; each page has ``max_seconds``, the process ``max_memory``.
        selection: The pages wanted; None for all.
        on_error: Told of a page that cannot be decoded; None raises its error.

    Yields:
        The pages in the file's order.

    Raises:
        InputUnreadable: A page is damaged or does not exist; the pages before it were given.
        InputTooLarge: A limit is exceeded.
    """
    wanted = None if selection is None else selection.ranges
    request = {"open": str(path.resolve()), "limits": limits.model_dump(), "pages": wanted}
    worker = Worker.idle(_SCRIPT, limits.max_memory)
    index = 0

    def sentence(said: str) -> str:
        # The decoders' own name the page themselves.
        return said if str(path) in said else f"Page {index + 1} of {path} {said}."

    try:
        worker.ask(request, limits.max_seconds, sentence)
        while True:
            started = time.perf_counter()
            answer = worker.ask({"next": True}, limits.max_seconds, sentence)
            for number, kind, said in answer["failed"]:
                error: NordocrError = ERRORS[kind](said)
                if on_error is None:
                    raise error
                on_error(number, error)
                index = number + 1
            if "refused" in answer:
                kind, said = answer["refused"]
                raise ERRORS[kind](said)
            if "end" in answer:
                return
            page = _page(answer)
            index = page.index + 1
            seconds = time.perf_counter() - started
            _log.debug("page %d: decoded aside, %d x %d px, in %.2f s", index, *page.image.shape[1::-1], seconds)
            if page.damage:
                _log.warning("%s", damage_warning(path, page))
            yield page
            del page, answer
    finally:
        worker.release()


def _page(answer: dict[str, Any]) -> PageImage:
    pixels = answer["pixels"]
    image = np.ascontiguousarray(pixels[:, :, 0]) if pixels.shape[2] == 1 else pixels
    return PageImage(answer["index"], image, answer["dpi"], answer["damage"], answer["missing"])
