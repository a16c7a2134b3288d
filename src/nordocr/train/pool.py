"""Labelled lines for training: folders and LMDBs pooled, checked before training, shuffled anew each epoch.

Nothing is edited to fit: a line that cannot be trained on is left out, counted by reason and named.
"""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.charset import fold_homoglyphs
from nordocr.data.crops import crop_size
from nordocr.data.labels import UNUSABLE, LabelRow, read_labels
from nordocr.data.lines import lmdb_row
from nordocr.data.lmdb import is_lmdb
from nordocr.data.lmdb_index import open_index
from nordocr.data.pool_lines import FileLines, PoolLines, StoredLines
from nordocr.data.sample import sample_by_document
from nordocr.data.split import in_validation
from nordocr.data.usable import EMPTY, OUTSIDE, TOO_LONG, UNREADABLE, usable_lines
from nordocr.errors import DataInvalid, InputUnreadable
from nordocr.families import family_of
from nordocr.linespec import LineSpec
from nordocr.synth.degrade import DegradeConfig, degrade

MILD = DegradeConfig(strength=(0.0, 0.35), strength_power=1.5, inverted=0.0)
"""How labelled lines are augmented: they have been scanned once already."""

_NAMED = 3


@dataclass(frozen=True)
class PoolPart:
    """One folder of a pool: a labels folder or an LMDB; each of its lines comes ``times`` times an epoch."""

    folder: Path
    times: int = 1


@dataclass
class LeftOut:
    """Lines that are not trained on for one reason: how many, and the first ones' names."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return self.count


@dataclass
class PoolReport:
    """What opening a pool met: lines used and held out, and those left out by reason, each with its first names."""

    used: int = 0
    held_out: int = 0
    documentless: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, LeftOut] = field(default_factory=dict)

    def leave_out(self, reason: str, *names: str, count: int | None = None) -> None:
        """Count lines that are not trained on: as many as ``names``, or ``count`` of which the first ones are named."""
        held = self.left_out.setdefault(reason, LeftOut())
        held.count += len(names) if count is None else count
        held.names += names[: _NAMED - len(held.names)]

    def sentences(self) -> list[str]:
        """Return sentences for the user, before training starts."""
        lines = [f"{self.used} labelled lines to train on, {self.held_out} held out by document."]
        for reason, held in self.left_out.items():
            more = f" and {held.count - _NAMED} more" if held.count > _NAMED else ""
            lines.append(f"{held.count} labelled lines left out, {reason}: {', '.join(held.names)}{more}.")
        if self.outside:
            characters = ", ".join(f"{c!r} {n}" for c, n in self.outside.most_common())
            lines.append(f"Characters outside the charset in them: {characters}.")
        if self.documentless:
            lines.append(f"{self.documentless} labelled lines name no document, so none of them is held out.")
        return lines


class LabelledLines:
    """A pool's lines without end: every epoch holds each line its number of times, in a new order.

    Line i is a pure function of (seed, i). ``augment``: the share of lines that is degraded by :data:`MILD`;
    ``reframe``: the share whose crop is cut tighter or looser, as another detector would.
    """

    def __init__(
        self, parts: Sequence[PoolLines], times: Sequence[int], seed: int, augment: float, reframe: float = 0.0
    ) -> None:
        self.parts = tuple(parts)
        self.times = tuple(times)
        self.starts = list(itertools.accumulate((len(part) for part in parts), initial=0))
        self.seed = seed
        self.augment = augment
        self.reframe = reframe
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_epoch": -1, "_order": np.empty(0, dtype=np.int64)}

    def __len__(self) -> int:
        return sum(len(part) * times for part, times in zip(self.parts, self.times, strict=True))

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and text of line ``index`` >= 0; :class:`InputUnreadable` where the image is damaged."""
        part, number = self.place(self.position(index))
        image = part.read(number)
        rng = np.random.default_rng([self.seed, 0xA06, index])
        if rng.random() < self.augment:
            gray = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
            image = degrade(gray, rng, MILD).image
        if rng.random() < self.reframe:
            image = reframed(image, rng)
        return image, part.text(number)

    def place(self, position: int) -> tuple[PoolLines, int]:
        """Return the part that a usable line is in, and its number there."""
        number = bisect.bisect_right(self.starts, position) - 1
        return self.parts[number], position - self.starts[number]

    def position(self, index: int) -> int:
        """Return which of the usable lines is line ``index`` of the stream."""
        epoch, offset = divmod(index, len(self))
        if epoch != self._epoch:
            counts = [end - start for start, end in itertools.pairwise(self.starts)]
            order = np.repeat(np.arange(self.starts[-1]), np.repeat(self.times, counts))
            self._order = np.random.default_rng([self.seed, 0xE90C, epoch]).permutation(order)
            self._epoch = epoch
        return int(self._order[offset])


