"""Crops of training pages: turned, scaled, inverted, framed and made noisy, with their maps at half the size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.model.page_map import STRIDE
from nordocr.train.detector.labels import LOW, FloatArray, page_labels
from nordocr.train.detector.pages import TrainingPage


@dataclass(frozen=True)
class Crop:
    """``image``: float32 ``[S, S]`` in [-1, 1]; ``core``, ``threshold``, ``weight``: float32 ``[S / 2, S / 2]``."""

    image: FloatArray
    core: FloatArray
    threshold: FloatArray
    weight: FloatArray


def random_crop(page: TrainingPage, side: int, rng: np.random.Generator) -> Crop:
    """Cut a crop of ``side`` pixels (a multiple of 32) of ``page``."""
    image = _banded(page, rng) if rng.random() < 0.35 else page.image
    maps = page_labels(page.image.shape, page.boxes, page.ignored)
    paper = int(np.percentile(image[::8, ::8], 80))
    scale, turn = float(np.exp(rng.uniform(np.log(0.7), np.log(1.4)))), float(np.clip(rng.normal() * 0.8, -2.5, 2.5))
    middle = [_middle(size, side / scale, rng) for size in (page.image.shape[1], page.image.shape[0])]
    matrix = np.asarray(cv2.getRotationMatrix2D((middle[0], middle[1]), turn, scale), dtype=np.float64)
    matrix[:, 2] += side / 2 - np.array(middle)
    fill = 0 if rng.random() < 0.15 else paper
    turned = np.asarray(
        cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=fill), dtype=np.float32
    )
    # Pixel centres: map pixel m covers input pixels 2m and 2m + 1.
    half = matrix / STRIDE
    half[:, 2] += 0.5 / STRIDE - 0.5
    small = (side // STRIDE, side // STRIDE)
    core, threshold, weight = (
        cv2.warpAffine(np.ascontiguousarray(one), half, small, flags=cv2.INTER_LINEAR, borderValue=beyond)
        for one, beyond in zip(maps, (0.0, LOW, 1.0), strict=True)
    )
    seen = _damaged(turned, rng) / 127.5 - 1.0
    return Crop(
        seen.astype(np.float32),
        (core > 0.5).astype(np.float32),
        threshold.astype(np.float32),
        np.where(weight > 0.5, weight, 0.0).astype(np.float32),
    )


def _middle(size: int, wanted: float, rng: np.random.Generator) -> float:
    """Where a crop of ``wanted`` page pixels lies along one axis; it may look a little beyond the page."""
    slack = size - wanted
    return float(size / 2 + rng.uniform(-0.5, 0.5) * max(slack + 0.1 * size, 0.1 * size))


def _banded(page: TrainingPage, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The page with one to three lines white on black, or on a gray ground, as headers of tables are."""
    image = page.image.copy()
    for _ in range(int(rng.integers(1, 4)) if len(page.boxes) else 0):
        x, y, width, height = page.boxes[int(rng.integers(len(page.boxes)))]
        pad, side = rng.uniform(0.2, 0.7) * height, rng.uniform(0.2, 12.0) * height
        if rng.random() < 0.4:
            x, width = 0.06 * image.shape[1], 0.88 * image.shape[1]
        left, right = max(0, int(x - side)), int(x + width + side)
        band = image[max(0, int(y - pad)) : int(y + height + pad), left:right]
        if rng.random() < 0.6:
            band[:] = 255 - band
        else:
            band[:] = (band * rng.uniform(0.55, 0.9)).astype(np.uint8)
    return image


def _damaged(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Contrast, blur, noise, black frames and negatives on gray levels float32 ``[S, S]``."""
    side = image.shape[0]
    if rng.random() < 0.4:
        low, high = rng.uniform(0, 70), rng.uniform(170, 255)
        image = image * np.float32((high - low) / 255) + np.float32(low)
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.1)).astype(np.float32)
    if rng.random() < 0.1:
        edge = int(rng.uniform(4, 50))
        sides = image[:edge], image[-edge:], image[:, :edge], image[:, -edge:]
        sides[int(rng.integers(4))].fill(rng.uniform(0, 60))
    if rng.random() < 0.12:
        # Rules, straight through whatever stands there.
        for _ in range(int(rng.integers(1, 5))):
            at, thick = int(rng.integers(side)), int(rng.integers(1, 3))
            rule = image[at : at + thick] if rng.random() < 0.5 else image[:, at : at + thick]
            rule *= np.float32(0.3)
    if rng.random() < 0.3:
        image = image + rng.normal(0.0, rng.uniform(2, 22), image.shape).astype(np.float32)
    if rng.random() < 0.03:
        image = 255 - image
    return np.clip(image, 0, 255)
