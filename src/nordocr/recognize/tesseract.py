"""Tesseract's LSTM engine on our own line boxes, through ``tesserocr`` (which bundles libtesseract).

Tesseract finds lines itself and wants paper around them. Each crop is therefore read as a single line (page
segmentation mode 7) inside a margin in its own paper's tone; in raw-line mode it reads far worse, so this is the
setting that is fair to it (``docs/evaluation.md`` has what each choice is worth).
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.charset import nfc
from nordocr.config import ReadingConfig
from nordocr.ctc import WordSpan
from nordocr.errors import EngineUnavailable, UsageError
from nordocr.recognize.base import Crop, LineText

MARGIN: Final = 10
"""Pixels of paper put around each crop."""

_SINGLE_LINE: Final = 7
_PAPER_PERCENTILE: Final = 90
_TESSDATA_PLACES: Final = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "C:/Program Files/Tesseract-OCR/tessdata",
)


class TesseractRecognizer:
    """Reads line crops with Tesseract 5; a :class:`nordocr.recognize.base.Recognizer`.

    ``languages`` as Tesseract writes them ("swe+eng"); ``tessdata`` the folder of their ``*.traineddata`` (else
    ``TESSDATA_PREFIX``, else the usual places); ``threads`` that read at once, each with an engine of its own, 0 for
    one a core. ``margin`` in pixels and ``mode`` (page segmentation) are for measuring what they are worth.
    Raises :class:`EngineUnavailable` where tesserocr or a language's data is missing.
    """

    name = "tesseract"

    def __init__(
        self,
        languages: str = "swe+eng",
        tessdata: str | Path | None = None,
        threads: int = 1,
        *,
        margin: int = MARGIN,
        mode: int = _SINGLE_LINE,
    ) -> None:
        self._tesserocr = _load()
        names = languages.split("+")
        if not all(names):
            raise UsageError(f"Tesseract's languages are written like swe+eng, not {languages!r}.")
        folder = find_tessdata(tessdata, names)
        self.model = languages
        self.model_sha256 = _sha256(folder / f"{names[0]}.traineddata") if len(names) == 1 else ""
        self._folder, self._margin, self._mode = folder, margin, mode
        count = threads or os.cpu_count() or 1
        self._engines: list[Any] = []
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(count):
            engine = self._open(languages)
            self._engines.append(engine)
            self._idle.put(engine)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="tesseract") if count > 1 else None
        self._closing = threading.Lock()

    @classmethod
    def from_config(cls, model: Path, config: ReadingConfig) -> TesseractRecognizer:
        """Open Tesseract as the configuration says; ``model`` is only its name."""
        return cls(languages=config.tess_lang, tessdata=config.tessdata, threads=config.threads)

    @property
    def version(self) -> str:
        """The library's version, for example "5.5.1"."""
        return str(self._tesserocr.PyTessBaseAPI.Version())

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order. An empty sequence gives an empty list.

        A line's confidence is its least certain word's; ``char_confidences`` hold the symbols' own, and for a space
        the lower of its neighbours'.
        """
        if self._pool is None:
            return [self._read_one(crop) for crop in crops]
        return list(self._pool.map(self._read_one, crops))

    def close(self) -> None:
        """Free the engines; harmless when repeated."""
        with self._closing:
            if self._pool is not None:
                self._pool.shutdown()
            while self._engines:
                self._engines.pop().End()

    def __enter__(self) -> TesseractRecognizer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, languages: str) -> Any:
        try:
            engine = self._tesserocr.PyTessBaseAPI(
                path=str(self._folder), lang=languages, oem=self._tesserocr.OEM.LSTM_ONLY, psm=self._mode
            )
        except RuntimeError as error:
            raise EngineUnavailable(
                f"Tesseract cannot load {languages} from {self._folder}: perhaps data of an older version."
            ) from error
        engine.SetVariable("debug_file", os.devnull)  # else a line on stderr for each crop without a resolution
        return engine

    @contextmanager
    def _engine(self) -> Iterator[Any]:
        if not self._engines:
            raise RuntimeError("the recogniser is closed")
        engine = self._idle.get()
        try:
            yield engine
        finally:
            self._idle.put(engine)

    def _read_one(self, crop: Crop) -> LineText:
        image = with_margin(crop, self._margin)
        if image.min() == image.max():  # in single-line mode Tesseract reads letters into blank paper
            return LineText("", 0.0)
        height, width = image.shape
        with self._engine() as engine:
            engine.SetImageBytes(image.tobytes(), width, height, 1, width)
            try:
                symbols = list(self._symbols(engine)) if engine.Recognize() else []
            finally:
                engine.Clear()
        return _assemble(symbols, self._margin, crop.shape[1])

    def _symbols(self, engine: Any) -> Iterator[tuple[str, float, bool, float, tuple[int, int]]]:
        """(text, probability, starts a word, the word's probability, the word's left and right) of each symbol."""
        levels, iterator = self._tesserocr.RIL, engine.GetIterator()
        if iterator is None or iterator.Empty(levels.SYMBOL):
            return
        for place in self._tesserocr.iterate_level(iterator, levels.SYMBOL):
            try:
                text = nfc(place.GetUTF8Text(levels.SYMBOL))
            except RuntimeError:  # tesserocr's word for "no text here"
                continue
            box = place.BoundingBox(levels.WORD) or (0, 0, 0, 0)
            yield (
                text,
                _share(place.Confidence(levels.SYMBOL)),
                bool(place.IsAtBeginningOf(levels.WORD)),
                _share(place.Confidence(levels.WORD)),
                (int(box[0]), int(box[2])),
            )


def find_tessdata(given: str | Path | None, languages: Sequence[str]) -> Path:
    """Find the folder with the data of all languages.

    Args:
        given: The folder that the user named; None for ``TESSDATA_PREFIX`` and the usual places.
        languages: Tesseract's names of the languages.

    Raises:
        EngineUnavailable: Data are missing; the message names the languages and their Debian packages.
    """
    prefix = os.environ.get("TESSDATA_PREFIX")
    places = (
        [Path(given)] if given is not None else [Path(p) for p in ([prefix] if prefix else []) + [*_TESSDATA_PLACES]]
    )
    present = [place for place in places if place.is_dir()]
    for place in present:
        if not _missing(place, languages):
            return place
    looked = present[0] if present else places[0]
    missing = _missing(looked, languages)
    packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in missing)
    raise EngineUnavailable(
        f"Tesseract's data for {'+'.join(missing)} are not in {looked}: "
        f"install the Debian package {packages}, or name another folder with --tessdata."
    )


def paper_tone(gray: npt.NDArray[np.uint8]) -> int:
    """Return the paper's gray level in uint8 ``[H, W]``: the 90th percentile.

    Paper as long as a tenth of the crop is paper and less than a tenth of it brighter, however dark the scan is.
    """
    return round(float(np.percentile(gray, _PAPER_PERCENTILE)))


def with_margin(crop: Crop, margin: int) -> npt.NDArray[np.uint8]:
    """Return the crop in gray with ``margin`` pixels of its paper's tone around it: uint8 ``[H + 2m, W + 2m]``."""
    gray = crop if crop.ndim == 2 else np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if margin == 0:
        return np.ascontiguousarray(gray)
    return np.pad(gray, margin, constant_values=paper_tone(gray))


