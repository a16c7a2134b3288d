"""Read the same regions of the same pages with several engines, and measure their time and memory."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from nordocr import __version__
from nordocr.config import ReadingConfig
from nordocr.errors import UsageError
from nordocr.evaluate.documents.memory import peak_memory, reset_peak
from nordocr.files import write_whole
from nordocr.pipeline.boxes import page_of
from nordocr.pipeline.leaders import read_with_leaders
from nordocr.pipeline.preparation import Layout, Preparation, clock
from nordocr.pipeline.reader import engine_of
from nordocr.recognize.base import Recognizer
from nordocr.recognize.registry import open_recognizer, refuse_unused
from nordocr.results import Document

_SHORT = {"tesseract": "tess"}


class EngineTimes(BaseModel):
    """What one engine costs.

    Attributes:
        recognizer: What was opened.
        model: The model file or the languages.
        model_sha256: The model file's checksum.
        open_seconds: Seconds to open it.
        recognize_seconds: Seconds to read all lines.
        lines: Lines read.
        empty: Lines read as nothing.
        characters: Characters read.
        lines_per_second: ``lines`` / ``recognize_seconds``.
        peak_memory: The most memory in bytes that the process held while it ran; None where the system does not tell.
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
    """The content of ``benchmark.json``.

    Attributes:
        nordocr: The version that made it.
        machine: System, processor and Python.
        documents: The input files' names.
        pages: Pages read.
        regions: Lines that the detector found.
        detector: The detector's name.
        decode_seconds: Seconds to decode the pages, once for all engines.
        detect_seconds: Seconds to find the lines, once for all engines.
        own_peaks: Whether memory peaks are each engine's own and not the process's.
        engines: Each engine's costs by short name.
    """

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
    """A document's layouts, and what it took to find them: seconds by stage."""

    path: Path
    layouts: list[Layout] = field(default_factory=list)
    timing: dict[str, float] = field(default_factory=dict)


def parse_engines(text: str, config: ReadingConfig) -> dict[str, str]:
    """Parse ``svtrv2,tesseract,NAME=MODEL``.

    Args:
        text: Names or model files; ``svtrv2`` is the configured recogniser, a model file is named by its stem.
        config: Says what ``svtrv2`` is.

    Returns:
        Short name to what the registry opens.

    Raises:
        UsageError: A part names no engine, or a name is used twice.
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
    """Run each engine over the regions that the detector finds once.

    A region that an engine reads as nothing keeps its place, with an empty text.

    Args:
        paths: The input files.
        engines: Short name to model.
        config: How pages are prepared and engines opened.
        on_page: Told the stage or engine and how many pages it has done.

    Returns:
        Times and counts, and the results by short name.

    Raises:
        NordocrError: What opening pages and engines raises.
    """
    tell = on_page or (lambda _stage, _done: None)
    refuse_unused(list(engines.values()), config)
    for model in engines.values():  # a wrong name must not cost the detector's minutes first
        open_recognizer(model, config, shared=True).close()
    preparation = Preparation(config)
    found = _detect(paths, preparation, next(iter(engines.values())), tell)
    own_peaks = reset_peak()
    documents: dict[str, list[Document]] = {}
    times: dict[str, EngineTimes] = {}
    for name, model in engines.items():
        reset_peak()
        started = time.perf_counter()
        recognizer = open_recognizer(model, config, shared=True)
        opened = time.perf_counter() - started
        try:
            documents[name] = _run(name, recognizer, found, preparation, tell)
            times[name] = _times(recognizer, documents[name], opened)
        finally:
            recognizer.close()
    summary = Benchmark(
        nordocr=__version__,
        machine={"system": platform.platform(), "processor": platform.processor(), "python": platform.python_version()},
        documents=[path.name for path in paths],
        pages=sum(len(f.layouts) for f in found),
        regions=sum(len(layout.regions) for f in found for layout in f.layouts),
        detector=config.detector,
        decode_seconds=round(sum(f.timing.get("decode", 0.0) for f in found), 3),
        detect_seconds=round(sum(f.timing.get("detect", 0.0) for f in found), 3),
        own_peaks=own_peaks,
        engines=times,
    )
    return summary, documents


def write_benchmark(summary: Benchmark, documents: dict[str, list[Document]], output: Path) -> list[Path]:
    """Write ``NAME_result.json`` of each engine and ``benchmark.json``.

    Args:
        summary: Times and counts.
        documents: Results by engine; of one document the result JSON, of several ``{"documents": [...]}``.
        output: The folder, made where it is not there.

    Returns:
        The files written.

    Raises:
        OutputUnwritable: A file cannot be written.
    """
    written = []
    for name, held in documents.items():
        values: Any = [document.model_dump() for document in held]
        content = values[0] if len(values) == 1 else {"documents": values}
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        written.append(write_whole(output / f"{name}_result.json", text))
    written.append(write_whole(output / "benchmark.json", summary.model_dump_json(indent=1) + "\n"))
    return written


def _detect(
    paths: Sequence[Path], preparation: Preparation, model: str, tell: Callable[[str, int], None]
) -> list[_Found]:
    """Find the lines of every page once; ``model`` settles which way up a page is, as the first engine would."""
    everything, done = [], 0
    recognizer = open_recognizer(model, preparation.config, shared=True)
    try:
        for path in paths:
            found = _Found(path)
            for page in preparation.pages(path, recognizer, timing=found.timing):
                found.layouts.append(page.layout)
                done += 1
                tell("detect", done)
            everything.append(found)
    finally:
        recognizer.close()
    return everything


def _run(
    name: str,
    recognizer: Recognizer,
    everything: list[_Found],
    preparation: Preparation,
    tell: Callable[[str, int], None],
) -> list[Document]:
    engine = engine_of(recognizer, preparation.detector)
    documents, done = [], 0
    for found in everything:
        pages = []
        timing = {stage: found.timing.get(stage, 0.0) for stage in ("decode", "detect")} | {"recognize": 0.0}
        for prepared in preparation.again(found.path, found.layouts):
            with clock(timing, "recognize"):
                texts = read_with_leaders(recognizer, prepared.crops)
            pages.append(page_of(prepared.layout, texts, characters=preparation.config.char_boxes, empty=True))
            done += 1
            tell(name, done)
        timing["total"] = sum(timing.values())
        rounded = {stage: round(value, 3) for stage, value in timing.items()}
        documents.append(Document(source=str(found.path), pages=pages, timing=rounded, engine=engine))
    return documents


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
