"""What a comparison is made of: the pages' regions with every engine's text, and a crop of each.

A page is turned as the first engine that turned it says, so that people and the referee see it upright; places that
were taken on the page as it lies in the file, or turned in another way, are turned along.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.config import ReadingConfig
from nordocr.detect.orientation import Turn, turn
from nordocr.errors import DataInvalid
from nordocr.evaluate.documents.frames import page_frame
from nordocr.evaluate.documents.match import match_boxes
from nordocr.evaluate.documents.placed import Frame, PlacedPage
from nordocr.evaluate.documents.regions import ComparedRegion, page_regions
from nordocr.evaluate.documents.truth import Placed, document_names
from nordocr.pages import open_pages
from nordocr.results import BBox

MARGIN: Final = 4
"""Pixels of page around a region that its crop shows: tight boxes cut accents and tails."""

_NAMED = 3  # problems of one kind named in a sentence


@dataclass
class Material:
    """The regions of a comparison and their images.

    Attributes:
        documents: Short names of the input files.
        regions: All regions, page by page.
        crops: For each region the PNG bytes of its crop; None where the page's image is not available.
        pages: Pages of the input files.
        notes: Sentences about what did not fit.
        frames: The coordinate system of the regions of each page, by (number of the input file, page index); pages
            whose size nobody says have none.
    """

    documents: list[str]
    regions: list[ComparedRegion] = field(default_factory=list)
    crops: list[bytes | None] = field(default_factory=list)
    pages: int = 0
    notes: list[str] = field(default_factory=list)
    frames: dict[tuple[int, int], Frame] = field(default_factory=dict)

    def rotations(self) -> dict[tuple[str, int], Turn]:
        """Return by how many degrees clockwise pages were turned, by (document, page); unturned ones are left out."""
        return {(self.documents[d], p): frame.rotation for (d, p), frame in self.frames.items() if frame.rotation}


def collect(
    documents: Sequence[Path],
    engines: Mapping[str, Placed],
    truth: Placed | None,
    config: ReadingConfig | None = None,
) -> Material:
    """Decode the pages, match the lines, cut the crops.

    Args:
        documents: The input files.
        engines: Each engine's result, laid on the input files.
        truth: Page truth, laid on the input files; None if there is none.
        config: The password and the limits with which the pages are opened.

    Raises:
        DataInvalid: There is no region at all.
        NordocrError: What :func:`nordocr.pages.open_pages` raises.
    """
    settings = config or ReadingConfig()
    material = Material(document_names(documents))
    counts: list[int] = []
    for number, path in enumerate(documents):
        count = 0
        for page in open_pages(path, settings.limits, None, settings.password()):
            _page(material, number, page.index, engines, truth, page.image)
            count = page.index + 1
        counts.append(count)
    material.pages = sum(counts)
    for number, index in _beyond(counts, [*engines.values(), *([truth] if truth else [])]):
        _page(material, number, index, engines, truth, None)
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
    """Cut a region out of a page, with :data:`MARGIN` around it.

    Args:
        image: The page, turned as the box expects, uint8 ``[H, W]`` or ``[H, W, 3]``.
        box: The region in pixels of the page.

    Returns:
        A PNG file, of 1 bit per pixel where all pixels are black or white. Equal pixels always give equal bytes:
        cached answers are found by them.
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
    """Match a human's lines to the regions.

    Args:
        material: The regions.
        verified: The human's lines, laid on the input files.
        documents: The input files.

    Returns:
        The human's text for each region, None where there is none, and how many of the lines lie on no region.
    """
    texts: list[str | None] = [None] * len(material.regions)
    unmatched = 0
    names = document_names(documents)
    for (number, index), page in verified.pages.items():
        here = [i for i, r in enumerate(material.regions) if r.document == names[number] and r.page == index]
        frame = material.frames.get((number, index))
        page = page.in_frame(frame) if frame is not None else page
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
    image: npt.NDArray[np.uint8] | None,
) -> None:
    """Add a page's regions; ``image`` is the page as it is in the file, None where the file does not have it."""
    key, name = (number, index), material.documents[number]
    pages = {engine: placed.pages.get(key) for engine, placed in engines.items()}
    known = truth.pages.get(key) if truth is not None else None
    size = None if image is None else (image.shape[1], image.shape[0])
    frame = page_frame([*pages.values(), known], size)
    if frame is not None:
        material.frames[key] = frame
    if image is not None and frame is not None:
        image = turn(image, frame.rotation)

    def lines(page: PlacedPage | None, whose: str) -> PlacedPage | None:
        if page is None or frame is None:
            return page
        if size is not None:
            own = size if page.rotation % 180 == 0 else size[::-1]
            if page.scaled(*own) is not page:
                material.notes.append(
                    f"{whose}: {name}, page {index + 1} is {page.width:.0f} x {page.height:.0f} where the image is "
                    f"{own[0]} x {own[1]} px; its places were scaled."
                )
        return page.in_frame(frame)

    held = {engine: lines(page, engine) for engine, page in pages.items()}
    reference = lines(known, "The reference")
    regions = page_regions(
        name,
        index,
        {engine: page.lines if page is not None else [] for engine, page in held.items()},
        reference.lines if reference is not None else None,
    )
    material.regions += regions
    material.crops += [crop_png(image, region.box) if image is not None else None for region in regions]


def _beyond(counts: Sequence[int], all_placed: Sequence[Placed]) -> list[tuple[int, int]]:
    """List the pages that somebody has lines for and the input files do not have."""
    return sorted({key for placed in all_placed for key in placed.pages if key[1] >= counts[key[0]]})


def _missing(whose: str, placed: Placed, counts: Sequence[int], documents: Sequence[str]) -> list[str]:
    """Say in sentences which pages are missing, which are surplus, and that there are no lines at all."""
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