def reframed(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Move the upper and lower edge of a crop by up to 6 % of its height inwards and 18 % outwards, each by itself.

    Args:
        image: uint8 ``[H, W]`` or ``[H, W, 3]``.
        rng: Draws where the edges go.

    Returns:
        The crop with other margins; what is added has the median tone of the row that it continues.
    """
    height = image.shape[0]
    shifts = np.round(height * rng.uniform(-0.06, 0.18, size=2) * rng.choice((0.3, 1.0))).astype(int)
    above, below = (int(shift) for shift in shifts)
    kept = image[max(0, -above) : height - max(0, -below)]
    added = []
    for row, count in ((kept[0], above), (kept[-1], below)):
        tone = np.median(row, axis=0).astype(np.uint8)
        added.append(np.broadcast_to(tone, (max(0, count), *kept.shape[1:])))
    return np.ascontiguousarray(np.concatenate([added[0], kept, added[1]]))


def open_pool(
    parts: Sequence[PoolPart],
    spec: LineSpec,
    *,
    seed: int,
    validation_share: float = 0.0,
    augment: float = 0.0,
    reframe: float = 0.0,
    held_limit: int | None = None,
) -> tuple[LabelledLines, list[LabelRow], PoolReport]:
    """Open a pool of labelled lines.

    Left out are lines without text, with characters outside the charset, whose label needs more output steps than
    their width gives, and whose image cannot be read. Held-out rows are kept whatever they hold: they are judged by.

    Args:
        parts: The pool's folders.
        spec: What is trained for.
        seed: Seed of the order, of what is augmented and of what is reframed.
        validation_share: Share of the documents that is held out.
        augment: Share of the lines that is degraded.
        reframe: Share of the lines whose crop is cut tighter or looser.
        held_limit: Of each folder's held-out lines a sample of at most so many is returned; None for all.

    Returns:
        The lines to train on, the rows of held-out documents (see :mod:`nordocr.data.lines` for those of an LMDB), and
        what was left out.

    Raises:
        DataInvalid: No line is left, or a folder is damaged.
        InputMissing: A folder does not exist.
    """
    report = PoolReport()
    opened: list[PoolLines] = []
    held: list[LabelRow] = []
    for part in parts:
        take = _take_lmdb if is_lmdb(part.folder) else _take_folder
        lines, rows = take(part.folder, spec, validation_share, report, held_limit)
        opened.append(lines)
        held += rows
    report.used = sum(map(len, opened))
    if not report.used:
        folders = ", ".join(str(part.folder) for part in parts)
        raise DataInvalid(" ".join([f"No labelled line in {folders} can be trained on.", *report.sentences()[1:]]))
    return LabelledLines(opened, [part.times for part in parts], seed, augment, reframe), held, report


def _take_folder(
    folder: Path, spec: LineSpec, share: float, report: PoolReport, limit: int | None
) -> tuple[PoolLines, list[LabelRow]]:
    labels = read_labels(folder, charset=spec.charset)
    for issue in labels.report.issues:
        if issue.problem in UNUSABLE:
            report.leave_out(str(issue.problem), f"{folder.name}, row {issue.row}")
    held: list[LabelRow] = []
    lines: list[tuple[str, Path]] = []
    for row in labels.rows:
        if share and row.source is None:
            report.documentless += 1
        elif share and row.source is not None and in_validation(row.source, share):
            held.append(row)
            continue
        name = f"{folder.name}/{row.filename}"
        try:
            size = crop_size(row.image, row.image)
        except InputUnreadable:
            report.leave_out(UNREADABLE, name)
            continue
        text = fold_homoglyphs(row.text, spec.charset)
        if _fits(text, size, spec, name, report):
            lines.append((text, row.image))
    report.held_out += len(held)
    return FileLines(lines), [held[i] for i in sample_by_document([row.source for row in held], limit)]


def _take_lmdb(
    folder: Path, spec: LineSpec, share: float, report: PoolReport, limit: int | None
) -> tuple[PoolLines, list[LabelRow]]:
    index = open_index(folder)
    out = np.zeros(len(index), dtype=np.bool_)
    if share:
        # The last place is for lines that name no document: their -1 finds it.
        out = np.asarray([*(in_validation(name, share) for name in index.names), False])[index.documents]
        out &= index.labelled & (index.sizes > 0).all(axis=1)
        report.documentless += int((index.documents < 0).sum())
    found = usable_lines(index, spec, np.flatnonzero(~out))
    for reason, numbers in found.left_out.items():
        names = [f"{folder.name}/{number + 1:09d}" for number in numbers[:_NAMED]]
        report.leave_out(reason, *names, count=len(numbers))
    report.outside.update(found.outside)
    held = np.flatnonzero(out)
    report.held_out += len(held)
    chosen = held[sample_by_document([index.source(number) for number in held.tolist()], limit)].tolist()
    rows = [lmdb_row(folder, number + 1, index.text(number), index.source(number)) for number in chosen]
    return StoredLines.of(index, found.lines, spec.charset), rows


def _fits(text: str, size: tuple[int, int], spec: LineSpec, name: str, report: PoolReport) -> bool:
    outside = spec.charset.outside(text)
    if not text.strip():
        report.leave_out(EMPTY, name)
    elif outside:
        report.outside.update(outside)
        report.leave_out(OUTSIDE, name)
    elif not family_of(spec).fits(spec.charset.encode(text), spec, spec.target_width(size[1], size[0])):
        report.leave_out(TOO_LONG, name)
    else:
        return True
    return False
