"""Reading unsure stretches of lines again with the language model beside what the network saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nordocr.charset import BLANK
from nordocr.ctc import Decoded, Span
from nordocr.linespec import LineSpec
from nordocr.lm.align import align
from nordocr.lm.beam import Found, Weights, search
from nordocr.lm.guard import allowed
from nordocr.lm.model import LanguageModel
from nordocr.lm.windows import Logs, Window, unsure_windows


class Reviser:
    """Revises lines of one recogniser.

    Args:
        model: The language model.
        spec: The recogniser's LineSpec: its charset, and whether it gives logits or probabilities.
        weights: How the search weighs.
        temperature: The recogniser's, for the probabilities of characters.
    """

    def __init__(
        self, model: LanguageModel, spec: LineSpec, weights: Weights | None = None, temperature: float = 1.0
    ) -> None:
        self.model = model
        self.spec = spec
        self.weights = weights or Weights()
        self.temperature = temperature
        self._symbols = np.concatenate([np.zeros(1, np.uint8), model.encode(spec.characters)])
        self._digits = np.array([False, *(c.isdigit() for c in spec.characters)])
        self._class = {c: i + 1 for i, c in enumerate(spec.characters)}

    def unsure(self, scores: npt.NDArray[np.floating]) -> bool:
        """Decide whether a line is worth reading again, by its scores over its own steps, ``[steps, classes]``."""
        own = scores.astype(np.float32)
        if self.spec.output == "logits":
            # The best class's probability is one over the sum of all odds against it.
            top = 1 / np.exp(own - own.max(axis=1, keepdims=True)).sum(axis=1)
        else:
            top = own.max(axis=1)
        return bool((top < self.weights.gate).any())

    def revise(self, scores: Sequence[npt.NDArray[np.floating]], lines: Sequence[Decoded]) -> list[Decoded | None]:
        """Read lines again.

        Args:
            scores: Each line's scores over its own steps, ``[steps, classes]``, as the network gave them.
            lines: What was read in them greedily.

        Returns:
            For each line what it says now, or None where that is what it said before.
        """
        logs = [self._logs(own) for own in scores]
        context, held = self.model.order - 1, self.weights
        windows = [
            window
            for number, own in enumerate(logs)
            for window in unsure_windows(number, own, least=held.least, gate=held.gate, context=context)
        ]
        results: list[Decoded | None] = [None] * len(lines)
        if not windows:
            return results
        found = search(self.model, self._symbols, self._digits, logs, windows, held)
        changes = self._changes(windows, found, lines)
        places = align([logs[w.line][w.start : w.end] for w, _ in changes], [text for _, text in changes])
        for (window, text), spans in zip(reversed(changes), reversed(places), strict=True):
            line = results[window.line] or lines[window.line]
            results[window.line] = self._with(line, window, text, spans, scores[window.line])
        return results

    def _logs(self, scores: npt.NDArray[np.floating]) -> Logs:
        own = scores.astype(np.float32)
        if self.spec.output == "probabilities":
            logs: Logs = np.log(own.clip(1e-30))
            return logs
        own = own - own.max(axis=1, keepdims=True)
        normalised: Logs = own - np.log(np.exp(own).sum(axis=1, keepdims=True))
        return normalised

    def _changes(
        self, windows: Sequence[Window], found: Sequence[Found], lines: Sequence[Decoded]
    ) -> list[tuple[Window, tuple[int, ...]]]:
        """The stretches that say something else now, and what; the best that is allowed, each judged for itself."""
        changes = []
        for window, result in zip(windows, found, strict=True):
            spans = lines[window.line].spans
            inside = [span for span in spans if window.start <= span.start < window.end]
            before = tuple(self._class[span.char] for span in inside)
            head = "".join(span.char for span in spans if span.start < window.start)
            old = "".join(span.char for span in inside)
            tail = lines[window.line].text[len(head) + len(old) :]
            for text in result.texts:
                if text == before:
                    break
                if allowed(head + old + tail, head + self._text(text) + tail):
                    changes.append((window, text))
                    break
        return changes

    def _text(self, classes: Sequence[int]) -> str:
        return "".join(self.spec.characters[c - 1] for c in classes)

    def _with(
        self,
        line: Decoded,
        window: Window,
        text: tuple[int, ...],
        places: Sequence[tuple[int, int]],
        scores: npt.NDArray[np.floating],
    ) -> Decoded:
        """``line`` with another text in one stretch."""
        own = self._logs(scores[window.start : window.end]) / np.float32(self.temperature)
        own = np.exp(own - own.max(axis=1, keepdims=True))
        own /= own.sum(axis=1, keepdims=True)
        new = [
            Span(char, start + window.start, end + window.start, float(own[start:end, kind].max()))
            for char, kind, (start, end) in zip(self._text(text), text, places, strict=True)
        ]
        spans = (
            *(span for span in line.spans if span.start < window.start),
            *new,
            *(span for span in line.spans if span.start >= window.end),
        )
        confidence = min((span.probability for span in spans), default=float(own[:, BLANK].min()))
        return replace(line, text="".join(span.char for span in spans), confidence=confidence, spans=spans)
