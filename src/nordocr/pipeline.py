"""File to results: pages are decoded, their lines found, read and put together, one page at a time."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nordocr import __version__
from nordocr.config import ReadingConfig
from nordocr.ctc import WordSpan
from nordocr.detect.base import Detector, Region
from nordocr.detect.crop import cut
from nordocr.detect.registry import open_detector
from nordocr.pages import PageImage, Selection, open_pages
from nordocr.recognize.base import LineText, Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.results import BBox, Document, Engine, Line, Page, Word

DIGITS: Final = 4
"""Confidences are rounded to this many decimals: the rest is noise of the hardware."""


class Reader:
    """Reads files with one recogniser and one detector, opened once.

    What is not given is opened as ``config`` says. Use as a context manager: a recogniser that the reader opened is
    closed with it. Raises on construction what opening an engine raises.
    """

    def __init__(
        self,
        config: ReadingConfig | None = None,
        recognizer: Recognizer | None = None,
        detector: Detector | None = None,
    ) -> None:
        self.config = config or ReadingConfig()
        self.detector = detector or open_detector(self.config.detector)
        self._owns = recognizer is None
        self.recognizer = recognizer or open_recognizer(self.config.recognizer, self.config)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._owns:
            self.recognizer.close()

    def engine(self) -> Engine:
        """Who reads, as results report it."""
        return Engine(
            name="nordocr",
            recognizer=self.recognizer.name,
            detector=self.detector.name,
            model=self.recognizer.model,
            model_sha256=self.recognizer.model_sha256,
            nordocr=__version__,
        )

    def pages(
        self, path: Path, pages: Selection | None = None, timing: dict[str, float] | None = None
    ) -> Iterator[Page]:
        """The pages of ``path``, each read when it is asked for.

        Seconds of the stages ``decode``, ``detect`` and ``recognize`` are added to ``timing``. Raises what
        :func:`nordocr.pages.open_pages` raises, after the pages before.
        """
        spent = timing if timing is not None else {}
        images = open_pages(path, self.config.limits, pages)
        while True:
            with _clock(spent, "decode"):
                image = next(images, None)
            if image is None:
                return
            yield self._page(image, spent)

    def document(
        self, path: Path, pages: Selection | None = None, on_page: Callable[[Page], None] | None = None
    ) -> Document:
        """The whole file; ``on_page`` sees every page as soon as it is read."""
        timing: dict[str, float] = defaultdict(float)
        read: list[Page] = []
        with _clock(timing, "total"):
            for page in self.pages(path, pages, timing):
                read.append(page)
                if on_page is not None:
                    on_page(page)
        rounded = {stage: round(seconds, 3) for stage, seconds in timing.items()}
        return Document(source=str(path), pages=read, timing=rounded, engine=self.engine())

    def _page(self, page: PageImage, timing: dict[str, float]) -> Page:
        with _clock(timing, "detect"):
            regions = self.detector.detect(page.image)
            crops = [cut(page.image, region) for region in regions]
        with _clock(timing, "recognize"):
            texts = self.recognizer.read(crops)
        height, width = page.image.shape[:2]
        # A region without text is a stain that the detector took for a line.
        lines = [_line(r, t) for r, t in zip(regions, texts, strict=True) if t.text.strip()]
        return Page(
            page_index=page.index,
            width=width,
            height=height,
            text="\n".join(line.text for line in lines),
            confidence=_page_confidence(lines),
            lines=lines,
        )


def read_document(
    path: Path,
    config: ReadingConfig | None = None,
    recognizer: Recognizer | None = None,
    detector: Detector | None = None,
    on_page: Callable[[Page], None] | None = None,
    pages: Selection | None = None,
) -> Document:
    """Read a whole file; see :class:`Reader`, which reads many without opening the model again."""
    with Reader(config, recognizer, detector) as reader:
        return reader.document(path, pages, on_page)


def read_pages(
    path: Path,
    config: ReadingConfig | None = None,
    recognizer: Recognizer | None = None,
    detector: Detector | None = None,
    pages: Selection | None = None,
) -> Iterator[Page]:
    """Read a file page by page, each decoded and read when it is asked for; memory holds one page."""
    with Reader(config, recognizer, detector) as reader:
        yield from reader.pages(path, pages)


@contextmanager
def _clock(timing: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        timing[stage] = timing.get(stage, 0.0) + time.perf_counter() - started


def _line(region: Region, text: LineText) -> Line:
    return Line(
        text=text.text,
        confidence=_rounded(text.confidence),
        bbox=BBox(x=region.x, y=region.y, width=region.width, height=region.height),
        char_confidences=[_rounded(value) for value in text.char_confidences],
        words=[_word(region, word) for word in text.words],
        flags=list(text.flags),
    )


def _word(region: Region, word: WordSpan) -> Word:
    """The word's share of the line as a box in page pixels, following the line where it climbs."""
    left = math.floor(max(0.0, word.left) * region.width)
    right = max(left + 1, math.ceil(min(1.0, word.right) * region.width))
    climb = math.tan(math.radians(region.angle))
    height = region.height if climb == 0 else min(region.height, math.ceil(region.line_height))
    middle = region.y + region.height / 2 - climb * ((left + right) / 2 - region.width / 2)
    top = min(max(region.y, round(middle - height / 2)), region.y + region.height - height)
    box = BBox(x=region.x + left, y=top, width=right - left, height=height)
    return Word(text=word.text, confidence=_rounded(word.confidence), bbox=box)


def _page_confidence(lines: Sequence[Line]) -> float:
    """The lines' confidences, each weighted by its length; 0 for a page without text."""
    characters = sum(len(line.text) for line in lines)
    return _rounded(sum(len(line.text) * line.confidence for line in lines) / characters) if characters else 0.0


def _rounded(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), DIGITS)
