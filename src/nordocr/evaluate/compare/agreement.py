"""What engines say of each other where nobody knows the truth, and what they say together of a reference.

Agreement is not accuracy: two engines trained on the same data make the same mistakes. It shows where to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.evaluate.scoring.table import Pair, ScoredTable
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.evaluate.scoring.units import normalise


class EngineAgreement(BaseModel):
    """How far two engines agree on the regions where both have a line.

    Attributes:
        first: The first engine's short name.
        second: The second engine's short name.
        both: Regions where both have a line.
        identical: Regions of ``both`` that they read identically.
        space_only: Regions of ``both`` where they differ in spaces alone.
        edits: Character edits between the two texts.
        characters: Characters of the longer text of each region.
        distance: ``edits`` / ``characters``; None where there are no characters.
        only_first: Regions where only the first engine has a line.
        only_second: Regions where only the second engine has a line.
        classes: Error classes of the second engine's texts, taking the first's as the reference.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: str
    second: str
    both: int
    identical: int
    space_only: int
    edits: int
    characters: int
    distance: float | None
    only_first: int
    only_second: int
    classes: dict[str, int]


class Doubt(BaseModel):
    """Regions where all engines (two or more) read the same text and the reference says something else.

    Engines can be wrong together, so this is a list to look at, not a verdict.

    Attributes:
        regions: How many there are.
        of: Regions with a reference.
        classes: Error classes of the reference there, taking the engines' common text as the truth.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: int
    of: int
    classes: dict[str, int]


def agreements(regions: Sequence[ComparedRegion], engines: Sequence[str]) -> list[EngineAgreement]:
    """Compare every pair of engines, in the engines' order."""
    return [_agreement(regions, first, second) for first, second in combinations(engines, 2)]


def common_text(region: ComparedRegion, engines: Sequence[str]) -> str | None:
    """Return what all engines read where they agree with one another and not with the reference, else None."""
    if region.reference is None or region.spurious or len(engines) < 2:
        return None
    texts = {normalise(region.texts.get(name) or "") for name in engines}
    if len(texts) != 1:
        return None
    text = texts.pop()
    return text if text and text != normalise(region.reference) else None


def reference_doubt(regions: Sequence[ComparedRegion], common: Sequence[str | None]) -> Doubt:
    """Count and classify the regions where the reference stands alone.

    Args:
        regions: All regions.
        common: What :func:`common_text` returns for each.
    """
    alone = ScoredTable(Pair(c, r.reference or "") for r, c in zip(regions, common, strict=True) if c is not None)
    known = sum(r.reference is not None and not r.spurious for r in regions)
    return Doubt(regions=len(alone), of=known, classes=_counts(alone))


def _agreement(regions: Sequence[ComparedRegion], first: str, second: str) -> EngineAgreement:
    texts = [(region.texts.get(first), region.texts.get(second)) for region in regions]
    table = ScoredTable(Pair(a, b) for a, b in texts if a is not None and b is not None)
    edits = int(table.edits.sum())
    characters = int(np.maximum(table.characters, table.characters_read).sum())
    classes = _counts(table)
    return EngineAgreement(
        first=first,
        second=second,
        both=len(table),
        identical=classes.get(ErrorClass.EXACT, 0),
        space_only=classes.get(ErrorClass.SPACE_ONLY, 0),
        edits=edits,
        characters=characters,
        distance=edits / characters if characters else None,
        only_first=sum(a is not None and b is None for a, b in texts),
        only_second=sum(a is None and b is not None for a, b in texts),
        classes=classes,
    )


def _counts(table: ScoredTable) -> dict[str, int]:
    counted = Counter(table.classes)
    return {str(kind): counted[kind] for kind in ErrorClass if counted[kind]}
