"""What engines say of each other where nobody knows the truth, and what they say together of a reference.

Agreement is no accuracy: two engines trained on the same data make the same mistakes. It says where to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

from nordocr.evaluate.documents.regions import Region
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify_normalised
from nordocr.evaluate.scoring.units import normalise, unit_pair


class Agreement(BaseModel):
    """Two engines on the regions where both have a line.

    ``identical`` lines, ``space_only`` lines that differ in spaces alone; ``edits`` over ``characters`` of the longer
    text of each region gives ``distance``. ``only_first``, ``only_second``: regions where one alone has a line.
    ``classes``: the second engine's text classified as if the first's were the truth.
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
    """Regions where all engines (two or more) read the same and the reference says something else.

    ``classes``: the reference's own error classes there, taking the engines' common text for the truth. Engines can be
    wrong together, so this is a list to look at, not a verdict.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: int
    of: int
    classes: dict[str, int]


def agreements(regions: Sequence[Region], engines: Sequence[str]) -> list[Agreement]:
    """Every pair of engines, in the engines' order."""
    return [_pair(regions, first, second) for first, second in combinations(engines, 2)]


def doubted(region: Region, engines: Sequence[str]) -> str | None:
    """What all engines read where they agree with one another and not with the reference, else None."""
    if region.reference is None or region.spurious or len(engines) < 2:
        return None
    texts = {normalise(region.texts.get(name) or "") for name in engines}
    if len(texts) != 1:
        return None
    text = texts.pop()
    return text if text and text != normalise(region.reference) else None


def reference_doubt(regions: Sequence[Region], engines: Sequence[str]) -> Doubt:
    """Count and classify the regions where the reference stands alone."""
    known = [r for r in regions if r.reference is not None and not r.spurious]
    classes: Counter[ErrorClass] = Counter()
    for region in known:
        common = doubted(region, engines)
        if common is not None:
            classes[classify_normalised(common, normalise(region.reference or ""))] += 1
    return Doubt(regions=classes.total(), of=len(known), classes={str(c): classes[c] for c in ErrorClass if classes[c]})


def _pair(regions: Sequence[Region], first: str, second: str) -> Agreement:
    classes: Counter[ErrorClass] = Counter()
    edits = characters = only_first = only_second = 0
    for region in regions:
        a, b = region.texts.get(first), region.texts.get(second)
        if a is None or b is None:
            only_first += a is not None
            only_second += b is not None
            continue
        x, y = normalise(a), normalise(b)
        classes[classify_normalised(x, y)] += 1
        left, right = unit_pair(x, y)
        edits += Levenshtein.distance(left, right)
        characters += max(len(left), len(right))
    return Agreement(
        first=first,
        second=second,
        both=classes.total(),
        identical=classes[ErrorClass.EXACT],
        space_only=classes[ErrorClass.SPACE_ONLY],
        edits=edits,
        characters=characters,
        distance=edits / characters if characters else None,
        only_first=only_first,
        only_second=only_second,
        classes={str(c): classes[c] for c in ErrorClass if classes[c]},
    )
