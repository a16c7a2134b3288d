"""The same regions of the same pages through several engines: one detector run, one result an engine, times, memory."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from nordocr import __version__
from nordocr.config import ReadingConfig
from nordocr.detect.base import Region
from nordocr.detect.crop import cut
from nordocr.detect.registry import open_detector
from nordocr.errors import UsageError
from nordocr.evaluate.memory import peak_memory, reset_peak
from nordocr.pages import open_pages
from nordocr.recognize.base import LineText, Recognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.results import BBox, Document, Engine, Line, Page

_SHORT = {"tesseract": "tess"}
_DIGITS = 4


class EngineTimes(BaseModel):
    """One engine: seconds to open it and to recognise, what that makes, and the most memory held while it ran.

    ``peak_memory`` in bytes of the whole process, None where the system does not tell.
    """

    model_config = ConfigDict(extra="forbid")

    recognizer: str
    model: str
    model_sha256: str
    open_seconds: float
    recognize_seconds: float
    lines: int
    empty: int
    characters: int
    lines_per_second: float | None
    peak_memory: int | None


class Benchmark(BaseModel):
    """The content of ``benchmark.json``. ``own_peaks``: the memory peaks are each engine's own, not the process's."""

    model_config = ConfigDict(extra="forbid")

    nordocr: str
    machine: dict[str, str]
    documents: list[str]
    pages: int
    regions: int
    detector: str
    decode_seconds: float
    detect_seconds: float
    own_peaks: bool
    engines: dict[str, EngineTimes]


@dataclass
class _Found:
    """A document's regions, and what it took to find them."""

    path: Path
    sizes: list[tuple[int, int, int]] = field(default_factory=list)  # page index, width, height
    regions: list[list[Region]] = field(default_factory=list)
    decode: float = 0.0
    detect: float = 0.0


def parse_engines(text: str, config: ReadingConfig) -> dict[str, str]:
    """``svtrv2,tesseract,NAME=MODEL`` as short name to what the registry opens; raises :class:`UsageError`.

    ``svtrv2`` is the configured recogniser; a model file is called by its stem.
    """
    engines: dict[str, str] = {}
    for part in (p.strip() for p in text.split(",")):
        if not part:
            continue
        name, _, model = part.partition("=")
        if not model:
            model = config.recognizer if part == "svtrv2" else part
            name = _SHORT.get(part, Path(part).stem)
        if not name or not model or any(c in name for c in '/\\:*?"<>|'):
            raise UsageError(f"{part!r} names no engine; svtrv2, tesseract, a model file or NAME=MODEL is wanted.")
        if name in engines:
            raise UsageError(f"Two engines are called {name!r}; give one another name by NAME=MODEL.")
        engines[name] = model
    if not engines:
        raise UsageError("No engine is named.")
    return engines


def benchmark(
    paths: Sequence[Path],
    engines: dict[str, str],
    config: ReadingConfig,
    on_page: Callable[[str, int], None] | None = None,
) -> tuple[Benchmark, dict[str, list[Document]]]:
    """Run each engine (short name to model) over the regions that the detector finds once.

    A region that an engine reads as nothing keeps its place, with an empty text. ``on_page`` is told the stage or
    engine and how many pages it has done. Raises what pages and engines raise.
    """
    tell = on_page or (lambda _stage, _done: None)
    for model in engines.values():  # a wrong name must not cost the detector's minutes first
        open_recognizer(model, config).close()
    found = _detect(paths, config, tell)
    own_peaks = reset_peak()
    documents: dict[str, list[Document]] = {}
    times: dict[str, EngineTimes] = {}
    for name, model in engines.items():
        reset_peak()
        started = time.perf_counter()
        recognizer = open_recognizer(model, config)
        opened = time.perf_counter() - started
        try:
            documents[name] = _run(name, recognizer, found, config, tell)
            times[name] = _times(recognizer, documents[name], opened)
        finally:
            recognizer.close()
    summary = Benchmark(
        nordocr=__version__,
        machine={"system": platform.platform(), "processor": platform.processor(), "python": platform.python_version()},
        documents=[path.name for path in paths],
        pages=sum(len(f.regions) for f in found),
        regions=sum(len(regions) for f in found for regions in f.regions),
        detector=config.detector,
        decode_seconds=round(sum(f.decode for f in found), 3),
        detect_seconds=round(sum(f.detect for f in found), 3),
        own_peaks=own_peaks,
        engines=times,
    )
    return summary, documents


