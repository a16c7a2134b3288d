"""The regions of a comparison with every engine scored against the reference, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.evaluate.scoring.table import Pair, ScoredTable


@dataclass(frozen=True)
class ScoredRegions:
    """Regions, and a scored table for each engine.

    Attributes:
        regions: All regions.
        engines: Short names of the engines.
        known: Indices of the regions with a reference; spurious ones are not among them.
        tables: By engine, a row for each of ``known``.
    """

    regions: Sequence[ComparedRegion]
    engines: Sequence[str]
    known: Sequence[int]
    tables: Mapping[str, ScoredTable]


def score_regions(regions: Sequence[ComparedRegion], engines: Sequence[str]) -> ScoredRegions:
    """Score every engine on the regions with a reference."""
    known = [i for i, region in enumerate(regions) if region.reference is not None and not region.spurious]
    tables = {name: ScoredTable(pair_of(regions[i], name) for i in known) for name in engines}
    return ScoredRegions(regions, engines, known, tables)


def pair_of(region: ComparedRegion, engine: str) -> Pair:
    """Return a region with a reference as a line to score.

    Where the engine has no line, it counts as having read nothing with confidence 0.
    """
    confidence = region.confidences.get(engine) if region.texts.get(engine) is not None else 0.0
    text = region.texts.get(engine) or ""
    return Pair(region.reference or "", text, region.width, region.document, page_key(region.page), confidence)


def page_key(page: int) -> str:
    """Name a page, counted from 0, as scored lines do; the names sort like the numbers."""
    return f"{page:06d}"
