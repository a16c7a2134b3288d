"""Pages on disk: PNG or CCITT G4 TIFF (ITU-T T.6), and their truth as JSON in the form of a reading's result."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr import __version__
from nordocr.detect.base import TURNS
from nordocr.errors import DataInvalid, InputMissing
from nordocr.files import replacing, write_whole
from nordocr.results import BBox, Document, Engine, Line, Page
from nordocr.synth.pages.model import SynthPage
from nordocr.synth.pages.recipe import PageRecipe
from nordocr.synth.pages.synth import PageSynth
from nordocr.synth.pages.truth import table_truth

Progress = Callable[[int, int], None]


class PageTruth(BaseModel):
    """What a result has no place for: the page's kind, language, dots an inch, tags, and the kind of each line.

    ``skew``: degrees by which its lines climb to the right. A result's own skew is that of a page made straight.
    """

    model_config = ConfigDict(extra="forbid")

    kind: str
    language: str
    dpi: int
    tags: list[str]
    line_kinds: list[str]
    skew: float = 0.0


class TruthDocument(Document):
    """A result whose engine is ``truth``, with one :class:`PageTruth` a page beside it."""

    truth: list[PageTruth] = Field(default_factory=list)


def truth_of(pages: Sequence[SynthPage], source: str) -> TruthDocument:
    """Return the truth of ``pages``, in the order in which they stand in the file ``source``."""
    engine = Engine(name="truth", recognizer="truth", detector="truth", nordocr=__version__)
    extra = [
        PageTruth(
            kind=page.kind, language=page.language, dpi=page.dpi, tags=list(page.tags),
            line_kinds=[line.kind for line in page.lines], skew=round(page.skew, 4),
        )
        for page in pages
    ]  # fmt: skip
    results = [_result(page, number) for number, page in enumerate(pages)]
    return TruthDocument(source=source, pages=results, engine=engine, truth=extra)


def _result(page: SynthPage, number: int) -> Page:
    lines = []
    for line in page.lines:
        x, y, width, height = line.bbox
        box = BBox(x=x, y=y, width=width, height=height)
        rotation = TURNS[line.rotation // 90]
        lines.append(Line(text=line.text, confidence=1.0, bbox=box, rotation=rotation, flags=list(line.flags)))
    high, wide = page.image.shape
    text = "\n".join(line.text for line in page.lines)
    tables = [table_truth(table, page.lines) for table in page.tables]
    return Page(page_index=number, width=wide, height=high, text=text, confidence=1.0, lines=lines, tables=tables)


def read_truth(path: Path) -> TruthDocument:
    """Read the truth that :func:`write_pages` wrote.

    Raises:
        InputMissing: If there is no such file.
        DataInvalid: If it is not a truth file.
    """
    if not path.is_file():
        raise InputMissing(f"There is no truth file {path}.")
    try:
        return TruthDocument.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise DataInvalid(f"Truth file {path} is not what nordocr synth pages writes.") from error


def write_pages(
    out: Path, count: int, seed: int, recipe: PageRecipe, progress: Progress | None = None, *, document: bool = False
) -> list[Path]:
    """Write pages 0 to ``count`` - 1 of a recipe and seed.

    Each page is ``page-00000.png``, or ``.tif`` (CCITT G4) where it is 1-bit, beside its ``.json``. Files appear whole
    or not at all.

    Args:
        out: The folder to write.
        count: Number of pages.
        seed: Seed >= 0.
        recipe: The recipe.
        progress: Called with (pages done, pages in all).
        document: Put all pages, 1-bit and of one language, into one ``document.tif`` with one ``document.json``.

    Returns:
        Paths of the pictures.

    Raises:
        OutputUnwritable: If a file cannot be written.
    """
    if document:
        recipe = recipe.model_copy(update={"bilevel": 1.0})
        recipe = recipe.with_text(languages={_one_language(recipe, seed): 1.0})
        recipe = recipe.model_copy(update={"dpi": (max(recipe.dpi, key=lambda pair: pair[1]),)})
    synth = PageSynth(recipe, seed)
    pages, paths = [], []
    for index in range(count):
        page = synth.make(index)
        if document:
            pages.append(page)
        else:
            paths.append(write_page(out, f"page-{index:05d}", [page]))
        if progress is not None:
            progress(index + 1, count)
    return [write_page(out, "document", pages)] if document else paths


def write_page(out: Path, name: str, pages: Sequence[SynthPage]) -> Path:
    """Write ``pages`` as ``name``.tif (1-bit, any number) or .png (one gray page), and their truth beside it.

    Raises:
        OutputUnwritable: If a file cannot be written.
        ValueError: If several pages are not all 1-bit.
    """
    bilevel = all(page.bilevel for page in pages)
    if not bilevel and len(pages) != 1:
        raise ValueError("several pages in one file must all be 1-bit")
    path = out / f"{name}{'.tif' if bilevel else '.png'}"
    truth = truth_of(pages, path.name).model_dump()
    with replacing(path) as partial:
        _save(partial, pages, bilevel)
    write_whole(path.with_suffix(".json"), json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
    return path


def _save(path: Path, pages: Sequence[SynthPage], bilevel: bool) -> None:
    images = [Image.fromarray(page.image) for page in pages]
    dpi = (pages[0].dpi, pages[0].dpi)
    if not bilevel:
        images[0].save(path, format="PNG", dpi=dpi)
        return
    first, *rest = [Image.fromarray(np.asarray(image) >= 128) for image in images]
    first.save(path, format="TIFF", compression="group4", dpi=dpi, save_all=True, append_images=rest)


def _one_language(recipe: PageRecipe, seed: int) -> str:
    shares = recipe.text.languages
    names = [name for name, share in shares.items() if share > 0]
    weights = np.array([shares[name] for name in names])
    return str(np.random.default_rng([seed, 1 << 40]).choice(names, p=weights / weights.sum()))
