"""What a comparison is made of: the pages' regions with every engine's text, and a crop of each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.config import Limits
from nordocr.errors import DataInvalid
from nordocr.evaluate.documents.match import match_boxes
from nordocr.evaluate.documents.placed import PlacedPage
from nordocr.evaluate.documents.regions import Region, page_regions
from nordocr.evaluate.documents.truth import Placed, document_names
from nordocr.pages import open_pages
from nordocr.results import BBox

MARGIN: Final = 4
"""Pixels of page around a region that its crop shows: tight boxes cut accents and tails."""

_NAMED = 3  # of a kind of problem, so many are named in its sentence


@dataclass
class Material:
    """Regions and, at the same place, the PNG bytes of their crops (None where the page's image is not to be had).

    ``pages`` read from the input files; ``documents`` their short names; ``notes``: what did not fit, in sentences.
    """

    documents: list[str]
    regions: list[Region] = field(default_factory=list)
    crops: list[bytes | None] = field(default_factory=list)
    pages: int = 0
    notes: list[str] = field(default_factory=list)


def collect(
    documents: Sequence[Path], engines: Mapping[str, Placed], truth: Placed | None, limits: Limits | None = None
) -> Material:
    """Decode the pages, match the lines, cut the crops.

    Raises what opening pages raises, and :class:`DataInvalid` where there is no region at all.
    """
    material = Material(document_names(documents))
    counts: list[int] = []
    for number, path in enumerate(documents):
        count = 0
        for page in open_pages(path, limits):
            height, width = page.image.shape[:2]
            _page(material, number, page.index, engines, truth, (width, height), page.image)
            count = page.index + 1
        counts.append(count)
    material.pages = sum(counts)
    for number, index in _beyond(counts, [*engines.values(), *([truth] if truth else [])]):
        _page(material, number, index, engines, truth, None, None)
    for name, placed in engines.items():
        material.notes += placed.notes + _missing(name, placed, counts, material.documents)
    if truth is not None:
        material.notes += truth.notes + _missing("The reference", truth, counts, material.documents)
        empty = sum(not r.reference and not r.spurious for r in material.regions if r.reference is not None)
        if empty:
            material.notes.append(f"The reference has {empty} regions without text; what is read there is spurious.")
    if not material.regions:
        raise DataInvalid(" ".join(["There is no line to compare on any page.", *material.notes[:_NAMED]]))
    return material


def crop_png(image: npt.NDArray[np.uint8], box: BBox) -> bytes:
    """The page at ``box`` and :data:`MARGIN` around it, as PNG of 1 bit where all pixels are black or white.

    The bytes are always the same for the same pixels: they are what a cached answer is found by.
    """
    height, width = image.shape[:2]
    top, left = max(0, min(box.y - MARGIN, height - 1)), max(0, min(box.x - MARGIN, width - 1))
    bottom, right = min(height, box.y + box.height + MARGIN), min(width, box.x + box.width + MARGIN)
    window = np.ascontiguousarray(image[top : max(bottom, top + 1), left : max(right, left + 1)])
    picture = Image.fromarray(window)
    if window.ndim == 2 and not ((window != 0) & (window != 255)).any():
        picture = picture.point(lambda value: 255 if value else 0, mode="1")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def verified_texts(material: Material, verified: Placed, documents: Sequence[Path]) -> tuple[list[str | None], int]:
    """A human's text for each region, None where there is none, and how many verified lines lie on no region."""
    texts: list[str | None] = [None] * len(material.regions)
    unmatched = 0
    names = document_names(documents)
    for (number, index), page in verified.pages.items():
        here = [i for i, r in enumerate(material.regions) if r.document == names[number] and r.page == index]
        matching = match_boxes([material.regions[i].box for i in here], [line.box for line in page.lines])
        unmatched += len(matching.unmatched)
        for i, held in zip(here, matching.pieces, strict=True):
            if held:
                texts[i] = " ".join(page.lines[line].text for line in held)
    return texts, unmatched


def _page(
    material: Material,
    number: int,
    index: int,
    engines: Mapping[str, Placed],
    truth: Placed | None,
    size: tuple[int, int] | None,
    image: npt.NDArray[np.uint8] | None,
) -> None:
    key, name = (number, index), material.documents[number]

    def lines(placed: Placed, whose: str) -> PlacedPage | None:
        page = placed.pages.get(key)
        if page is None or size is None:
            return page
        scaled = page.scaled(*size)
        if scaled is not page:
            material.notes.append(
                f"{whose}: {name}, page {index + 1} is {page.width:.0f} x {page.height:.0f} where the image is "
                f"{size[0]} x {size[1]} px; its places were scaled."
            )
        return scaled

    held = {engine: lines(placed, engine) for engine, placed in engines.items()}
    reference = lines(truth, "The reference") if truth is not None else None
    regions = page_regions(
        name,
        index,
        {engine: page.lines if page is not None else [] for engine, page in held.items()},
        reference.lines if reference is not None else None,
    )
    material.regions += regions
    material.crops += [crop_png(image, region.box) if image is not None else None for region in regions]


def _beyond(counts: Sequence[int], all_placed: Sequence[Placed]) -> list[tuple[int, int]]:
    """Pages that somebody has lines for and the input files do not have."""
    return sorted({key for placed in all_placed for key in placed.pages if key[1] >= counts[key[0]]})


def _missing(whose: str, placed: Placed, counts: Sequence[int], documents: Sequence[str]) -> list[str]:
    """Sentences about pages that are lacking, pages too many, and no lines at all."""
    if not placed.lines:
        return [f"{whose}: there is no line on any page."]
    notes = []
    lacking = [(d, p) for d, count in enumerate(counts) for p in range(count) if (d, p) not in placed.pages]
    surplus = [key for key in sorted(placed.pages) if key[1] >= counts[key[0]]]
    effect = "their regions have no reference" if whose == "The reference" else "their regions count as missed"
    if lacking:
        notes.append(
            f"{whose}: {len(lacking)} of {sum(counts)} pages are not there ({_named(lacking, documents)}); {effect}."
        )
    if surplus:
        lines = sum(len(placed.pages[key].lines) for key in surplus)
        notes.append(
            f"{whose}: {len(surplus)} pages with {lines} lines are not in the files ({_named(surplus, documents)}); "
            "they are compared without an image."
        )
    return notes


def _named(keys: Sequence[tuple[int, int]], documents: Sequence[str]) -> str:
    shown = ", ".join(f"{documents[d]} page {p + 1}" for d, p in keys[:_NAMED])
    return shown + (f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else "")
