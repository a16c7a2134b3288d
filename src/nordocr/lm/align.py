"""Where the characters of a known text stand: the best path of CTC through it, for many stretches at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nordocr.charset import BLANK
from nordocr.lm.windows import Logs

_NONE = np.float32(-np.inf)


def align(logs: Sequence[Logs], texts: Sequence[tuple[int, ...]]) -> list[list[tuple[int, int]]]:
    """Find the steps of each character.

    Args:
        logs: Each stretch's steps, ``[T, classes]``.
        texts: The classes that each stretch says; there must be a path through its steps.

    Returns:
        For each stretch, of each character its first step and the step after its last, counted within the stretch.
    """
    if not texts:
        return []
    order = sorted(range(len(logs)), key=lambda i: -len(logs[i]))
    lengths = np.array([len(logs[i]) for i in order])
    labels, jumps = _labels([texts[i] for i in order])
    emitted = np.full((len(order), int(lengths[0]), labels.shape[1]), _NONE, np.float32)
    for place, index in enumerate(order):
        emitted[place, : lengths[place]] = logs[index][:, labels[place]]
    backs = _forward(emitted, lengths, jumps, np.array([2 * len(texts[i]) for i in order]))
    spans: list[list[tuple[int, int]]] = [[] for _ in logs]
    for place, index in enumerate(order):
        spans[index] = _spans(backs[place], len(texts[index]))
    return spans


def _labels(texts: Sequence[tuple[int, ...]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Each text with blanks around its characters, and where a path may leave a blank out."""
    labels = np.full((len(texts), 2 * max(map(len, texts)) + 1), BLANK, np.int64)
    for row, text in zip(labels, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    jumps = np.zeros(labels.shape, np.bool_)
    jumps[:, 2:] = (labels[:, 2:] != BLANK) & (labels[:, 2:] != labels[:, :-2])
    return labels, jumps


def _forward(
    emitted: npt.NDArray[np.float32],
    lengths: npt.NDArray[np.int64],
    jumps: npt.NDArray[np.bool_],
    last: npt.NDArray[np.int64],
) -> list[npt.NDArray[np.int64]]:
    """The best path of each stretch as its state at each step."""
    count, steps, states = emitted.shape
    best = np.full((count, states), _NONE, np.float32)
    best[:, :2] = emitted[:, 0, :2]
    came = np.zeros((steps, count, states), np.int8)
    finals = best.copy()
    for step in range(1, steps):
        active = int(np.searchsorted(-lengths, -step, side="left"))
        now = best[:active]
        choices = np.full((3, active, states), _NONE, np.float32)
        choices[0] = now
        choices[1, :, 1:] = now[:, :-1]
        choices[2, :, 2:] = np.where(jumps[:active, 2:], now[:, :-2], _NONE)
        came[step, :active] = choices.argmax(axis=0)
        best[:active] = choices.max(axis=0) + emitted[:active, step]
        finals[:active] = best[:active]
    paths = []
    for place in range(count):
        end = int(last[place])
        state = end if end == 0 or finals[place, end] >= finals[place, end - 1] else end - 1
        path = np.zeros(int(lengths[place]), np.int64)
        for step in range(len(path) - 1, -1, -1):
            path[step] = state
            state -= int(came[step, place, state])
        paths.append(path)
    return paths


def _spans(path: npt.NDArray[np.int64], characters: int) -> list[tuple[int, int]]:
    starts = np.searchsorted(path, 2 * np.arange(characters) + 1, side="left")
    ends = np.searchsorted(path, 2 * np.arange(characters) + 1, side="right")
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
