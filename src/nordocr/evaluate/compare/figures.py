"""Work out the figures of a comparison from regions that are scored already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from nordocr import __version__
from nordocr.detect.orientation import Turn
from nordocr.evaluate.compare.agreement import agreements, common_text, reference_doubt
from nordocr.evaluate.compare.comparison import (
    ALL,
    TIE,
    Comparison,
    EngineFigures,
    HeadToHead,
    LineRecord,
    PageFigures,
)
from nordocr.evaluate.compare.scored import ScoredRegions
from nordocr.evaluate.compare.verified import VerifiedSample
from nordocr.evaluate.referee.judge import RefereeCounts
from nordocr.evaluate.scoring.metrics import score
from nordocr.evaluate.scoring.paired import paired_differences
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.evaluate.scoring.units import normalise


def compare(
    scored: ScoredRegions,
    *,
    documents: Sequence[str],
    pages: int,
    reference: str = "",
    reference_kind: str = "none",
    notes: Sequence[str] = (),
    seconds: Mapping[str, dict[str, float]] | None = None,
    referee: RefereeCounts | None = None,
    verified: VerifiedSample | None = None,
    rotations: Mapping[tuple[str, int], Turn] | None = None,
) -> Comparison:
    """Work out every figure of a comparison.

    Args:
        scored: The regions and every engine's scored lines.
        documents: Short names of the input files.
        pages: Pages of the input files.
        reference: Where the reference comes from.
        reference_kind: What kind of reference it is.
        notes: Sentences about what did not fit.
        seconds: By engine and stage, as the results tell them.
        referee: What became of the questions to a vision-language model.
        verified: What a human's sample says.
        rotations: By how many degrees clockwise pages were turned, by (document, page).
    """
    regions, engines = scored.regions, scored.engines
    common = [common_text(region, engines) for region in regions]
    lines = list(_records(scored, common))
    judged = [line for line in lines if line.verdict]
    return Comparison(
        nordocr=__version__,
        documents=list(documents),
        pages=pages,
        regions=len(regions),
        referenced=len(scored.known),
        unreferenced=sum(region.reference is None and not region.spurious for region in regions),
        spurious=sum(region.spurious for region in regions),
        merged=sum(region.references > 1 for region in regions),
        reference=reference,
        reference_kind=reference_kind,
        notes=list(notes),
        engines={name: _engine(scored, name, (seconds or {}).get(name, {})) for name in engines},
        verdicts=dict(Counter(line.verdict for line in judged).most_common()),
        none_right=sum("exact" not in line.classes.values() for line in judged),
        pairs=[_head_to_head(scored, a, b) for a, b in combinations(engines, 2)] if scored.known else [],
        by_page=list(_by_page(lines, engines, rotations or {})),
        agreement=agreements(regions, engines),
        doubt=reference_doubt(regions, common),
        referee=referee,
        verified=verified,
        lines=lines,
    )


def _engine(scored: ScoredRegions, name: str, seconds: dict[str, float]) -> EngineFigures:
    read = [region for region in scored.regions if region.texts.get(name) is not None]
    stray = [region for region in read if region.spurious]
    return EngineFigures(
        regions_read=len(read),
        missed=sum(scored.regions[i].texts.get(name) is None for i in scored.known),
        spurious=len(stray),
        spurious_characters=sum(len(normalise(region.texts[name] or "")) for region in stray),
        joined=sum(region.pieces.get(name, 0) > region.references for region in read),
        seconds=seconds,
        metrics=score(scored.tables[name]) if scored.known else None,
    )


def _records(scored: ScoredRegions, common: Sequence[str | None]) -> Iterator[LineRecord]:
    row = {i: row for row, i in enumerate(scored.known)}
    for i, region in enumerate(scored.regions):
        known = row.get(i)
        classes, edits = {}, {}
        if known is not None:
            classes = {name: str(table.classes[known]) for name, table in scored.tables.items()}
            edits = {name: int(table.edits[known]) for name, table in scored.tables.items()}
        yield LineRecord(
            id=i,
            document=region.document,
            page=region.page,
            box=region.box,
            width=region.width,
            reference=region.reference,
            spurious=region.spurious,
            references=region.references,
            texts={name: region.texts.get(name) for name in scored.engines},
            confidences={name: region.confidences.get(name) for name in scored.engines},
            pieces={name: region.pieces.get(name, 0) for name in scored.engines},
            classes=classes,
            edits=edits,
            verdict=_verdict(edits) if edits else "",
            doubt=common[i] is not None,
        )


def _verdict(edits: Mapping[str, int]) -> str:
    fewest = min(edits.values())
    if all(n == 0 for n in edits.values()):
        return ALL
    best = [name for name, n in edits.items() if n == fewest]
    return best[0] if len(best) == 1 and len(edits) > 1 else TIE


def _head_to_head(scored: ScoredRegions, first: str, second: str) -> HeadToHead:
    a, b = scored.tables[first], scored.tables[second]
    right = Counter(zip(a.exact.tolist(), b.exact.tolist(), strict=True))
    crossed: dict[str, dict[str, int]] = {}
    for mine, yours in zip(a.classes, b.classes, strict=True):
        row = crossed.setdefault(str(mine), {})
        row[str(yours)] = row.get(str(yours), 0) + 1
    return HeadToHead(
        first=first,
        second=second,
        both=right[1, 1],
        only_first=right[1, 0],
        only_second=right[0, 1],
        neither=right[0, 0],
        first_fewer_edits=int((a.edits < b.edits).sum()),
        second_fewer_edits=int((b.edits < a.edits).sum()),
        classes=crossed,
        differences=paired_differences(a, b),
    )


def _by_page(
    lines: Sequence[LineRecord], engines: Sequence[str], rotations: Mapping[tuple[str, int], Turn]
) -> Iterator[PageFigures]:
    by_page: dict[tuple[str, int], list[LineRecord]] = {}
    for line in lines:
        by_page.setdefault((line.document, line.page), []).append(line)
    for (document, page), held in by_page.items():
        known = [line for line in held if line.classes]
        yield PageFigures(
            document=document,
            page=page,
            rotation=rotations.get((document, page), 0),
            regions=len(held),
            referenced=len(known),
            characters=sum(len(normalise(line.reference or "")) for line in known),
            exact={name: sum(line.classes[name] == ErrorClass.EXACT for line in known) for name in engines},
            edits={name: sum(line.edits[name] for line in known) for name in engines},
        )
