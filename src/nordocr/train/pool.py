"""Labelled lines for training: folders and LMDBs pooled, checked before training, shuffled anew each epoch.

Nothing is edited to fit: a line that cannot be trained on is left out, counted by reason and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.charset import fold_homoglyphs
from nordocr.data.crops import crop_size, decode_crop
from nordocr.data.labels import UNUSABLE, LabelRow, read_labels
from nordocr.data.length import ctc_length
from nordocr.data.lines import lmdb_row
from nordocr.data.lmdb import LmdbLines, is_lmdb
from nordocr.data.split import in_validation
from nordocr.errors import DataInvalid, InputUnreadable
from nordocr.files import read_regular
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


@dataclass(frozen=True)
class LabelledLine:
    """One usable line. ``place``: its file, or its number in the LMDB ``store``."""

    text: str
    place: Path | int
    store: LmdbLines | None = None

    def read(self) -> npt.NDArray[np.uint8]:
        """Return the image, uint8 gray or RGB; :class:`InputUnreadable`."""
        if isinstance(self.place, Path):
            try:
                data = read_regular(self.place)
            except OSError as error:
                raise InputUnreadable(f"{self.place} cannot be read: {error.strerror}.") from error
            return decode_crop(data, self.place)
        assert self.store is not None
        return decode_crop(self.store.image(self.place), f"Image {self.place + 1} of the LMDB {self.store.folder}")


@dataclass
class PoolReport:
    """What opening a pool met: lines used and held out, and those left out by reason, each with its first names."""

    used: int = 0
    held_out: int = 0
    documentless: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, reason: str, name: str) -> None:
        """Count one line that is not trained on."""
        self.left_out.setdefault(reason, []).append(name)

    def sentences(self) -> list[str]:
        """Return sentences for the user, before training starts."""
        lines = [f"{self.used} labelled lines to train on, {self.held_out} held out by document."]
        for reason, names in self.left_out.items():
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            lines.append(f"{len(names)} labelled lines left out, {reason}: {', '.join(names[:_NAMED])}{more}.")
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
        self, lines: Sequence[LabelledLine], times: Sequence[int], seed: int, augment: float, reframe: float = 0.0
    ) -> None:
        self.lines = tuple(lines)
        self.times = np.asarray(times, dtype=np.int64)
        self.seed = seed
        self.augment = augment
        self.reframe = reframe
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_epoch": -1, "_order": np.empty(0, dtype=np.int64)}

    def __len__(self) -> int:
        return int(self.times.sum())

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and text of line ``index`` >= 0; :class:`InputUnreadable` where the image is damaged."""
        chosen = self.lines[self.position(index)]
        image = chosen.read()
        rng = np.random.default_rng([self.seed, 0xA06, index])
        if rng.random() < self.augment:
            gray = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
            image = degrade(gray, rng, MILD).image
        if rng.random() < self.reframe:
            image = reframed(image, rng)
        return image, chosen.text

    def position(self, index: int) -> int:
        """Return which of ``lines`` is line ``index`` of the stream."""
        epoch, offset = divmod(index, len(self))
        if epoch != self._epoch:
            order = np.repeat(np.arange(len(self.lines)), self.times)
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

    Returns:
        The lines to train on, the rows of held-out documents (see :mod:`nordocr.data.lines` for those of an LMDB), and
        what was left out.

    Raises:
        DataInvalid: No line is left, or a folder is damaged.
        InputMissing: A folder does not exist.
    """
    report = PoolReport()
    lines: list[LabelledLine] = []
    times: list[int] = []
    held: list[LabelRow] = []
    for part in parts:
        before = len(lines)
        if is_lmdb(part.folder):
            held += _take_lmdb(part.folder, spec, validation_share, lines, report)
        else:
            held += _take_folder(part.folder, spec, validation_share, lines, report)
        times += [part.times] * (len(lines) - before)
    report.used, report.held_out = len(lines), len(held)
    if not lines:
        folders = ", ".join(str(part.folder) for part in parts)
        raise DataInvalid(" ".join([f"No labelled line in {folders} can be trained on.", *report.sentences()[1:]]))
    return LabelledLines(lines, times, seed, augment, reframe), held, report


def _take_folder(
    folder: Path, spec: LineSpec, share: float, lines: list[LabelledLine], report: PoolReport
) -> list[LabelRow]:
    labels = read_labels(folder, charset=spec.charset)
    for issue in labels.report.issues:
        if issue.problem in UNUSABLE:
            report.leave_out(str(issue.problem), f"{folder.name}, row {issue.row}")
    held = []
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
            report.leave_out("image cannot be read", name)
            continue
        text = fold_homoglyphs(row.text, spec.charset)
        if _fits(text, size, spec, name, report):
            lines.append(LabelledLine(text, row.image))
    return held


def _take_lmdb(
    folder: Path, spec: LineSpec, share: float, lines: list[LabelledLine], report: PoolReport
) -> list[LabelRow]:
    store = LmdbLines(folder)
    held = []
    for index in range(len(store)):
        name = f"{folder.name}/{index + 1:09d}"
        try:
            label, size = store.text(index), store.size(index)
        except InputUnreadable:
            report.leave_out("image cannot be read", name)
            continue
        except DataInvalid:
            report.leave_out("label missing or not UTF-8", name)
            continue
        source = store.source(index) if share else None
        if share and source is None:
            report.documentless += 1
        elif source is not None and in_validation(source, share):
            held.append(lmdb_row(folder, index + 1, label, source))
            continue
        text = fold_homoglyphs(label, spec.charset)
        if _fits(text, size, spec, name, report):
            lines.append(LabelledLine(text, index, store))
    return held


def _fits(text: str, size: tuple[int, int], spec: LineSpec, name: str, report: PoolReport) -> bool:
    outside = spec.charset.outside(text)
    if not text.strip():
        report.leave_out("empty text", name)
    elif outside:
        report.outside.update(outside)
        report.leave_out("characters outside the charset", name)
    elif ctc_length(spec.charset.encode(text)) > spec.time_steps(spec.target_width(size[1], size[0])):
        report.leave_out("label too long for the line's width", name)
    else:
        return True
    return False
