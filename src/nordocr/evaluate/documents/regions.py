"""One table of regions for all engines: what each read at each place of a page, beside the reference.

Where the reference has places (page truth), they are the regions, and what an engine read elsewhere is spurious.
Without, the engines' own lines are: the first engine's, then what each further one found in addition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nordocr.evaluate.documents.match import Matching, groups, match_boxes, union_box
from nordocr.evaluate.documents.placed import PlacedLine
from nordocr.linespec import LineSpec
from nordocr.results import BBox

_HEIGHT = LineSpec().height


@dataclass
class ComparedRegion:
    """One place of a page and what every engine read there.

    Attributes:
        document: The input file's short name.
        page: The page, from 0.
        box: The place, in pixels of the page.
        reference: The true text; None where none is known.
        spurious: Whether the reference knows the page but nothing at this place.
        texts: What each engine read; None where it has no line here.
        confidences: Each engine's confidence; None where it has none.
        pieces: How many lines of each engine were joined.
        references: How many lines of the reference were joined.
    """

    document: str
    page: int
    box: BBox
    reference: str | None = None
    spurious: bool = False
    texts: dict[str, str | None] = field(default_factory=dict)
    confidences: dict[str, float | None] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)
    references: int = 1

    @property
    def width(self) -> int:
        """The region's width in pixels at a height of 32."""
        return round(self.box.width * _HEIGHT / max(1, self.box.height))


def page_regions(
    document: str,
    page: int,
    engines: Mapping[str, Sequence[PlacedLine]],
    reference: Sequence[PlacedLine] | None = None,
) -> list[ComparedRegion]:
    """Put the lines of a page together by place.

    Args:
        document: The input file's short name.
        page: The page, from 0.
        engines: Each engine's lines; an empty list where it has none.
        reference: The true lines; None where they are not known, an empty list for a blank page.

    Returns:
        The regions in the order of the reference, or of the first engine, spurious ones last.
    """
    if reference is None:
        return _from_engines(document, page, engines)
    matched = {
        name: match_boxes([r.box for r in reference], [line.box for line in lines]) for name, lines in engines.items()
    }
    regions = _rows(document, page, reference, engines, matched)
    for region, members in regions:
        region.reference = " ".join(reference[i].text for i in members).strip()
    left = {name: [lines[i] for i in matched[name].unmatched] for name, lines in engines.items()}
    extra = _from_engines(document, page, left)
    for region in extra:
        region.spurious = True
    return [region for region, _ in regions] + extra


def _from_engines(document: str, page: int, engines: Mapping[str, Sequence[PlacedLine]]) -> list[ComparedRegion]:
    targets: list[PlacedLine] = []
    for lines in engines.values():
        matching = match_boxes([t.box for t in targets], [line.box for line in lines])
        targets += [lines[i] for i in matching.unmatched]
    boxes = [t.box for t in targets]
    matched = {name: match_boxes(boxes, [line.box for line in lines]) for name, lines in engines.items()}
    return [region for region, _ in _rows(document, page, targets, engines, matched)]


def _rows(
    document: str,
    page: int,
    targets: Sequence[PlacedLine],
    engines: Mapping[str, Sequence[PlacedLine]],
    matched: Mapping[str, Matching],
) -> list[tuple[ComparedRegion, list[int]]]:
    """Return a region for each group of targets that some engine merged, and its targets from left to right."""
    pairs = [pair for matching in matched.values() for pair in matching.merged]
    rows = []
    for group in groups(len(targets), pairs):
        members = sorted(group, key=lambda i: targets[i].box.x) if len(group) > 1 else group
        region = ComparedRegion(document, page, union_box([targets[i].box for i in members]), references=len(members))
        for name, lines in engines.items():
            held = [lines[i] for member in members for i in matched[name].pieces[member]]
            if len(members) > 1:
                held.sort(key=lambda line: line.box.x)
            region.texts[name] = " ".join(line.text for line in held).strip() if held else None
            known = [line.confidence for line in held if line.confidence is not None]
            region.confidences[name] = min(known) if held and len(known) == len(held) else None
            region.pieces[name] = len(held)
        rows.append((region, members))
    return rows