def _assemble(symbols: Sequence[tuple[str, float, bool, float, tuple[int, int]]], margin: int, width: int) -> LineText:
    pieces: list[str] = []
    confidences: list[float] = []
    words: list[WordSpan] = []
    for text, probability, starts, of_word, (left, right) in symbols:
        if starts or not words:
            if words:
                pieces.append(" ")
                confidences.append(min(confidences[-1], probability))
            words.append(WordSpan("", of_word, _extent(left - margin, width), _extent(right - margin, width)))
        pieces.append(text)
        confidences += [probability] * len(text)
        last = words[-1]
        words[-1] = WordSpan(last.text + text, last.confidence, last.left, last.right)
    text = nfc("".join(pieces))
    kept = tuple(confidences) if len(text) == len(confidences) else ()  # NFC joined two symbols: no one-to-one values
    return LineText(text, min((word.confidence for word in words), default=0.0), kept, tuple(words))


def _extent(pixels: int, width: int) -> float:
    return min(max(pixels / width, 0.0), 1.0)


def _share(per_cent: float) -> float:
    return min(max(per_cent / 100.0, 0.0), 1.0)


def _missing(folder: Path, languages: Sequence[str]) -> list[str]:
    return [name for name in languages if not (folder / f"{name}.traineddata").is_file()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load() -> Any:
    try:
        import tesserocr
    except ImportError as error:
        raise EngineUnavailable('Tesseract needs tesserocr: pip install "nordocr[tesseract]".') from error
    return tesserocr
