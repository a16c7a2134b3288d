"""In which coordinate system the readings of one page are compared."""

from __future__ import annotations

from collections.abc import Sequence

from nordocr.detect.orientation import Turn
from nordocr.evaluate.documents.placed import Frame, PlacedPage


def page_frame(pages: Sequence[PlacedPage | None], size: tuple[int, int] | None) -> Frame | None:
    """Choose the coordinate system for all readings of a page.

    The first reading that says that it turned the page decides the rotation: result files leave out a rotation of 0,
    so that a reading without one has either not turned the page or does not know of turning.

    Args:
        pages: The readings, engines before page truth; None for who has no such page.
        size: Width and height in pixels of the page as it is in the file; None if the file does not have the page,
            in which case the first reading that says a size decides.

    Returns:
        None where nobody says how large the page is.
    """
    rotation: Turn = next((page.rotation for page in pages if page is not None and page.rotation), 0)
    if size is None:
        sized = next((page for page in pages if page is not None and page.width and page.height), None)
        if sized is None:
            return None
        own = int(sized.width or 0), int(sized.height or 0)
        size = own if sized.rotation % 180 == 0 else own[::-1]
    width, height = size if rotation % 180 == 0 else size[::-1]
    return Frame(width, height, rotation)
