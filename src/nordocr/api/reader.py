"""The reader that a Python user opens: files, bytes and images in, documents out."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import closing
from types import TracebackType
from typing import Any, Unpack, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr import results
from nordocr.api.document import Document, Page
from nordocr.api.options import Options, StrPath, configured
from nordocr.api.sources import Input, is_many, origin_of
from nordocr.config import ReadingConfig
from nordocr.detect.base import Region
from nordocr.detect.ink import to_gray
from nordocr.errors import NordocrError
from nordocr.files import shown
from nordocr.pages import MemoryImage, PageImage, parse_selection
from nordocr.pipeline.boxes import line_of
from nordocr.pipeline.preparation import clock
from nordocr.pipeline.reader import Reader as Pipeline
from nordocr.results import Engine, Line


class Reader:
    """Reads documents with one recogniser and one detector, which are opened once.

    The reader owns what it opens: use it as a context manager, or call :meth:`close`. It may be used by any number of
    threads at the same time; each result is the same as from one thread. Close it when no thread reads any more.

    Args:
        config: A configuration, or the YAML or JSON file that holds one. Default: the built-in settings.
        **options: Keys of the configuration that override it, such as ``recognizer``, ``detector``, ``threads``,
            ``char_boxes`` or ``preset``; see ``docs/configuration.md``.

    Raises:
        ConfigInvalid: A key is unknown or a value is out of range.
        ModelMissing: There is no such model.
        ModelInvalid: The model file cannot be used.
        EngineUnavailable: The engine, or something that it needs, is not on this machine.
        UsageError: The engine does not obey one of the keys.
    """

    def __init__(self, config: ReadingConfig | StrPath | None = None, **options: Unpack[Options]) -> None:
        self.config = configured(config, options)
        self._pipeline = Pipeline(self.config)
        self._closed = False

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        engine = self.engine
        return f"Reader(recognizer={engine.model!r}, detector={engine.detector!r})"

    def close(self) -> None:
        """Free the model. Reading afterwards raises RuntimeError; closing again does nothing."""
        if not self._closed:
            self._closed = True
            self._pipeline.__exit__(None, None, None)

    @property
    def engine(self) -> Engine:
        """Which recogniser, model and detector read."""
        return self._pipeline.engine()

    def read(self, source: Input | Iterable[Input], *, pages: str | None = None, fields: bool = False) -> Document:
        """Read a document, or several as one.

        Args:
            source: A path, the bytes of a file, a binary file object (which is read to its end and not closed), a NumPy
                array (uint8 or bool, ``[H, W]`` gray, ``[H, W, 3]`` RGB or ``[H, W, 4]`` RGBA), a Pillow image, or an
                iterable of these, whose pages are then numbered through.
            pages: The pages wanted of each source, counted from 1, as ``1,3-5,9-``. Default: all.
            fields: Put the dates, amounts and numbers with check digits into the result, and so into its JSON;
                :attr:`Document.fields` finds them later, too.

        Returns:
            The document. It keeps a reference to the source for :meth:`Page.draw` and for PDF.

        Raises:
            InputMissing: There is no such file.
            InputUnreadable: The input is damaged, empty or of a kind that cannot be read, or has no such page.
            InputTooLarge: The input goes over one of the limits.
            InputEncrypted: A PDF wants another password.
            TypeError: ``source`` is nothing that can be read.
            RuntimeError: The reader is closed.
        """
        timing: dict[str, float] = defaultdict(float)
        names: list[str] = []
        with clock(timing, "total"):
            read = list(self._pages(source, pages, timing, names, fields=fields))
        summary = self._pipeline.summary(", ".join(names), timing)
        return Document.model_construct(**{**dict(summary), "pages": read})

    def pages(
        self, source: Input | Iterable[Input], *, pages: str | None = None, fields: bool = False
    ) -> Iterator[Page]:
        """Read page by page: each is given as soon as it is read, and the next are on their way meanwhile.

        Takes and raises the same as :meth:`read`; an error comes after the pages before it. Memory holds few pages,
        however many the document has, as long as the caller keeps none.
        """
        return self._pages(source, pages, defaultdict(float), [], fields=fields)

    def stream(
        self,
        source: Input,
        on_page: Callable[[Page], None],
        *,
        pages: str | None = None,
        fields: bool = False,
        on_image: Callable[[npt.NDArray[np.uint8], Page], None] | None = None,
        on_error: Callable[[NordocrError], None] | None = None,
    ) -> Document:
        """Read a document of any length, handing each page over and keeping none; ``nordocr process`` does it so.

        Args:
            source: One document, as :meth:`read` takes it.
            on_page: Called with each page, in order, on the calling thread.
            pages: The pages wanted, as :meth:`read` takes them.
            fields: As :meth:`read` takes it.
            on_image: Called before that with each page's pixels, uint8, as its boxes lie on them.
            on_error: Called with what is wrong with each page that cannot be read, and with what ends the document
                early; such a page is handed over with its ``error``. Default: the first failure is raised.

        Returns:
            The document without its pages: source, timing, engine, and ``error`` where it ended early.

        Raises:
            NordocrError: As :meth:`read`; with ``on_error`` only where no page at all could be read.
        """
        self._require_open()
        selection = parse_selection(pages) if pages is not None else None
        origin = origin_of(source, self.config.limits, self.config.password())

        with origin.located() as opened:
            # Bytes lie in a temporary file, whose name means nothing to anybody.
            def named(text: str) -> str:
                return text.replace(str(opened), shown(origin.name)) if isinstance(origin.content, bytes) else text

            def told(page: results.Page) -> Page:
                own = Page.of(page, origin, page.page_index, fields=fields)
                own.error = named(own.error)
                return own

            def failed(error: NordocrError) -> None:
                if on_error is not None:
                    on_error(type(error)(named(str(error))))

            def pixels(image: PageImage, page: results.Page) -> None:
                if on_image is not None:
                    on_image(image.image, told(page))

            summary = self._pipeline.stream(
                opened,
                lambda page: on_page(told(page)),
                selection,
                pixels if on_image is not None else None,
                failed if on_error is not None else None,
            )
        ended = {"source": shown(origin.name), "error": named(summary.error)}
        return Document.model_construct(**{**dict(summary), **ended})

    def read_lines(self, crops: Iterable[npt.NDArray[Any] | Image.Image]) -> list[Line]:
        """Read images that show one line of text each, without looking for lines.

        Args:
            crops: Arrays as :meth:`read` takes them, or Pillow images: dark type on light paper, any height.

        Returns:
            A line for each crop, in the same order; boxes are in pixels of the crop.

        Raises:
            InputUnreadable: A crop is empty or cannot be decoded.
            InputTooLarge: A crop has too many pixels.
            TypeError: A crop is neither an array of uint8 or bool nor a Pillow image.
            RuntimeError: The reader is closed.
        """
        self._require_open()
        gray = []
        for crop in crops:
            origin = origin_of(crop, self.config.limits, None)
            if not isinstance(origin.content, MemoryImage):
                raise TypeError(f"a line is an array or a Pillow image, not a {type(crop).__name__}")
            gray.append(to_gray(origin.content.pixels(self.config.limits)))
        regions = [Region(0, 0, crop.shape[1], crop.shape[0]) for crop in gray]
        texts = self._pipeline.recognizer.read(gray)
        pairs = zip(regions, texts, strict=True)
        return [line_of(region, text, characters=self.config.char_boxes) for region, text in pairs]

    async def aread(
        self, source: Input | Iterable[Input], *, pages: str | None = None, fields: bool = False
    ) -> Document:
        """Read as :meth:`read` does, in a thread, while the event loop goes on. Cancelling does not stop the thread."""
        return await asyncio.to_thread(self.read, source, pages=pages, fields=fields)

    async def apages(
        self, source: Input | Iterable[Input], *, pages: str | None = None, fields: bool = False
    ) -> AsyncIterator[Page]:
        """Read page by page as :meth:`pages` does, each page in a thread, while the event loop goes on."""
        read = self.pages(source, pages=pages, fields=fields)
        try:
            while (page := await asyncio.to_thread(next, read, None)) is not None:
                yield page
        finally:
            with contextlib.suppress(ValueError):  # its thread still reads after a cancellation, and closes it then
                await asyncio.to_thread(cast("Generator[Page]", read).close)

    def _pages(
        self,
        source: Input | Iterable[Input],
        pages: str | None,
        timing: dict[str, float],
        names: list[str],
        *,
        fields: bool,
    ) -> Iterator[Page]:
        self._require_open()
        selection = parse_selection(pages) if pages is not None else None
        many = is_many(source)
        numbers = itertools.count()
        sources: Iterable[Any] = cast("Iterable[Any]", source) if many else (source,)
        for single in sources:
            origin = origin_of(single, self.config.limits, self.config.password())
            names.append(origin.name)
            with origin.located() as opened, closing(self._pipeline.pages(opened, selection, timing)) as read:
                for page in read:
                    yield Page.of(page, origin, next(numbers) if many else page.page_index, fields=fields)

    def _require_open(self) -> None:
        if self._closed:
            raise RuntimeError("the reader is closed")
