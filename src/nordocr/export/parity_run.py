"""The parity check's run: the same lines through a model and its export.

The lines are synthetic, rendered and degraded like the training's, and are shown in two ways. Stretched to exactly
every rung of the ladder and to odd widths, alone and in batches of 3 and 32, they try every shape that reading may ask
for. At their natural widths, prepared and batched as reading does it, they say what the export would cost in accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.batching import batch_size, plan_batches
from nordocr.errors import ExportRejected
from nordocr.evaluate.scoring.bootstrap import Interval, intervals
from nordocr.evaluate.scoring.metrics import cer
from nordocr.export.parity import Extent, Group, Kind, Parity, Scorer, Scores
from nordocr.families import family_of
from nordocr.linespec import LineSpec, PreparedLine, collate, prepare
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

ODD_WIDTHS: Final = (33, 101, 500, 1023, 1792)
"""Widths in pixels that are no rung, which only a batch of another program would have."""

BATCHES: Final = (1, 3, 32)
"""Lines in a batch. At odd widths 32 lines are not tried, in the quick check only up to :data:`NARROW` px."""

NARROW: Final = 128

DISTINCT: Final = {"quick": 3, "full": 8}
"""Different lines of each width; a larger batch repeats them, and every row of it is compared."""

AREA: Final = 16_384
"""Lines x pixels that the reference, which may be slow and large, is given at once; natural lines are batched so."""

_SEED: Final = 0x6A7E
_EXPORT_MEMORY: Final = 4 * 1024**3


@dataclass(frozen=True)
class ParityLine:
    """A line to compare on."""

    image: npt.NDArray[np.uint8]
    """uint8 ``[H, W]`` gray of any height."""
    text: str
    """Its true text."""
    random: bool = False
    """Whether the text is a string of random characters."""


def parity_widths(spec: LineSpec) -> list[int]:
    """Return every rung of the ladder and the odd widths, in pixels, rising, as far as the family reads."""
    return [width for width in sorted({*spec.ladder, *ODD_WIDTHS}) if width <= family_of(spec).ceiling(spec)]


def parity_lines(count: int, spec: LineSpec) -> list[ParityLine]:
    """Render and degrade lines of many natural widths.

    Args:
        count: How many.
        spec: The LineSpec whose charset is drawn.

    Returns:
        The same lines on every call for the same fonts.

    Raises:
        DataInvalid: This machine has no font that draws the charset.
    """
    synth = LineSynth(load_synth_recipe("scans"), _SEED, spec.charset)
    made = [synth.make(index) for index in range(count)]
    return [ParityLine(line.image, line.text.text, line.text.source == "random") for line in made]


def compare(
    reference: Scorer,
    candidate: Scorer,
    spec: LineSpec,
    lines: Sequence[ParityLine],
    *,
    extent: Extent = "full",
    resolution: float = 0.0,
    memory: Callable[[int, int], int] | None = None,
) -> Parity:
    """Run both models on the lines, in every shape and at their natural widths.

    Args:
        reference: The original.
        candidate: The export.
        spec: The LineSpec of both.
        lines: What is shown.
        extent: ``quick`` shows large batches at narrow widths only and fewer different lines of each width.
        resolution: See :class:`nordocr.export.parity.Tolerance`.
        memory: Estimates the bytes that the export's largest intermediate result takes for (lines, width in pixels);
            batches above 4 GiB are left out and named.

    Returns:
        What was found.

    Raises:
        ExportRejected: Shapes differ or scores are not finite.
    """
    tally = _Tally(spec, resolution)
    left_out = []
    for width in parity_widths(spec):
        nearest = sorted(lines, key=lambda line: abs(line.image.shape[1] * spec.height / line.image.shape[0] - width))
        large = width in spec.ladder and (extent == "full" or width <= NARROW)
        sizes = BATCHES if large else BATCHES[:-1]
        members = [_exactly(line.image, width, spec) for line in nearest[: DISTINCT[extent]]]
        ours = _in_pieces(reference, members, width, spec)
        for size in sizes:
            if memory is not None and memory(size, width) > _EXPORT_MEMORY:
                left_out.append(f"{size} x {width} px")
                continue
            rows = [row % len(members) for row in range(size)]
            theirs = candidate(collate([members[row] for row in rows], width, spec))
            place = f"at {width} px in a batch of {size}"
            tally.add(ours[rows], theirs, [width] * size, place, ["stretched"] * size)
    natural = [prepare(line.image, spec, family_of(spec).ceiling(spec)) for line in lines]
    for batch in plan_batches([line.width for line in natural], spec, area=AREA):
        pixels = collate([natural[i] for i in batch.indices], batch.width, spec)
        place = f"on lines {batch.indices[0]} and following, padded to {batch.width} px"
        kinds: list[Kind] = ["random" if lines[i].random else "natural" for i in batch.indices]
        widths, truths = [natural[i].width for i in batch.indices], [lines[i].text for i in batch.indices]
        tally.add(reference(pixels), candidate(pixels), widths, place, kinds, truths)
    return tally.parity(left_out)


class _Tally:
    """What :func:`compare` counts as it goes."""

    def __init__(self, spec: LineSpec, resolution: float) -> None:
        self.spec, self.family, self.resolution = spec, family_of(spec), resolution
        self.groups: dict[Kind, Group] = {"stretched": Group(), "natural": Group(), "random": Group()}
        self.moved = self.steps = 0
        self.worst, self.where = 0.0, ""
        self.read: list[tuple[str, str, str]] = []

    def add(
        self,
        ours: Scores,
        theirs: Scores,
        widths: Sequence[int],
        place: str,
        kinds: Sequence[Kind],
        truths: Sequence[str] | None = None,
    ) -> None:
        """Count one batch, each line over its own width (pixels); natural lines with ``truths`` count for the CER."""
        if ours.shape != theirs.shape:
            raise ExportRejected(f"{place.capitalize()} the export gives {theirs.shape} where {ours.shape} is wanted.")
        if not np.isfinite(theirs).all():
            raise ExportRejected(f"{place.capitalize()} the export gives scores that are not finite.")
        before, after = (self.family.decode_batch(scores, self.spec, widths) for scores in (ours, theirs))
        for row, (one, other) in enumerate(zip(before, after, strict=True)):
            mine, its = ours[row, : one.steps].astype(np.float32), theirs[row, : one.steps].astype(np.float32)
            worst = float(np.abs(mine - its).max())
            if worst > self.worst:
                self.worst, self.where = worst, place
            moved = mine.argmax(-1) != its.argmax(-1)
            self.steps += one.steps
            self.moved += int(moved.sum())
            group = self.groups[kinds[row]]
            group.texts += 1
            if one.text != other.text:
                said = f"{place}, {one.text!r} became {other.text!r}"
                group.different += 1
                if _near_ties(mine[moved], self.resolution):
                    group.near_ties += 1
                    group.first = group.first or said
                elif group.clear == 1 or not group.first:
                    group.first = said
            if truths is not None and kinds[row] == "natural":
                self.read.append((truths[row], one.text, other.text))

    def parity(self, left_out: Sequence[str]) -> Parity:
        """Return the counts as a result."""
        truths, before, after = (list(texts) for texts in zip(*self.read, strict=True)) if self.read else ([], [], [])
        return Parity(
            stretched=self.groups["stretched"],
            natural=self.groups["natural"],
            random=self.groups["random"],
            steps=self.steps,
            moved=self.moved,
            worst_logit=self.worst,
            where=self.where,
            cer=cer(truths, before),
            cer_export=cer(truths, after),
            rise=_rise(truths, before, after),
            left_out=tuple(left_out),
        )


def _near_ties(scores: npt.NDArray[np.float32], resolution: float) -> bool:
    """Whether at each of these steps, float32 ``[steps, classes]``, the two best scores are not told apart."""
    best = np.partition(scores, -2, axis=-1)[:, -2:]
    return bool((best[:, 1] - best[:, 0] <= resolution * np.abs(scores).max(axis=-1, initial=0.0)).all())


def _rise(truths: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Interval | None:
    """The 95 % interval of the CER's rise, paired: lines are resampled, each with both of its texts."""
    lengths = np.array([len(truth) for truth in truths], np.int64)
    edits = [
        np.array([round(cer([t], [read]) * len(t)) for t, read in zip(truths, texts, strict=True)], np.int64)
        for texts in (before, after)
    ]
    found = intervals({"rise": (edits[1] - edits[0], lengths)}, np.arange(len(truths)), len(truths))
    return found.get("rise")


def _in_pieces(scorer: Scorer, members: Sequence[PreparedLine], width: int, spec: LineSpec) -> Scores:
    """The scorer's answers to lines of one width, a few at a time, so that the reference needs little memory."""
    size = batch_size(width, AREA)
    pieces = [scorer(collate(members[i : i + size], width, spec)) for i in range(0, len(members), size)]
    return np.concatenate(pieces)


def _exactly(image: npt.NDArray[np.uint8], width: int, spec: LineSpec) -> PreparedLine:
    return PreparedLine(np.asarray(cv2.resize(image, (width, spec.height)), dtype=np.uint8))
