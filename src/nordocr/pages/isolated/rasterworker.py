"""The process that decodes costly image files: a script for :mod:`nordocr.pages.isolated.child`.

It reads them as the reading process reads all others, with :func:`nordocr.pages.raster.raster_pages`.

- ``{"open": PATH, "limits": {...}, "pages": [[FIRST, LAST or null], ...] or null}`` gives ``{}``;
- ``{"next": true}`` gives the next page, ``{"index", "width", "height", "channels", "stride", "dpi", "damage",
  "missing"}`` and its pixels, or ``{"end": true}``; each with ``"failed"``, a list of ``[INDEX, KIND, MESSAGE]`` for
  pages before it that cannot be decoded.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, NordocrError
from nordocr.pages.image import PageImage
from nordocr.pages.plugins import register
from nordocr.pages.raster import raster_pages
from nordocr.pages.selection import Selection

register()

_pages: list[Generator[PageImage, None, None]] = []
_failed: Final[list[tuple[int, str, str]]] = []


class Refused(Exception):
    """An error of nordocr, with its ``kind``."""

    def __init__(self, error: NordocrError) -> None:
        super().__init__(str(error))
        self.kind = _kind(error)


def handle(request: dict[str, Any]) -> tuple[dict[str, Any], bytes | memoryview]:
    """Answer one request."""
    if "open" in request:
        while _pages:
            _pages.pop().close()
        wanted = request["pages"]
        selection = None if wanted is None else Selection(tuple((first, last) for first, last in wanted))
        limits = Limits.model_validate(request["limits"])
        _pages.append(raster_pages(Path(request["open"]), limits, selection, _note))
        return {}, b""
    try:
        page = next(_pages[0], None)
    except NordocrError as error:
        if not _failed:
            raise Refused(error) from error
        return {"end": True, "failed": _taken(), "refused": [_kind(error), str(error)]}, b""
    if page is None:
        return {"end": True, "failed": _taken()}, b""
    height, width, *rest = page.image.shape
    channels = rest[0] if rest else 1
    about = {"index": page.index, "dpi": page.dpi, "damage": page.damage, "missing": page.missing, "failed": _taken()}
    shape = {"width": width, "height": height, "channels": channels, "stride": width * channels}
    return {**about, **shape}, page.image.reshape(-1).data


def _note(index: int, error: NordocrError) -> None:
    _failed.append((index, _kind(error), str(error)))


def _taken() -> list[tuple[int, str, str]]:
    taken = [*_failed]
    _failed.clear()
    return taken


def _kind(error: NordocrError) -> str:
    return "large" if isinstance(error, InputTooLarge) else "unreadable"
