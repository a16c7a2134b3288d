"""From a file to the crops of its lines: the part of reading that every recogniser shares.

A page is decoded, set upright, its lines are found and cut out, in gray, straightened. Whoever reads pages (reading
itself, a benchmark of several recognisers, a comparison) gets its crops here, so all of them see the same pixels.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from nordocr.config import ReadingConfig
from nordocr.detect.base import TURNS, Detector, PageArray, Region, Turn
from nordocr.detect.crop import cut
from nordocr.detect.ink import is_inverted, to_gray
from nordocr.detect.orientation import is_blank, page_lie, turn
from nordocr.detect.registry import open_detector
from nordocr.detect.skew import straightened
from nordocr.errors import NordocrError
from nordocr.pages import MemoryImage, PageImage, Selection, Source, open_pages
from nordocr.pages.image import OnError
from nordocr.pipeline.ahead import run_ahead
from nordocr.pipeline.descreen import descreened
from nordocr.pipeline.doubt import has_unread_reverse, is_paper
from nordocr.pipeline.turned import turned_apart
from nordocr.pipeline.upright import reads_better_turned
from nordocr.recognize.base import Crop, Recognizer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Layout:
    """Where the lines of one page are.

    Attributes:
        index: The page's number in its file, from 0.
        size: Width and height in pixels, of the page as it was turned.
        regions: The lines in reading order, in pixels of the turned page, made straight where it lay askew.
        rotation: Degrees clockwise by which the page was turned before its lines were found.
        skew: Degrees by which the turned page's lines climbed to the right before it was made straight; 0 where it was
            not.
        inverted: The page was light on dark, and was inverted before it was read.
        blank: The page shows no type.
        damaged: The page could not be decoded whole.
        missing: Share of the page that could not be decoded.
        unread_reverse: A dark part of the page holds light type in which no line was found.
        error: Why the page could not be read at all; it then has no size and no regions.
    """

    index: int
    size: tuple[int, int]
    regions: list[Region]
    rotation: Turn = 0
    blank: bool = False
    skew: float = 0.0
    inverted: bool = False
    damaged: bool = False
    missing: float = 0.0
    unread_reverse: bool = False
    error: NordocrError | None = None


@dataclass(frozen=True)
class PreparedPage:
    """A page ready to be read.

    Attributes:
        layout: Where its lines are.
        crops: Its lines in the layout's order, gray uint8 ``[H, W]``.
        image: The page, turned; None unless it was asked for.
        unsure: The page, turned, where it may still be upside down; None where that is settled.
    """

    layout: Layout
    crops: list[Crop]
    image: PageImage | None = None
    unsure: PageImage | None = None


class Preparation:
    """Prepares the pages of files with one detector.

    Args:
        config: Limits, password, and whether pages are turned.
        detector: Finds lines; None opens the configured one.
    """

    def __init__(self, config: ReadingConfig, detector: Detector | None = None) -> None:
        self.config = config
        self.detector = detector or open_detector(config.detector, config.threads)

    def pages(
        self,
        path: Source,
        recognizer: Recognizer,
        selection: Selection | None = None,
        timing: dict[str, float] | None = None,
        *,
        keep_images: bool = False,
        tolerant: bool = False,
    ) -> Generator[PreparedPage, None, None]:
        """Prepare the pages of a file in order, the next ``config.pages_ahead`` of them ahead, in a thread.

        Args:
            path: The file, or a page in memory.
            recognizer: Reads a few lines of a page that may be upside down.
            selection: The pages wanted; None for all.
            timing: Seconds are added to its stages ``decode``, ``detect`` and ``recognize``.
            keep_images: Give each page's pixels along.
            tolerant: Go on behind a page that cannot be read, and give it with its ``layout.error``.

        Yields:
            Each page, with ``unsure`` settled.

        Raises:
            NordocrError: What :func:`nordocr.pages.open_pages` raises, after the pages before.
        """
        spent = timing if timing is not None else {}
        made = run_ahead(lambda: self._made(path, selection, spent, keep_images, tolerant), self.config.pages_ahead)
        with closing(made) as prepared:
            for item in prepared:
                if item.unsure is not None:
                    item = self._settled(item, item.unsure, recognizer, spent)
                with clock(spent, "recognize"):
                    regions, crops = turned_apart(recognizer, item.layout.regions, item.crops)
                yield replace(item, layout=replace(item.layout, regions=regions), crops=crops)
                del item

    def again(
        self, path: Source, layouts: Sequence[Layout], timing: dict[str, float] | None = None
    ) -> Iterator[PreparedPage]:
        """Decode the pages of a file once more and cut the lines that were found before.

        Args:
            path: The file.
            layouts: What :meth:`pages` gave for it, in the order of the pages.
            timing: Seconds are added to its stage ``decode``.

        Yields:
            A page for each layout, its crops the same to the byte.
        """
        spent = timing if timing is not None else {}
        with closing(self.opened(path, None)) as images:
            wanted = {layout.index: layout for layout in layouts}
            while wanted:
                with clock(spent, "decode"):
                    page = next(images, None)
                if page is None:
                    return
                layout = wanted.pop(page.index, None)
                if layout is not None:
                    image = as_read(turn(page.image, layout.rotation), layout.skew, layout.inverted)
                    yield PreparedPage(layout, crops_of(replace(page, image=image), layout.regions))

    def opened(
        self, source: Source, selection: Selection | None, on_error: OnError | None = None
    ) -> Generator[PageImage, None, None]:
        """Decode the pages of a file as the configuration says, dithered ones in gray.

        See :func:`nordocr.pages.open_pages`.
        """
        if isinstance(source, MemoryImage):
            images = source.pages(self.config.limits, selection)
        else:
            images = open_pages(source, self.config.limits, selection, self.config.password(), on_error)
        return _in_gray(images)

    def _made(
        self, path: Source, selection: Selection | None, timing: dict[str, float], keep: bool, tolerant: bool
    ) -> Iterator[PreparedPage]:
        failed: list[tuple[int, NordocrError]] = []
        note = (lambda index, error: failed.append((index, _freed(error)))) if tolerant else None
        with closing(self.opened(path, selection, note)) as images:
            while True:
                image, end = None, None
                try:
                    with clock(timing, "decode"):
                        image = next(images, None)
                except NordocrError as error:
                    end = error
                for index, refused in failed:
                    yield PreparedPage(Layout(index, (0, 0), [], error=refused), [])
                failed.clear()
                if end is not None:
                    raise end
                if image is None:
                    return
                with clock(timing, "detect"):
                    prepared = self._prepare(image, keep)
                del image
                yield prepared
                del prepared

    def _settled(
        self, item: PreparedPage, page: PageImage, recognizer: Recognizer, timing: dict[str, float]
    ) -> PreparedPage:
        """The page as it is, or prepared anew the other way up where it reads better so."""
        with clock(timing, "recognize"):
            level = zip(item.layout.regions, item.crops, strict=True)
            over = reads_better_turned(recognizer, [crop for region, crop in level if not region.turn])
        if not over:
            return replace(item, unsure=None)
        _log.debug("page %d: turned upside down, where its lines read better", page.index + 1)
        upright = replace(page, image=turn(page.image, 180))
        with clock(timing, "detect"):
            return self._cut(upright, item.image is not None, _half_more(item.layout.rotation), item.layout.skew)

    def _prepare(self, page: PageImage, keep: bool) -> PreparedPage:
        if not self.config.turn_pages:
            return self._cut(page, keep, 0)
        lie = page_lie(page.image)
        # What only seems upside down is not turned before it is read: pages mostly lie as they should.
        rotation = lie.turn if lie.sure else TURNS[TURNS.index(lie.turn) % 2]
        if rotation:
            page = replace(page, image=turn(page.image, rotation))
            _log.debug("page %d: turned by %d degrees", page.index + 1, rotation)
        prepared = self._cut(page, keep, rotation, lie.skew)
        return prepared if lie.sure else replace(prepared, unsure=page)

    def _cut(self, page: PageImage, keep: bool, rotation: Turn, skew: float = 0.0) -> PreparedPage:
        """Find the lines of ``page``, which has been turned by ``rotation`` and lies askew by ``skew`` degrees."""
        started = time.perf_counter()
        inverted = is_inverted(to_gray(page.image))
        straight = replace(page, image=as_read(page.image, skew, inverted))
        if skew:
            _log.debug("page %d: made straight, it was askew by %.2f degrees", page.index + 1, skew)
        regions = self.detector.detect(straight.image)
        height, width = page.image.shape[:2]
        # Most pages have lines: the look for type costs nothing where they are.
        blank = not regions and not page.damage and is_paper(to_gray(page.image)) and is_blank(page.image)
        damaged = bool(page.damage)
        reverse = has_unread_reverse(to_gray(straight.image), regions)
        layout = Layout(
            page.index, (width, height), regions, rotation, blank, skew, inverted, damaged, page.missing, reverse
        )
        _log.debug(
            "page %d: %d lines found by %s in %.2f s%s",
            page.index + 1,
            len(regions),
            self.detector.name,
            time.perf_counter() - started,
            ", blank" if blank else "",
        )
        return PreparedPage(layout, crops_of(straight, regions), page if keep else None)


def _in_gray(images: Generator[PageImage, None, None]) -> Generator[PageImage, None, None]:
    """Give the pages, dithered ones in gray."""
    with closing(images):
        for page in images:
            yield replace(page, image=descreened(page.image))
            del page


def as_read(image: PageArray, skew: float, inverted: bool) -> PageArray:
    """Return the turned page made straight, and dark on light: what lines are found on."""
    image = 255 - image if inverted else image
    return straightened(image, skew) if skew else image


def _freed(error: NordocrError) -> NordocrError:
    """Return the error without what led to it: frames of decoders, which hold the pixels of a page."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def crops_of(page: PageImage, regions: Sequence[Region]) -> list[Crop]:
    """Cut lines out of a page, in gray: recognisers learn from gray lines; on coloured paper they read noise.

    Args:
        page: The page that the regions lie on, turned as they are.
        regions: Its lines.

    Returns:
        uint8 ``[H, W]`` for each region.
    """
    gray = to_gray(page.image)
    return [cut(gray, region) for region in regions]


@contextmanager
def clock(timing: dict[str, float], stage: str) -> Iterator[None]:
    """Add the seconds that the block takes to ``timing[stage]``."""
    started = time.perf_counter()
    try:
        yield
    finally:
        timing[stage] = timing.get(stage, 0.0) + time.perf_counter() - started


def _half_more(rotation: Turn) -> Turn:
    return TURNS[(TURNS.index(rotation) + 2) % 4]
