"""Whole rules taken out of a page's components, without labelling the page again."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints
from nordocr.detect.rules.runs import LENGTH, UPRIGHT_LENGTH, Run, rules_and_runs


def without_rules(components: Components, size: float) -> tuple[Mask, list[Run]]:
    """Take the whole rules out of ``components``, in place.

    A rule is at least as long as its component: only long ones are looked at, and what is left of them is labelled.

    Args:
        components: The page's components; those with rules are empty afterwards, their parts have labels of their own.
        size: The letter height in pixels.

    Returns:
        The rules' ink, bool ``[H, W]``, and where each rule runs.
    """
    rules = np.zeros(components.labels.shape, dtype=np.bool_)
    long = np.flatnonzero(
        (components.width >= round(LENGTH * size) - 2) | (components.height >= round(UPRIGHT_LENGTH * size) - 2)
    )
    if not len(long):
        return rules, []
    left, top = int(components.left[long].min()), int(components.top[long].min())
    right, bottom = int(components.right[long].max()), int(components.bottom[long].max())
    labels = components.labels[top:bottom, left:right]
    ink = _ink_of(components, long, left, top, labels.shape)
    found, runs = rules_and_runs(ink, size)
    if not runs:
        return rules, []
    rules[top:bottom, left:right] = found
    _take_out(components, long, rules)
    return rules, [_moved(run, left, top) for run in runs]


def _ink_of(components: Components, long: Ints, left: int, top: int, shape: tuple[int, ...]) -> Mask:
    """The ink of the components ``long``, bool of a ``shape`` at ``left``, ``top``."""
    area = int((components.width[long] * components.height[long]).sum())
    if area > 2 * shape[0] * shape[1]:
        chosen = np.zeros(len(components.left), dtype=np.bool_)
        chosen[long] = True
        return np.asarray(chosen[components.labels[top : top + shape[0], left : left + shape[1]]])
    ink = np.zeros(shape, dtype=np.bool_)
    for label in long:
        rows = slice(int(components.top[label]), int(components.bottom[label]))
        columns = slice(int(components.left[label]), int(components.right[label]))
        own = components.labels[rows, columns] == label
        ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] |= own
    return ink


def _take_out(components: Components, long: Ints, rules: Mask) -> None:
    """Empty those of the components ``long`` that ``rules`` lie on, and give what is left of them labels of its own."""
    parts: list[Ints] = []
    count = len(components.left)
    for label in long:
        left, top = int(components.left[label]), int(components.top[label])
        window = np.s_[top : int(components.bottom[label]), left : int(components.right[label])]
        if not rules[window].any():
            continue
        labels = components.labels[window]
        own = labels == label
        rest = own & ~rules[window]
        if np.count_nonzero(rest) == components.area[label]:
            continue
        _, found, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
            rest.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT
        )
        found[found > 0] += count - 1
        np.copyto(labels, found, where=own)
        parts.append(stats[1:].astype(np.int64) + np.array([left, top, 0, 0, 0]))
        count += len(parts[-1])
        for name in ("left", "top", "right", "bottom", "area"):
            getattr(components, name)[label] = 0
    if parts:
        x, y, width, height, area = np.concatenate(parts).T
        components.extend(x, y, x + width, y + height, area)


def _moved(run: Run, left: int, top: int) -> Run:
    along, aside = (left, top) if run.across else (top, left)
    return Run(run.across, run.start + along, run.end + along, run.first + aside, run.last + aside, run.thick)