def _detect(paths: Sequence[Path], config: ReadingConfig, tell: Callable[[str, int], None]) -> list[_Found]:
    detector = open_detector(config.detector, config.threads)
    everything, done = [], 0
    for path in paths:
        found = _Found(path)
        started = time.perf_counter()
        for page in open_pages(path, config.limits):
            decoded = time.perf_counter()
            found.decode += decoded - started
            found.regions.append(detector.detect(page.image))
            height, width = page.image.shape[:2]
            found.sizes.append((page.index, width, height))
            started = time.perf_counter()
            found.detect += started - decoded
            done += 1
            tell("detect", done)
        everything.append(found)
    return everything


def _run(
    name: str, recognizer: Recognizer, everything: list[_Found], config: ReadingConfig, tell: Callable[[str, int], None]
) -> list[Document]:
    engine = Engine(
        name="nordocr",
        recognizer=recognizer.name,
        detector=config.detector,
        model=recognizer.model,
        model_sha256=recognizer.model_sha256,
        nordocr=__version__,
    )
    documents, done = [], 0
    for found in everything:
        pages, seconds = [], 0.0
        for image, regions, (index, width, height) in zip(
            open_pages(found.path, config.limits), found.regions, found.sizes, strict=True
        ):
            crops = [cut(image.image, region) for region in regions]
            started = time.perf_counter()
            texts = recognizer.read(crops)
            seconds += time.perf_counter() - started
            lines = [_line(region, text) for region, text in zip(regions, texts, strict=True)]
            pages.append(_page(index, width, height, lines))
            done += 1
            tell(name, done)
        timing = {"decode": found.decode, "detect": found.detect, "recognize": seconds}
        timing["total"] = sum(timing.values())
        rounded = {stage: round(value, 3) for stage, value in timing.items()}
        documents.append(Document(source=str(found.path), pages=pages, timing=rounded, engine=engine))
    return documents


def _page(index: int, width: int, height: int, lines: list[Line]) -> Page:
    text = "\n".join(line.text for line in lines if line.text)
    weight = sum(len(line.text) for line in lines)
    mean = sum(len(line.text) * line.confidence for line in lines) / weight if weight else 0.0
    return Page(
        page_index=index, width=width, height=height, text=text, confidence=round(min(mean, 1.0), _DIGITS), lines=lines
    )


def _line(region: Region, text: LineText) -> Line:
    return Line(
        text=text.text.strip(),
        confidence=_rounded(text.confidence),
        bbox=BBox(x=region.x, y=region.y, width=region.width, height=region.height),
        char_confidences=[_rounded(value) for value in text.char_confidences] if text.text == text.text.strip() else [],
        flags=list(text.flags),
    )


def _rounded(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), _DIGITS)


def _times(recognizer: Recognizer, documents: list[Document], opened: float) -> EngineTimes:
    lines = [line for document in documents for page in document.pages for line in page.lines]
    seconds = sum(document.timing["recognize"] for document in documents)
    return EngineTimes(
        recognizer=recognizer.name,
        model=recognizer.model,
        model_sha256=recognizer.model_sha256,
        open_seconds=round(opened, 3),
        recognize_seconds=round(seconds, 3),
        lines=len(lines),
        empty=sum(not line.text for line in lines),
        characters=sum(len(line.text) for line in lines),
        lines_per_second=round(len(lines) / seconds, 2) if seconds else None,
        peak_memory=peak_memory(),
    )
