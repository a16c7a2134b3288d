"""File to results: pages are decoded, their lines found, read and put together, in two stages that overlap.

A thread decodes a page and finds its lines while the lines of the page before it are read; pages come out in order, and
memory holds the few pages that are on their way, however many the file has.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from nordocr import __version__
from nordocr.ahead import run_ahead
from nordocr.boxes import page_of
from nordocr.config import ReadingConfig
from nordocr.detect.base import Detector, Region
from nordocr.detect.crop import cut
from nordocr.detect.ink import to_gray
from nordocr.detect.orientation import TURNS, Turn, is_blank, page_lie, turn
from nordocr.detect.registry import open_detector
from nordocr.pages import PageImage, Selection, open_pages
from nordocr.recognize.base import Crop, Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.results import Document, Engine, Page
from nordocr.upright import reads_better_turned

OnImage = Callable[[PageImage, Page], None]
"""Told of each page's pixels together with what was read on it."""


@dataclass(frozen=True)
class Prepared:
    """A page between the stages: its lines as crops. ``image`` only where somebody wants to see it.

    ``rotation``: degrees clockwise by which the page was turned before its lines were found; ``unsure``: the page's
    image, where it may be upside down; ``blank``: it shows no type.
    """

    index: int
    size: tuple[int, int]
    regions: list[Region]
    crops: list[Crop]
    image: PageImage | None = None
    rotation: Turn = 0
    unsure: PageImage | None = None
    blank: bool = False


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
        self.detector = detector or open_detector(self.config.detector, self.config.threads)
        self._owns = recognizer is None
        self.recognizer = recognizer or open_recognizer(self.config.recognizer, self.config)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
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
        self,
        path: Path,
        pages: Selection | None = None,
        timing: dict[str, float] | None = None,
        on_image: OnImage | None = None,
    ) -> Iterator[Page]:
        """The pages of ``path`` as they are read, the next ``config.pages_ahead`` of them already on their way.

        Seconds of the stages ``decode``, ``detect`` and ``recognize`` are added to ``timing``; the stages overlap, so
        their sum may be more than has passed. Raises what :func:`nordocr.pages.open_pages` raises, after the pages
        before.
        """
        spent = timing if timing is not None else {}
        keep = on_image is not None
        with closing(run_ahead(lambda: self._prepared(path, pages, spent, keep), self.config.pages_ahead)) as prepared:
            for item in prepared:
                if item.unsure is not None:
                    item = self._decided(item, item.unsure, spent)
                with _clock(spent, "recognize"):
                    texts = self.recognizer.read(item.crops)
                page = page_of(
                    item.index,
                    item.size,
                    item.regions,
                    texts,
                    characters=self.config.char_boxes,
                    rotation=item.rotation,
                    scribbles=not self.config.drop_scribbles,
                    blank=item.blank,
                )
                if on_image is not None and item.image is not None:
                    on_image(item.image, page)
                del item
                yield page

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
        return self.summary(path, timing).model_copy(update={"pages": read})

    def stream(
        self,
        path: Path,
        on_page: Callable[[Page], None],
        pages: Selection | None = None,
        on_image: OnImage | None = None,
    ) -> Document:
        """Hand each page over as soon as it is read and keep none: the document that comes back has no pages."""
        timing: dict[str, float] = defaultdict(float)
        with _clock(timing, "total"):
            for page in self.pages(path, pages, timing, on_image):
                on_page(page)
        return self.summary(path, timing)

    def summary(self, path: Path, timing: dict[str, float]) -> Document:
        """What a result says besides its pages; ``timing`` in seconds by stage."""
        rounded = {stage: round(seconds, 3) for stage, seconds in timing.items()}
        return Document(source=str(path), timing=rounded, engine=self.engine())

    def _prepared(
        self, path: Path, pages: Selection | None, timing: dict[str, float], keep: bool
    ) -> Iterator[Prepared]:
        with closing(open_pages(path, self.config.limits, pages, self.config.password())) as images:
            while True:
                with _clock(timing, "decode"):
                    image = next(images, None)
                if image is None:
                    return
                with _clock(timing, "detect"):
                    prepared = self._prepare(image, keep)
                del image
                yield prepared
                del prepared

    def _decided(self, item: Prepared, page: PageImage, timing: dict[str, float]) -> Prepared:
        """The page as it is, or prepared anew the other way up where it reads better so."""
        with _clock(timing, "recognize"):
            over = reads_better_turned(self.recognizer, item.crops)
        if not over:
            return item
        upright = replace(page, image=turn(page.image, 180))
        with _clock(timing, "detect"):
            return self._cut(upright, item.image is not None, _half_more(item.rotation))

    def _prepare(self, page: PageImage, keep: bool) -> Prepared:
        if not self.config.turn_pages:
            return self._cut(page, keep, 0)
        lie = page_lie(page.image)
        # What only seems upside down is not turned before it is read: pages mostly lie as they should.
        rotation = lie.turn if lie.sure else TURNS[TURNS.index(lie.turn) % 2]
        if rotation:
            page = replace(page, image=turn(page.image, rotation))
        prepared = self._cut(page, keep, rotation)
        return prepared if lie.sure else replace(prepared, unsure=page)

    def _cut(self, page: PageImage, keep: bool, rotation: Turn) -> Prepared:
        """The lines of ``page``, which has been turned by ``rotation``."""
        regions = self.detector.detect(page.image)
        gray = to_gray(page.image)  # recognisers learn from gray lines; on coloured paper they read noise
        crops = [cut(gray, region) for region in regions]
        height, width = page.image.shape[:2]
        shown = page if keep else None
        # Most pages have lines: the look for type costs nothing where they are.
        blank = not regions and is_blank(page.image)
        return Prepared(page.index, (width, height), regions, crops, shown, rotation, blank=blank)


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
    """Read a file page by page, each given as soon as it is read; memory holds the few that are on their way."""
    with Reader(config, recognizer, detector) as reader:
        yield from reader.pages(path, pages)


def _half_more(rotation: Turn) -> Turn:
    return TURNS[(TURNS.index(rotation) + 2) % 4]


@contextmanager
def _clock(timing: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        timing[stage] = timing.get(stage, 0.0) + time.perf_counter() - started
