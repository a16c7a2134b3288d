"""The lines of pages that were read before, cut out once more: those that reading found, and those that people moved.

Results keep the extent of a line's ink, not all that its crop follows from. So a page is turned and made straight as it
was, its lines are found again by the same detector, and the one with the same box is the same line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

from nordocr.detect.base import PageArray, Region, Turn
from nordocr.detect.ink import is_inverted, to_gray
from nordocr.detect.orientation import turn
from nordocr.detect.skew import on_page, on_straight
from nordocr.pages import PageImage, Selection, Source
from nordocr.pipeline.given import Outline, in_pixels, regions_in
from nordocr.pipeline.preparation import Preparation, as_read, crops_of
from nordocr.pipeline.ticks import with_boxes
from nordocr.recognize.base import Crop

_SAME: Final = 0.8
"""Overlap over union from which a box that was found is the one that was asked for, where none is the same."""

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the page as it was turned."""


@dataclass(frozen=True)
class KnownPage:
    """A page that was read before.

    Attributes:
        index: Its number in its file, from 0.
        rotation: Degrees clockwise by which it was turned.
        skew: Degrees by which its lines climb to the right, as the result says.
        found: The boxes of its lines as reading found them, by what the caller calls them.
        given: The same for lines that people drew or moved.
        units: Width and height of the page in the units of given polygons; 0 where these are pixels.
        turns: Degrees clockwise by which lines are turned to be read, those that do not stand upright, by their names.
    """

    index: int
    rotation: Turn
    skew: float
    found: dict[str, Box]
    given: dict[str, Outline]
    units: tuple[float, float] = (0.0, 0.0)
    turns: Mapping[str, Turn] = field(default_factory=dict)


@dataclass(frozen=True)
class CutPage:
    """A page whose lines were cut out again.

    Attributes:
        known: What was known of it.
        crops: The crops by the names of their lines, gray uint8 ``[H, W]``; none for outlines beside the page.
        strays: Names of lines that reading should have found and does not any more; they were cut like given ones.
    """

    known: KnownPage
    crops: dict[str, Crop]
    strays: list[str]


def cut_again(
    preparation: Preparation, source: Source, pages: Sequence[KnownPage], wanted: frozenset[tuple[int, str]]
) -> Iterator[CutPage]:
    """Decode pages and cut lines out of them as reading does.

    Args:
        preparation: Decodes the pages; its detector is the one that found the lines.
        source: The file.
        pages: What is known of the pages, in any order.
        wanted: The page and the name of each line that is cut; the others are only known as neighbours.

    Yields:
        The pages that have wanted lines, in the order of the file.

    Raises:
        NordocrError: The file cannot be read.
    """
    asked = {page.index: page for page in pages if any(index == page.index for index, _ in wanted)}
    if not asked:
        return
    selection = Selection(tuple((index + 1, index + 1) for index in sorted(asked)))
    with closing(preparation.opened(source, selection)) as images:
        for image in images:
            known = asked.get(image.index)
            if known is not None:
                yield _cut(preparation, image, known, {name for index, name in wanted if index == image.index})


def regions_of_page(
    preparation: Preparation, image: PageArray, known: KnownPage, wanted: set[str]
) -> tuple[PageArray, dict[str, Region], list[str]]:
    """Find the regions of a page's lines again.

    Args:
        preparation: Its detector finds lines.
        image: The page, turned.
        known: What is known of it.
        wanted: The names of lines asked for.

    Returns:
        The page as its lines are found on it, the regions by name, and the names of strays.
    """
    inverted = is_inverted(to_gray(image))
    straight = as_read(image, known.skew, inverted)
    size = image.shape[1], image.shape[0]
    regions: dict[str, Region] = {}
    if wanted & known.found.keys():
        regions = _found_again(preparation.detector.detect(straight), known, size)
    strays = sorted((wanted & known.found.keys()) - regions.keys())
    given = in_pixels(known.given, known.units, size)
    missing = (wanted & given.keys()) | set(strays)
    if missing:
        outlines = {name: Outline(box) for name, box in known.found.items()} | given
        placed = [_on_straight(outline, known.skew, size) for outline in outlines.values()]
        made = dict(zip(outlines, regions_in(straight, placed), strict=True))
        regions |= {name: made[name] for name in missing}
    whole = {name: with_boxes(regions[name]) for name in wanted if name in regions}
    turned = {name: replace(region, turn=known.turns.get(name, 0)) for name, region in whole.items()}
    return straight, turned, strays


def _cut(preparation: Preparation, page: PageImage, known: KnownPage, wanted: set[str]) -> CutPage:
    image = turn(page.image, known.rotation)
    straight, regions, strays = regions_of_page(preparation, image, known, wanted)
    crops = crops_of(replace(page, image=straight), list(regions.values()))
    return CutPage(known, dict(zip(regions, crops, strict=True)), strays)


def _found_again(found: list[Region], known: KnownPage, size: tuple[int, int]) -> dict[str, Region]:
    """The region of each line by its name: the one whose box is the line's, or the likest that is nobody's."""
    boxes = [on_page(region.tight, known.skew, size) if known.skew else region.tight for region in found]
    free = dict(enumerate(boxes))
    regions: dict[str, Region] = {}
    for name, box in known.found.items():
        side = known.turns.get(name, 0) in (90, 270)
        same = next((n for n, other in free.items() if other == box and bool(found[n].turn) is side), None)
        if same is not None:
            regions[name] = found[same]
            del free[same]
    for name, box in known.found.items():
        if name in regions or not free:
            continue
        likest = max(free, key=lambda number: _overlap(free[number], box))
        if _overlap(free[likest], box) >= _SAME:
            regions[name] = found[likest]
            del free[likest]
    return regions


def _overlap(first: Box, second: Box) -> float:
    """The area of both over that of either."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    both = max(0, width) * max(0, height)
    return both / (first[2] * first[3] + second[2] * second[3] - both)


def _on_straight(outline: Outline, skew: float, size: tuple[int, int]) -> Outline:
    return Outline(on_straight(outline.box, skew, size)) if skew else outline
