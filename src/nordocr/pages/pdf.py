"""PDF files to pages, by PDFium in a process of its own: images, vectors and text alike are drawn, page by page.

A page that is one scanned image is drawn at that image's own pixels, so that they are not resampled without need,
whatever size the PDF invents for the page; all else at 300 dpi. The process is given up when a page takes too long, and
its end is an error of that one file. See :mod:`nordocr.pages.isolated`.
"""

from __future__ import annotations

import base64
import logging
import re
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable, NordocrError
from nordocr.pages.faxcheck import fax_damage
from nordocr.pages.grayfill import filled_share
from nordocr.pages.image import OnError, PageImage, gray_if_colourless
from nordocr.pages.isolated.worker import Worker
from nordocr.pages.selection import Selection

_log = logging.getLogger(__name__)

_NEARLY_ALL: Final = 0.9
_GROUP_4: Final = re.compile(rb"/K\s*-\d")
_BYTES: Final = re.compile(rb"/EncodedByteAlign\s*true")
SCRIPT: Final = "pdfworker.py"
"""The process that calls PDFium."""


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
    worker = Worker.idle(SCRIPT, limits.max_memory)
    try:
        opened = worker.ask(request, limits.max_seconds, lambda said: f"{path} {said}.")
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
                    worker = Worker.idle(SCRIPT, limits.max_memory)
                    worker.ask(request, limits.max_seconds, lambda said: f"{path} {said}.")
            else:
                yield page
                del page
        if missing is not None:
            raise InputUnreadable(
                f"{path} has {count} {'page' if count == 1 else 'pages'}: there is no page {missing}."
            )
    finally:
        worker.release()


def _broken_midway(answer: dict[str, Any], path: Path) -> tuple[str, float]:
    """Return what is wrong with a page's images that PDFium has decoded without a word, and the share that is lost."""
    filled = filled_share(answer["pixels"], any_side=True) if answer["jpeg"] else 0.0
    if filled:
        return "holds an image whose JPEG data is broken", round(filled, 4)
    for data, columns, rows, share in answer["fax"]:
        # PDFium does not tell these; an image's own dictionary is never compressed or encrypted.
        group_4 = _has(path, _GROUP_4)
        wrong, lost = fax_damage(base64.b64decode(data), columns, rows, group_4=group_4)
        # libtiff does not know rows that begin at whole bytes.
        if wrong and not (lost > _NEARLY_ALL and _has(path, _BYTES)):
            return f"holds a facsimile image that is damaged ({wrong})", round(min(1.0, lost * share), 4)
    return "", 0.0


def _has(path: Path, words: re.Pattern[bytes]) -> bool:
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if words.search(tail + chunk):
                return True
            tail = chunk[-40:]
    return False


def _page(worker: Worker, path: Path, index: int, limits: Limits) -> PageImage:
    request = {"page": index, "max_pixels": limits.max_pixels}
    started = time.perf_counter()
    answer = worker.ask(request, limits.max_seconds, lambda said: f"Page {index + 1} of {path} {said}.")
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
    if not damage:
        damage, missing = _broken_midway(answer, path)
    if damage:
        _log.warning("Page %d of %s %s, about %.0f%% of it.", index + 1, path, damage, 100 * missing)
    image = pixels[:, :, 0] if pixels.shape[2] < 3 else gray_if_colourless(pixels[:, :, :3])
    return PageImage(index, np.ascontiguousarray(image), answer["dpi"], damage, missing)
