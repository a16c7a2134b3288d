"""The numeric gate: the same lines through a model and its export, and what has to agree.

Every file that nordocr exports passes it or is not written. The lines are synthetic, rendered and degraded like the
training's, and are shown in two ways. Scaled to exactly every rung of the ladder and to odd widths, alone and in
batches of 3 and 32, they try every shape that reading may ask for. At their natural widths, prepared and batched as
reading does it, they say what the export would cost in accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.batching import batch_size, plan_batches
from nordocr.ctc import decode_batch
from nordocr.errors import ExportRejected
from nordocr.evaluate.scoring.metrics import cer
from nordocr.linespec import LineSpec, PreparedLine, collate, prepare
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

Scores = npt.NDArray[np.floating]
Scorer = Callable[[npt.NDArray[np.float32]], Scores]
"""float32 ``[B, 3, 32, W]`` in, scores ``[B, T, classes]`` out."""

ODD_WIDTHS: Final = (33, 101, 500, 1023, 1792)
BATCHES: Final = (1, 3, 32)
"""Lines in a batch. At odd widths, which only a batch of reading's rivals would have, 32 lines are not tried."""

DISTINCT: Final = 8
"""Different lines of each width; a larger batch repeats them, and every row of it is compared."""

AREA: Final = 16_384
"""Lines x pixels that the reference, which may be slow and large, is given at once; natural lines are batched so."""

_SEED: Final = 0x6A7E
_EXPORT_MEMORY: Final = 4 * 1024**3


@dataclass(frozen=True)
class ParityLine:
    """A line to compare on: ``image`` uint8 ``[H, W]`` gray of any height, and its true text."""

    image: npt.NDArray[np.uint8]
    text: str


@dataclass(frozen=True)
class Tolerance:
    """By how much an export may differ. ``lines``: how many lines it is shown.

    ``identical``: least share of texts that are the same. ``cer``: most by which the CER on natural lines may rise, as
    a share. ``logit``: largest difference of one score, None where the precision says nothing about single scores.
    """

    lines: int
    identical: float
    cer: float
    logit: float | None = None


FP32: Final = Tolerance(lines=128, identical=1.0, cer=0.0, logit=5e-3)
HALF: Final = Tolerance(lines=1000, identical=0.999, cer=0.0002)
INT8: Final = Tolerance(lines=1000, identical=0.0, cer=0.001)


@dataclass(frozen=True)
class Parity:
    """What a gate found.

    ``texts`` compared and ``different``; ``steps`` compared and ``moved``, those whose most probable class changed;
    ``worst_logit``, the largest absolute difference of a score, ``where`` it is; ``cer`` and ``cer_export`` on natural
    lines, as shares; ``first``, where texts part for the first time; ``left_out``, batches too large to be run.
    """

    texts: int
    different: int
    steps: int
    moved: int
    worst_logit: float
    where: str
    cer: float
    cer_export: float
    first: str = ""
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        same = f"{self.texts - self.different} of {self.texts} texts identical"
        if self.moved:
            same += f", {100 * self.moved / self.steps:.3f} % of steps moved"
        if self.cer_export != self.cer:
            same += f", CER {100 * self.cer_export:.3f} % instead of {100 * self.cer:.3f} %"
        left_out = f", not run at {' and '.join(self.left_out)}" if self.left_out else ""
        return f"{same}, scores within {self.worst_logit:.1e}{left_out}"

    def problem(self, limits: Tolerance) -> str | None:
        """The first limit that is broken, in words, or None."""
        if self.texts == 0:
            return "nothing was compared"
        if limits.logit is not None and not self.worst_logit <= limits.logit:
            return f"a score is {self.worst_logit:.1e} off {self.where}, and {limits.logit:.0e} is allowed"
        if (self.texts - self.different) / self.texts < limits.identical:
            return f"{self.different} of {self.texts} texts differ; {self.first}"
        if self.cer_export - self.cer > limits.cer + 1e-12:
            rise, allowed = 100 * (self.cer_export - self.cer), 100 * limits.cer
            return f"the CER rises by {rise:.3f} points where {allowed:g} are allowed; {self.first}"
        return None


def require(agreement: Parity, limits: Tolerance, output: object) -> None:
    """Raise :class:`ExportRejected`, naming ``output`` and where the two part, unless the limits are kept."""
    problem = agreement.problem(limits)
    if problem is not None:
        raise ExportRejected(f"{output} was not written: {problem}.")


def parity_widths(spec: LineSpec) -> list[int]:
    """Every rung of the ladder and the odd widths, in pixels, rising."""
    return sorted({*spec.ladder, *(w for w in ODD_WIDTHS if w <= spec.ladder[-1])})


