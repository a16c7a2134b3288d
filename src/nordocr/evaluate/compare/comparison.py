"""N engines against one reference, or against one another: who reads what, where, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

from nordocr.evaluate.compare.agreement import Agreement, Doubt, agreements, doubted, reference_doubt
from nordocr.evaluate.compare.verified import Calibration
from nordocr.evaluate.documents.regions import Region
from nordocr.evaluate.referee.judge import RefereeCounts
from nordocr.evaluate.scoring.metrics import Metrics, Pair, score
from nordocr.evaluate.scoring.paired import Differences, paired_differences
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify
from nordocr.evaluate.scoring.units import normalise, unit_pair
from nordocr.results import BBox

ALL: Final = "all right"
"""Verdict on a region that every engine reads exactly."""

TIE: Final = "tie"
"""Verdict on a region that no engine alone reads with the fewest edits."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EngineFigures(_Model):
    """One engine over the regions with a reference; a region where it has no line counts as read empty.

    ``regions_read``: regions of any kind where it has a line. ``missed``: regions with a reference where it has none.
    ``spurious``: its lines where the reference has nothing, of ``spurious_characters`` in all; they are in no rate.
    ``joined``: regions put together from several of its lines.
    """

    regions_read: int
    missed: int
    spurious: int
    spurious_characters: int
    joined: int
    seconds: dict[str, float] = {}
    metrics: Metrics | None


class HeadToHead(_Model):
    """Two engines on the regions with a reference.

    By exactness: ``both``, ``only_first``, ``only_second``, ``neither``. By edits: who has fewer. ``classes``: the
    first engine's class, then the second's, to the number of regions.
    """

    first: str
    second: str
    both: int
    only_first: int
    only_second: int
    neither: int
    first_fewer_edits: int
    second_fewer_edits: int
    classes: dict[str, dict[str, int]]
    differences: Differences


class PageFigures(_Model):
    """One page: regions, those with a reference, its characters; exact regions and edits by engine."""

    document: str
    page: int
    regions: int
    referenced: int
    characters: int
    exact: dict[str, int]
    edits: dict[str, int]


class LineRecord(_Model):
    """One region as the comparison leaves it. ``page`` from 0, ``width`` in pixels at height 32.

    ``classes`` and ``edits`` by engine, empty without a reference; ``verdict``: :data:`ALL`, :data:`TIE` or the one
    engine with the fewest edits, "" without a reference. ``doubt``: the engines agree and the reference differs.
    """

    id: int
    document: str
    page: int
    box: BBox
    width: int
    reference: str | None
    spurious: bool
    references: int
    texts: dict[str, str | None]
    confidences: dict[str, float | None]
    pieces: dict[str, int]
    classes: dict[str, str]
    edits: dict[str, int]
    verdict: str
    doubt: bool


class Comparison(_Model):
    """Everything that a comparison finds, the content of ``comparison.json``.

    ``reference``: where it came from ("" for none) and of which kind. ``referenced`` + ``unreferenced`` + ``spurious``
    = ``regions``. ``notes``: one sentence for everything that did not fit. ``verdicts``: regions by verdict.
    """

    nordocr: str
    documents: list[str]
    pages: int
    regions: int
    referenced: int
    unreferenced: int
    spurious: int
    merged: int
    reference: str
    reference_kind: str
    notes: list[str]
    engines: dict[str, EngineFigures]
    verdicts: dict[str, int]
    none_right: int
    pairs: list[HeadToHead]
    by_page: list[PageFigures]
    agreement: list[Agreement]
    doubt: Doubt
    referee: RefereeCounts | None = None
    calibration: Calibration | None = None
    lines: list[LineRecord]


def compare(
    regions: Sequence[Region],
    engines: Sequence[str],
    *,
    version: str,
    documents: Sequence[str],
    pages: int,
    reference: str = "",
    reference_kind: str = "none",
    notes: Sequence[str] = (),
    seconds: Mapping[str, dict[str, float]] | None = None,
    referee: RefereeCounts | None = None,
    calibration: Calibration | None = None,
) -> Comparison:
    """Work out every figure of ``regions``. ``seconds`` by engine and stage, as the results tell them."""
    known = [region for region in regions if region.reference is not None and not region.spurious]
    pairs = {name: [pair_of(region, name) for region in known] for name in engines}
    lines = [_record(number, region, engines) for number, region in enumerate(regions)]
    judged = [line for line in lines if line.verdict]
    return Comparison(
        nordocr=version,
        documents=list(documents),
        pages=pages,
        regions=len(regions),
        referenced=len(known),
        unreferenced=sum(region.reference is None and not region.spurious for region in regions),
        spurious=sum(region.spurious for region in regions),
        merged=sum(region.references > 1 for region in regions),
        reference=reference,
        reference_kind=reference_kind,
        notes=list(notes),
        engines={name: _engine(regions, name, pairs[name], (seconds or {}).get(name, {})) for name in engines},
        verdicts=dict(Counter(line.verdict for line in judged).most_common()),
        none_right=sum("exact" not in line.classes.values() for line in judged),
        pairs=[_head_to_head(judged, a, b, pairs) for a, b in combinations(engines, 2)] if known else [],
        by_page=list(_by_page(lines, engines)),
        agreement=agreements(regions, engines),
        doubt=reference_doubt(regions, engines),
        referee=referee,
        calibration=calibration,
        lines=lines,
    )


