"""What every engine of ours has in common: crops in, one rung of the width ladder at a time, text out.

An engine says only how a batch becomes scores. Splitting, preparing, batching and decoding are those of
:mod:`nordocr.recognize.wide`, :mod:`nordocr.linespec`, :mod:`nordocr.batching` and :mod:`nordocr.families`; lines that
the network is unsure of are then read again with :mod:`nordocr.lm`, all of a page together, if an engine is told to.

On a CPU, batches are read side by side, one thread each: a small network gains more from that than from sharing one
batch out among the cores, and preparing and decoding are spread over the cores along with it.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nordocr.batching import AREA, Batch, batch_size, plan_batches
from nordocr.charset import unused_classes
from nordocr.ctc import Decoded, without_classes
from nordocr.families import family_of
from nordocr.linespec import CEILING, FloatArray, LineSpec, PreparedLine, collate, prepare
from nordocr.lm.model import LanguageModel
from nordocr.lm.revise import Reviser
from nordocr.recognize.base import Crop, LineText, line_text
from nordocr.recognize.wide import join_pieces, split_wide

Scores = npt.NDArray[np.floating]
"""``[B, T, classes]``: logits or probabilities, as the spec says."""

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class Load:
    """How much goes through an engine at once.

    ``ceiling``: the widest input in pixels; wider lines are split at a gap (flag ``split``) or squeezed (flag
    ``squeezed``). ``area``: lines x width in pixels of one batch; ``most``: lines of one batch at most.
    ``workers``: batches that are read side by side.
    """

    ceiling: int = CEILING
    area: int = AREA
    most: int | None = None
    workers: int = 1


@dataclass(frozen=True)
class _Greedy:
    """A line as the network alone reads it. ``scores``: over its own steps, where it should be read again."""

    decoded: Decoded
    flags: tuple[str, ...]
    scores: Scores | None


class LineRecognizer(ABC):
    """A :class:`nordocr.recognize.base.Recognizer` but for :meth:`scores`, which may be called by several threads."""

    name: str

    def __init__(self, model: str, model_sha256: str, spec: LineSpec, load: Load, temperature: float = 1.0) -> None:
        self.model = model
        self.model_sha256 = model_sha256
        self.spec = spec
        self.load = load
        self.temperature = temperature
        self.family = family_of(spec)
        self._ceiling = min(load.ceiling, self.family.ceiling(spec))
        self._buffers = threading.local()
        self._pool = ThreadPoolExecutor(load.workers, thread_name_prefix=self.name) if load.workers > 1 else None
        self._closed = False
        self.languages: tuple[str, ...] = ()
        self.language_model = ""
        self._unused: list[int] = []
        self._reviser: Reviser | None = None

    @abstractmethod
    def scores(self, batch: FloatArray) -> Scores:
        """float32 ``[B, 3, height, rung]`` in [-1, 1] to ``[B, T, classes]``; ``batch`` is overwritten later."""

    def guide(self, languages: Sequence[str] = (), model: LanguageModel | None = None) -> None:
        """Say what is known of the texts before they are read; untold, an engine reads what its network sees.

        Args:
            languages: Codes of :data:`nordocr.charset.LANGUAGES`: letters of no other language are read. None: all.
            model: What unsure stretches are read again with; lines that it changes have the flag ``lm``.

        Raises:
            UsageError: A model is given, but its search needs scores that follow the line's columns.
        """
        if model is not None:
            self.family.require_columns("The language model")
        self.languages = tuple(languages)
        self._unused = unused_classes(self.spec.charset, languages)
        self._reviser = None if model is None else Reviser(model, self.spec, temperature=self.temperature)
        self.language_model = "" if model is None else f"{model.name} {model.sha256}"

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order; each line's text is independent of the others."""
        pieces = [split_wide(crop, self.spec, self._ceiling) for crop in crops]
        whole = [piece.pixels for parts in pieces for piece in parts]
        lines = self._spread(lambda pixels: prepare(pixels, self.spec, self._ceiling), whole)
        texts = iter(self.read_prepared(lines))
        return [join_pieces(parts, [next(texts) for _ in parts]) for parts in pieces]

    def read_prepared(self, lines: Sequence[PreparedLine]) -> list[LineText]:
        """Read lines that :func:`nordocr.linespec.prepare` has already resized; RuntimeError after :meth:`close`."""
        if self._closed:
            raise RuntimeError("the recogniser is closed")
        plan = plan_batches([line.width for line in lines], self.spec, area=self.load.area, max_lines=self.load.most)
        held: dict[int, _Greedy] = {}
        # Wide batches first: the last to finish are then small ones, and no core waits long for another.
        plan.reverse()
        for batch, read in zip(plan, self._each(lambda batch: self._read_batch(lines, batch), plan), strict=True):
            held.update(zip(batch.indices, read, strict=True))
        return self._revised([held[i] for i in range(len(lines))])

    def warm_up(self) -> dict[int, float]:
        """Run one full batch of white paper at every rung that may occur; seconds of each rung.

        Memory is taken, kernels are chosen and shapes compiled now rather than at the first line that needs them.
        """
        spent = {}
        for rung in self.rungs():
            lines = batch_size(rung, self.load.area, self.load.most)
            started = time.perf_counter()
            self.scores(np.ones((lines, 3, self.spec.height, rung), np.float32))
            spent[rung] = time.perf_counter() - started
        return spent

    def rungs(self) -> list[int]:
        """The widths in pixels that batches can have, rising."""
        return [rung for rung in self.spec.ladder if rung <= self.spec.rung(self._ceiling)]

    def close(self) -> None:
        """Free the engine's threads; reading afterwards is an error, closing again is none."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown()

    def _read_batch(self, lines: Sequence[PreparedLine], batch: Batch) -> list[_Greedy]:
        members = [lines[i] for i in batch.indices]
        scores = self.scores(collate(members, batch.width, self.spec, self._buffer(len(members), batch.width)))
        if self._unused:
            scores = without_classes(scores, self._unused, self.spec)
        decoded = self.family.decode_batch(scores, self.spec, [line.width for line in members], self.temperature)
        return [
            _Greedy(found, ("squeezed",) if line.squeezed else (), self._to_revise(own[: found.steps]))
            for line, found, own in zip(members, decoded, scores, strict=True)
        ]

    def _to_revise(self, scores: Scores) -> Scores | None:
        return scores.copy() if self._reviser is not None and self._reviser.unsure(scores) else None

    def _revised(self, lines: Sequence[_Greedy]) -> list[LineText]:
        """All lines of a page as they are given out: the unsure ones are read again together, which is quicker."""
        unsure = [(i, line.decoded, line.scores) for i, line in enumerate(lines) if line.scores is not None]
        found: dict[int, Decoded] = {}
        if self._reviser is not None and unsure:
            again = self._reviser.revise([scores for _, _, scores in unsure], [line for _, line, _ in unsure])
            found = {i: line for (i, _, _), (line, _) in zip(unsure, again, strict=True)}
        texts = []
        for i, line in enumerate(lines):
            new = found.get(i, line.decoded)
            texts.append(line_text(new, line.flags if new.text == line.decoded.text else (*line.flags, "lm")))
        return texts

    def _buffer(self, lines: int, width: int) -> FloatArray:
        """This thread's batch memory in the wanted shape; it grows to the largest batch and is used again."""
        shape = (lines, 3, self.spec.height, width)
        needed = lines * 3 * self.spec.height * width
        held: FloatArray | None = getattr(self._buffers, "held", None)
        if held is None or held.size < needed:
            held = self._buffers.held = np.empty(needed, np.float32)
        return held[:needed].reshape(shape)

    def _each(self, function: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
        if self._pool is None or len(items) < 2:
            return [function(item) for item in items]
        return list(self._pool.map(function, items))

    def _spread(self, function: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
        """Like :meth:`_each` for small work: each thread takes a stretch of the items."""
        size = -(-len(items) // self.load.workers)
        if self._pool is None or size < 8:
            return [function(item) for item in items]
        stretches = [items[i : i + size] for i in range(0, len(items), size)]
        return [out for part in self._each(lambda some: [function(x) for x in some], stretches) for out in part]


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
