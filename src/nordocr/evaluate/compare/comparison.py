"""What a comparison finds, the content of ``comparison.json``: who reads what, where, and how sure that is."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from nordocr.detect.orientation import Turn
from nordocr.evaluate.compare.agreement import Doubt, EngineAgreement
from nordocr.evaluate.compare.verified import VerifiedSample
from nordocr.evaluate.referee.judge import RefereeCounts
from nordocr.evaluate.scoring.paired import Differences
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.results import BBox

ALL: Final = "all right"
"""Verdict on a region that every engine reads exactly."""

TIE: Final = "tie"
"""Verdict on a region that no engine alone reads with the fewest edits."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EngineFigures(_Model):
    """One engine over the regions with a reference; a region where it has no line counts as read empty.

    Attributes:
        regions_read: Regions of any kind where it has a line.
        missed: Regions with a reference where it has no line.
        spurious: Its lines where the reference has nothing; they are in no rate.
        spurious_characters: Characters of those lines.
        joined: Regions put together from several of its lines.
        seconds: Seconds by stage, as its result tells them.
        metrics: Its figures; None without a reference.
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

    Attributes:
        first: The first engine's short name.
        second: The second engine's short name.
        both: Regions that both read exactly.
        only_first: Regions that only the first reads exactly.
        only_second: Regions that only the second reads exactly.
        neither: Regions that neither reads exactly.
        first_fewer_edits: Regions where the first has fewer edits.
        second_fewer_edits: Regions where the second has fewer edits.
        classes: Regions by the first engine's error class, then the second's.
        differences: Paired differences, second minus first.
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
    """One page.

    Attributes:
        document: The input file's short name.
        page: The page, from 0.
        rotation: Degrees clockwise by which the page in the file was turned; boxes are those of the turned page.
            Left out of the JSON where it is 0.
        regions: Its regions.
        referenced: Regions with a reference.
        characters: Characters of the references.
        exact: Regions read exactly, by engine.
        edits: Character edits, by engine.
    """

    document: str
    page: int
    rotation: Turn = 0
    regions: int
    referenced: int
    characters: int
    exact: dict[str, int]
    edits: dict[str, int]

    @model_serializer(mode="wrap")
    def _without_unturned(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if not self.rotation:
            values.pop("rotation", None)
        return values


class LineRecord(_Model):
    """One region as the comparison leaves it.

    Attributes:
        id: Its number, from 0.
        document: The input file's short name.
        page: The page, from 0.
        box: Where it lies, in pixels of the page.
        width: Pixels at a height of 32.
        reference: Its true text; None where none is known.
        spurious: Whether the reference knows the page but nothing at this place.
        references: How many lines of the reference were joined.
        texts: What each engine read; None where it has no line.
        confidences: Each engine's confidence; None where it has none.
        pieces: How many lines of each engine were joined.
        classes: Error class by engine; empty without a reference.
        edits: Character edits by engine; empty without a reference.
        verdict: :data:`ALL`, :data:`TIE` or the one engine with the fewest edits; "" without a reference.
        doubt: Whether all engines agree and the reference says something else.
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
    """Everything that a comparison finds.

    Attributes:
        nordocr: The version that made it.
        documents: Short names of the input files.
        pages: Pages of the input files.
        regions: ``referenced`` + ``unreferenced`` + ``spurious``.
        referenced: Regions with a reference.
        unreferenced: Regions without a reference.
        spurious: Regions where the reference knows the page and has nothing.
        merged: Regions put together from several lines of the reference.
        reference: Where the reference comes from; "" for none.
        reference_kind: What kind of reference it is.
        notes: A sentence for everything that did not fit.
        engines: Each engine's figures, by short name.
        verdicts: Regions by verdict, most frequent first.
        none_right: Regions with a reference that no engine reads exactly.
        pairs: Every pair of engines; empty without a reference.
        by_page: Every page.
        agreement: How far each pair of engines agrees, whatever is true.
        doubt: Where all engines agree against the reference.
        referee: What became of the questions to a vision-language model, if one was asked.
        verified: What a human's sample says, if one was given.
        lines: Every region.
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
    agreement: list[EngineAgreement]
    doubt: Doubt
    referee: RefereeCounts | None = None
    verified: VerifiedSample | None = None
    lines: list[LineRecord]