def pair_of(region: Region, engine: str) -> Pair:
    """A region with a reference as the metrics take it; where the engine has no line it has read nothing, surely."""
    confidence = region.confidences.get(engine) if region.texts.get(engine) is not None else 0.0
    page = f"{region.page:06d}"
    return Pair(region.reference or "", region.texts.get(engine) or "", region.width, region.document, page, confidence)


def _engine(regions: Sequence[Region], name: str, pairs: Sequence[Pair], seconds: dict[str, float]) -> EngineFigures:
    read = [region for region in regions if region.texts.get(name) is not None]
    stray = [region for region in read if region.spurious]
    return EngineFigures(
        regions_read=len(read),
        missed=sum(r.reference is not None and not r.spurious and r.texts.get(name) is None for r in regions),
        spurious=len(stray),
        spurious_characters=sum(len(normalise(region.texts[name] or "")) for region in stray),
        joined=sum(region.pieces.get(name, 0) > region.references for region in read),
        seconds=seconds,
        metrics=score(pairs) if pairs else None,
    )


def _record(number: int, region: Region, engines: Sequence[str]) -> LineRecord:
    classes: dict[str, str] = {}
    edits: dict[str, int] = {}
    verdict = ""
    if region.reference is not None and not region.spurious:
        truth = normalise(region.reference)
        for name in engines:
            read = normalise(region.texts.get(name) or "")
            classes[name] = str(classify(truth, read))
            edits[name] = Levenshtein.distance(*unit_pair(truth, read))
        verdict = _verdict(edits)
    return LineRecord(
        id=number,
        document=region.document,
        page=region.page,
        box=region.box,
        width=region.width,
        reference=region.reference,
        spurious=region.spurious,
        references=region.references,
        texts={name: region.texts.get(name) for name in engines},
        confidences={name: region.confidences.get(name) for name in engines},
        pieces={name: region.pieces.get(name, 0) for name in engines},
        classes=classes,
        edits=edits,
        verdict=verdict,
        doubt=doubted(region, engines) is not None,
    )


def _verdict(edits: Mapping[str, int]) -> str:
    fewest = min(edits.values())
    if all(n == 0 for n in edits.values()):
        return ALL
    best = [name for name, n in edits.items() if n == fewest]
    return best[0] if len(best) == 1 and len(edits) > 1 else TIE


def _head_to_head(
    lines: Sequence[LineRecord], first: str, second: str, pairs: Mapping[str, Sequence[Pair]]
) -> HeadToHead:
    right = [(line.classes[first] == ErrorClass.EXACT, line.classes[second] == ErrorClass.EXACT) for line in lines]
    crossed: dict[str, dict[str, int]] = {}
    for line in lines:
        row = crossed.setdefault(line.classes[first], {})
        row[line.classes[second]] = row.get(line.classes[second], 0) + 1
    return HeadToHead(
        first=first,
        second=second,
        both=right.count((True, True)),
        only_first=right.count((True, False)),
        only_second=right.count((False, True)),
        neither=right.count((False, False)),
        first_fewer_edits=sum(line.edits[first] < line.edits[second] for line in lines),
        second_fewer_edits=sum(line.edits[second] < line.edits[first] for line in lines),
        classes=crossed,
        differences=paired_differences(pairs[first], pairs[second]),
    )


def _by_page(lines: Sequence[LineRecord], engines: Sequence[str]) -> Iterator[PageFigures]:
    by_page: dict[tuple[str, int], list[LineRecord]] = {}
    for line in lines:
        by_page.setdefault((line.document, line.page), []).append(line)
    for (document, page), held in by_page.items():
        known = [line for line in held if line.classes]
        yield PageFigures(
            document=document,
            page=page,
            regions=len(held),
            referenced=len(known),
            characters=sum(len(normalise(line.reference or "")) for line in known),
            exact={name: sum(line.classes[name] == ErrorClass.EXACT for line in known) for name in engines},
            edits={name: sum(line.edits[name] for line in known) for name in engines},
        )
