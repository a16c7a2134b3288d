"""One line read again, in a box that a person has drawn or moved."""

from __future__ import annotations

import threading

from nordocr.config import ReadingConfig
from nordocr.correct import CorrectedPage
from nordocr.detect.crop import cut
from nordocr.detect.ink import to_gray
from nordocr.detect.orientation import turn
from nordocr.pages import Origin
from nordocr.pipeline.cutting import KnownPage, regions_of_page
from nordocr.pipeline.given import Outline
from nordocr.pipeline.leaders import read_with_leaders
from nordocr.pipeline.preparation import Preparation
from nordocr.pipeline.spaced import joined
from nordocr.recognize.base import Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.results import BBox


class LineReader:
    """Reads single lines with one recogniser, which is opened when the first is asked for."""

    def __init__(self, config: ReadingConfig) -> None:
        self._config = config
        self._guard = threading.Lock()
        self._open: tuple[Preparation, Recognizer] | None = None

    def close(self) -> None:
        """Free the model, if one was opened."""
        with self._guard:
            if self._open is not None:
                self._open[1].close()
                self._open = None

    def read(self, origin: Origin, page: CorrectedPage, name: str) -> tuple[str, float, list[float]]:
        """Read a line as reading would, had it found the line in its box.

        Args:
            origin: Where the page's file is.
            page: The page, with the line's box as it is now.
            name: The line.

        Returns:
            Its text, its confidence, and the confidence of each character.

        Raises:
            NordocrError: The page or the model cannot be read.
        """
        image = turn(origin.image(page.page_index), page.rotation)
        others = {line.id: Outline(_box(line.bbox)) for line in page.lines}
        turns = {line.id: line.rotation for line in page.lines if line.rotation}
        known = KnownPage(page.page_index, page.rotation, page.skew, {}, others, turns=turns)
        with self._guard:
            if self._open is None:
                recognizer = open_recognizer(self._config.recognizer, self._config)
                self._open = Preparation(self._config), recognizer
            preparation, recognizer = self._open
            straight, regions, _ = regions_of_page(preparation, image, known, {name})
            region = regions[name]
            (text,) = read_with_leaders(recognizer, [cut(to_gray(straight), region)])
        if region.word_ends is not None:
            text = joined(text, region.word_ends)
        return text.text, text.confidence, list(text.char_confidences)


def _box(box: BBox) -> tuple[int, int, int, int]:
    return box.x, box.y, box.width, box.height