def parity_lines(count: int, spec: LineSpec) -> list[ParityLine]:
    """Rendered and degraded lines of many natural widths; the same on every call for the same fonts.

    Raises :class:`nordocr.errors.DataInvalid` where this machine has no font that draws the charset.
    """
    synth = LineSynth(load_synth_recipe("scans"), _SEED, spec.charset)
    return [ParityLine(*synth.line(index)) for index in range(count)]


def compare(
    reference: Scorer,
    candidate: Scorer,
    spec: LineSpec,
    lines: Sequence[ParityLine],
    *,
    memory: Callable[[int, int], int] | None = None,
) -> Parity:
    """Run both on the lines, in every shape and at their natural widths.

    ``memory`` estimates the bytes that the export's largest intermediate result takes for (lines, width in pixels);
    batches above 4 GiB are left out and named. Raises :class:`ExportRejected` where shapes differ or scores are not
    finite.
    """
    tally = _Tally(spec)
    left_out = []
    for width in parity_widths(spec):
        nearest = sorted(lines, key=lambda line: abs(line.image.shape[1] * spec.height / line.image.shape[0] - width))
        sizes = BATCHES if width in spec.ladder else BATCHES[:-1]
        members = [_exactly(line.image, width, spec) for line in nearest[: min(DISTINCT, max(sizes))]]
        ours = _in_pieces(reference, members, width, spec)
        for size in sizes:
            if memory is not None and memory(size, width) > _EXPORT_MEMORY:
                left_out.append(f"{size} x {width} px")
                continue
            rows = [row % len(members) for row in range(size)]
            theirs = candidate(collate([members[row] for row in rows], width, spec))
            tally.add(ours[rows], theirs, [width] * size, f"at {width} px in a batch of {size}")
    natural = [prepare(line.image, spec, spec.ladder[-1]) for line in lines]
    for batch in plan_batches([line.width for line in natural], spec, area=AREA):
        pixels = collate([natural[i] for i in batch.indices], batch.width, spec)
        place = f"on lines {batch.indices[0]} and following, padded to {batch.width} px"
        widths = [natural[i].width for i in batch.indices]
        truths = [lines[i].text for i in batch.indices]
        tally.add(reference(pixels), candidate(pixels), widths, place, truths)
    return tally.agreement(left_out)


class _Tally:
    """What :func:`compare` counts as it goes."""

    def __init__(self, spec: LineSpec) -> None:
        self.spec = spec
        self.different = self.texts = self.moved = self.steps = 0
        self.worst, self.where, self.first = 0.0, "", ""
        self.truths: list[str] = []
        self.read: tuple[list[str], list[str]] = ([], [])

    def add(
        self, ours: Scores, theirs: Scores, widths: Sequence[int], place: str, truths: Iterable[str] | None = None
    ) -> None:
        """Count one batch, each line over its own width (pixels); ``truths`` makes it count for the CER."""
        if ours.shape != theirs.shape:
            raise ExportRejected(f"{place.capitalize()} the export gives {theirs.shape} where {ours.shape} is wanted.")
        if not np.isfinite(theirs).all():
            raise ExportRejected(f"{place.capitalize()} the export gives scores that are not finite.")
        pairs = [decode_batch(scores, self.spec, widths) for scores in (ours, theirs)]
        for row, (one, other) in enumerate(zip(*pairs, strict=True)):
            mine, its = ours[row, : one.steps].astype(np.float32), theirs[row, : one.steps].astype(np.float32)
            worst = float(np.abs(mine - its).max())
            if worst > self.worst:
                self.worst, self.where = worst, place
            self.steps += one.steps
            self.moved += int((mine.argmax(-1) != its.argmax(-1)).sum())
            self.texts += 1
            if one.text != other.text:
                self.different += 1
                self.first = self.first or f"{place}, {one.text!r} became {other.text!r}"
        if truths is not None:
            self.truths += truths
            for texts, decoded in zip(self.read, pairs, strict=True):
                texts += [line.text for line in decoded]

    def agreement(self, left_out: Sequence[str]) -> Parity:
        """The counts as a result."""
        before, after = (cer(self.truths, texts) for texts in self.read)
        return Parity(
            texts=self.texts,
            different=self.different,
            steps=self.steps,
            moved=self.moved,
            worst_logit=self.worst,
            where=self.where,
            cer=before,
            cer_export=after,
            first=self.first,
            left_out=tuple(left_out),
        )


def _in_pieces(scorer: Scorer, members: Sequence[PreparedLine], width: int, spec: LineSpec) -> Scores:
    """The scorer's answers to lines of one width, a few at a time, so that the reference needs little memory."""
    size = batch_size(width, AREA)
    pieces = [scorer(collate(members[i : i + size], width, spec)) for i in range(0, len(members), size)]
    return np.concatenate(pieces)


def _exactly(image: npt.NDArray[np.uint8], width: int, spec: LineSpec) -> PreparedLine:
    return PreparedLine(np.asarray(cv2.resize(image, (width, spec.height)), dtype=np.uint8))
