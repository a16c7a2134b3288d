"""The numeric gate: the same lines through a checkpoint and its export, and what has to agree.

Every file that nordocr exports passes it or is not written. Lines are synthetic, rendered like the training's, and are
shown at every rung of the ladder and at odd widths, alone and in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.ctc import decode_batch
from nordocr.errors import ExportRejected
from nordocr.linespec import LineSpec, PreparedLine, collate
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

Scorer = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.floating]]
"""float32 ``[B, 3, 32, W]`` in, scores ``[B, T, classes]`` out."""

ODD_WIDTHS: Final = (33, 101, 500, 1023, 1792)
BATCHES: Final = (1, 3)
_POOL = 64
_SEED = 0x6A7E


@dataclass(frozen=True)
class Agreement:
    """What a gate found. ``worst_logit``: largest absolute difference; ``texts``: lines whose text was compared."""

    texts: int
    different: int
    worst_logit: float
    first: str = ""

    def __str__(self) -> str:
        return f"{self.texts - self.different} of {self.texts} texts identical, logits within {self.worst_logit:.1e}"


def gate_widths(spec: LineSpec) -> list[int]:
    """Every rung of the ladder and the odd widths, in pixels, rising."""
    return sorted({*spec.ladder, *(w for w in ODD_WIDTHS if w <= spec.ladder[-1])})


def gate_lines(count: int = _POOL) -> list[npt.NDArray[np.uint8]]:
    """Rendered and degraded line images, uint8 gray, of many natural widths; the same on every call."""
    synth = LineSynth(load_synth_recipe("scans"), _SEED)
    return [synth.make(index).image for index in range(count)]


def compare(reference: Scorer, candidate: Scorer, spec: LineSpec, images: Sequence[npt.NDArray[np.uint8]]) -> Agreement:
    """Run both on the images at every gate width: each image nearest in shape, scaled to exactly that width."""
    texts = different = 0
    worst, first = 0.0, ""
    for width in gate_widths(spec):
        nearest = sorted(images, key=lambda image: abs(image.shape[1] * spec.height / image.shape[0] - width))
        for size in BATCHES:
            members = [_exactly(image, width, spec) for image in nearest[:size]]
            batch = collate(members, width, spec)
            ours, theirs = reference(batch), candidate(batch)
            if ours.shape != theirs.shape:
                raise ExportRejected(f"At {width} px the export gives {theirs.shape} where {ours.shape} is wanted.")
            worst = max(worst, float(np.abs(ours - theirs).max()))
            pairs = zip(*(decode_batch(s, spec, [width] * size) for s in (ours, theirs)), strict=True)
            for one, other in pairs:
                texts += 1
                if one.text != other.text:
                    different += 1
                    first = first or f"at {width} px in a batch of {size}: {one.text!r} became {other.text!r}"
    return Agreement(texts, different, worst, first)


def _exactly(image: npt.NDArray[np.uint8], width: int, spec: LineSpec) -> PreparedLine:
    return PreparedLine(np.asarray(cv2.resize(image, (width, spec.height)), dtype=np.uint8))
