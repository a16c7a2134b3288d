"""How well a network's maps separate the lines of held-out pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nordocr.detect.dbnet.cores import find_cores
from nordocr.model.dbnet import DbNet
from nordocr.train.detector.crops import STRIDE
from nordocr.train.detector.labels import FloatArray
from nordocr.train.detector.pages import TrainingPage

_CELL = 32


@dataclass(frozen=True)
class Judgement:
    """Recall and precision, 0 to 1, of components matched to lines: a component counts for a line when most of it lies
    in that line's box and it spans most of the box's width. Neither knows the reading side's own refinement."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both, 0 where nothing was found."""
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


def judge(network: DbNet, pages: Sequence[TrainingPage]) -> Judgement:
    """Judge ``network`` (in evaluation mode) over all lines of ``pages``."""
    lines = found = hits = 0
    for page in pages:
        pieces = components(probability(network, page.image))
        boxes = page.boxes[~page.ignored]
        lines, found = lines + len(boxes), found + len(pieces)
        hits += _matched(boxes, pieces)
    return Judgement(hits / max(1, lines), hits / max(1, found))


def probability(network: DbNet, image: np.ndarray) -> FloatArray:
    """Return probabilities, float32 ``[ceil(H / 2), ceil(W / 2)]`` of a gray page at detector scale."""
    high, wide = image.shape
    padded = np.full((-(-high // _CELL) * _CELL, -(-wide // _CELL) * _CELL), 255, np.uint8)
    padded[:high, :wide] = image
    with torch.inference_mode():
        maps = network.probability(torch.from_numpy(padded.astype(np.float32) / 127.5 - 1.0)[None, None])
    return maps[0, 0, : -(-high // STRIDE), : -(-wide // STRIDE)].numpy()


def components(scores: FloatArray) -> FloatArray:
    """Return boxes, float32 ``[N, 4]`` (x, y, width, height) in page pixels, of what reading would call cores."""
    cores = find_cores(scores, (STRIDE * scores.shape[0], STRIDE * scores.shape[1]))
    boxes = np.stack([cores.left, cores.top, cores.right - cores.left, cores.bottom - cores.top], axis=1)
    return boxes[1:].astype(np.float32)


def _matched(boxes: FloatArray, pieces: FloatArray) -> int:
    if not len(boxes) or not len(pieces):
        return 0
    left = np.maximum(boxes[:, None, 0], pieces[:, 0])
    right = np.minimum(boxes[:, None, 0] + boxes[:, None, 2], pieces[:, 0] + pieces[:, 2])
    top = np.maximum(boxes[:, None, 1], pieces[:, 1])
    bottom = np.minimum(boxes[:, None, 1] + boxes[:, None, 3], pieces[:, 1] + pieces[:, 3])
    across, down = np.clip(right - left, 0, None), np.clip(bottom - top, 0, None)
    within = across * down / (pieces[:, 2] * pieces[:, 3])
    spans = across / np.maximum(1.0, boxes[:, None, 2] - 0.5 * np.minimum(boxes[:, None, 3], boxes[:, None, 2]))
    good = (within > 0.7) & (spans > 0.8)
    return int(good.any(axis=1).sum())
