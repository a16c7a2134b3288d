"""File to results: pages are decoded, their lines found, read and put together, in two stages that overlap.

A thread decodes a page and finds its lines while the lines of the page before it are read; pages come out in order, and
memory holds the few pages that are on their way, however many the file has.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from nordocr import __version__
from nordocr.config import ReadingConfig
from nordocr.detect.base import Detector
from nordocr.errors import NordocrError
from nordocr.files import shown
from nordocr.pages import PageImage, Selection, Source
from nordocr.pipeline.boxes import page_of
from nordocr.pipeline.doubt import LEAST_CONFIDENCE
from nordocr.pipeline.leaders import read_with_leaders
from nordocr.pipeline.preparation import Preparation, clock
from nordocr.pipeline.turned import turned_over
from nordocr.pipeline.upright import OnceRead
from nordocr.recognize.base import Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.results import Document, Engine, Page

_log = logging.getLogger(__name__)

OnImage = Callable[[PageImage, Page], None]
"""Told of each page's pixels together with what was read on it."""


OnFailure = Callable[[NordocrError], None]
"""Told of what could not be read."""


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
        self.preparation = Preparation(self.config, detector)
        self._owns = recognizer is None
        self.recognizer = recognizer or open_recognizer(self.config.recognizer, self.config)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._owns:
            self.recognizer.close()

    def engine(self) -> Engine:
        """Who reads, as results report it."""
        return engine_of(self.recognizer, self.preparation.detector)

    def pages(
        self,
        path: Source,
        pages: Selection | None = None,
        timing: dict[str, float] | None = None,
        on_image: OnImage | None = None,
        on_error: OnFailure | None = None,
    ) -> Generator[Page, None, None]:
        """The pages of ``path`` as they are read, the next ``config.pages_ahead`` of them already on their way.

        Seconds of the stages ``decode``, ``detect`` and ``recognize`` are added to ``timing``; the stages overlap, so
        their sum may be more than has passed. Raises what :func:`nordocr.pages.open_pages` raises, after the pages
        before; with ``on_error``, a page that cannot be read is given with its ``error`` and the next ones are read.
        """
        spent = timing if timing is not None else {}
        keep, tolerant = on_image is not None, on_error is not None
        once = OnceRead(self.recognizer)
        prepared = self.preparation.pages(path, once, pages, spent, keep_images=keep, tolerant=tolerant)
        with closing(prepared):
            for item in prepared:
                if item.layout.error is not None and on_error is not None:
                    on_error(item.layout.error)
                    yield unreadable(item.layout.index, item.layout.error)
                    continue
                started = time.perf_counter()
                with clock(spent, "recognize"):
                    texts = read_with_leaders(once, item.crops)
                    regions, texts = turned_over(once, item.layout.regions, item.crops, texts)
                once.forget()
                _log.debug(
                    "page %d: %d lines read in %.2f s, least confidence %.2f",
                    item.layout.index + 1,
                    len(texts),
                    time.perf_counter() - started,
                    min((text.confidence for text in texts), default=0.0),
                )
                page = page_of(
                    replace(item.layout, regions=regions),
                    texts,
                    characters=self.config.char_boxes,
                    scribbles=not self.config.drop_scribbles,
                    dropped=self.config.keep_dropped,
                )
                if "unread" in page.flags:
                    _log.warning("Page %d of %s is not blank, yet nothing was read on it.", page.page_index + 1, path)
                if "doubtful" in page.flags:
                    _log.warning("%s", doubt(page, path))
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
        with clock(timing, "total"):
            for page in self.pages(path, pages, timing):
                read.append(page)
                if on_page is not None:
                    on_page(page)
        return self.summary(path, timing).model_copy(update={"pages": read})

    def stream(
        self,
        path: Source,
        on_page: Callable[[Page], None],
        pages: Selection | None = None,
        on_image: OnImage | None = None,
        on_error: OnFailure | None = None,
    ) -> Document:
        """Hand each page over as soon as it is read and keep none: the document that comes back has no pages.

        Args:
            path: The file.
            on_page: Told of each page.
            pages: The pages wanted; None for all.
            on_image: Told of each page's pixels.
            on_error: Told of each page that cannot be read, and of what ends the file early; None raises it.

        Raises:
            NordocrError: Without ``on_error`` what :func:`nordocr.pages.open_pages` raises; with it only where no page
                at all could be read.
        """
        timing: dict[str, float] = defaultdict(float)
        failures: list[NordocrError] = []
        waiting: list[Page] = []
        read, end = 0, ""
        with (
            clock(timing, "total"),
            closing(self.pages(path, pages, timing, on_image, None if on_error is None else failures.append)) as found,
        ):
            while True:
                try:
                    page = next(found, None)
                except NordocrError as error:
                    if on_error is None or not read:
                        raise
                    failures.append(error)
                    end = shown(error)
                    break
                if page is None:
                    break
                read += not page.error
                waiting.append(page)
                if read:  # nothing is handed over before it is known that something can be read
                    for held in waiting:
                        on_page(held)
                    waiting.clear()
        if on_error is not None and failures:
            if not read:
                raise failures[0]
            for failure in failures:
                on_error(failure)
        return self.summary(path, timing).model_copy(update={"error": end})

    def summary(self, path: Source | str, timing: dict[str, float]) -> Document:
        """What a result says besides its pages; ``timing`` in seconds by stage."""
        rounded = {stage: round(seconds, 3) for stage, seconds in timing.items()}
        return Document(source=shown(path), timing=rounded, engine=self.engine())


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


def doubt(page: Page, path: Source) -> str:
    """Return the sentence for a user about a doubtful page of ``path``."""
    where = f"Page {page.page_index + 1} of {path} is doubtful"
    if page.confidence >= LEAST_CONFIDENCE:
        return f"{where}: a dark part of it holds light type that was not read."
    return f"{where}: what was read on it is probably wrong (confidence {page.confidence:.2f})."


def unreadable(index: int, error: NordocrError) -> Page:
    """Describe the page ``index`` (from 0), which could not be read at all, as results report it."""
    return Page(page_index=index, width=0, height=0, flags=["unreadable"], error=shown(error))


def engine_of(recognizer: Recognizer, detector: Detector) -> Engine:
    """Describe who read, as results report it."""
    return Engine(
        name="nordocr",
        recognizer=recognizer.name,
        detector=detector.name,
        model=recognizer.model,
        model_sha256=recognizer.model_sha256,
        languages=list(getattr(recognizer, "languages", ())),
        language_model=getattr(recognizer, "language_model", ""),
        nordocr=__version__,
    )
