"""Reading unsure stretches of lines again with the language model beside what the network saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nordocr.ctc import Decoded, Span
from nordocr.linespec import LineSpec
from nordocr.lm.align import align
from nordocr.lm.beam import Found, Weights, search
from nordocr.lm.guard import allowed
from nordocr.lm.model import LanguageModel
from nordocr.lm.opinion import Opinion, opinion_of
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

    def revise(
        self, scores: Sequence[npt.NDArray[np.floating]], lines: Sequence[Decoded]
    ) -> list[tuple[Decoded, tuple[Opinion, ...]]]:
        """Read lines again.

        Args:
            scores: Each line's scores over its own steps, ``[steps, classes]``, as the network gave them.
            lines: What was read in them greedily.

        Returns:
            What each line says now, how sure that is, and why: an opinion for each stretch that was searched.
        """
        logs = [self._logs(own) for own in scores]
        context, held = self.model.order - 1, self.weights
        windows = [
            window
            for number, own in enumerate(logs)
            for window in unsure_windows(number, own, least=held.least, gate=held.gate, context=context)
        ]
        results: list[tuple[Decoded, tuple[Opinion, ...]]] = [(line, ()) for line in lines]
        if not windows:
            return results
        found = search(self.model, self._symbols, self._digits, logs, windows, held)
        chosen = [self._choice(w, f, lines[w.line]) for w, f in zip(windows, found, strict=True)]
        changed = [i for i, (_, same) in enumerate(chosen) if not same]
        logs_of = [logs[windows[i].line][windows[i].start : windows[i].end] for i in changed]
        places = dict(zip(changed, align(logs_of, [chosen[i][0] for i in changed]), strict=True))
        for number in reversed(range(len(windows))):  # from the right, so that what is left of a stretch stays put
            window, (text, _) = windows[number], chosen[number]
            line, opinions = results[window.line]
            if number in places:
                spans = self._seen(window, text, places[number], scores[window.line])
            else:
                spans = [span for span in line.spans if window.start <= span.start < window.end]
            opinion = opinion_of(window, text, found[number])
            if opinion is not None:
                spans = opinion.judged(spans, self.temperature)
                opinions = (opinion, *opinions)
            results[window.line] = _with(line, window, spans), opinions
        return results

    def _logs(self, scores: npt.NDArray[np.floating]) -> Logs:
        own = scores.astype(np.float32)
        if self.spec.output == "probabilities":
            logs: Logs = np.log(own.clip(1e-30))
            return logs
        own = own - own.max(axis=1, keepdims=True)
        normalised: Logs = own - np.log(np.exp(own).sum(axis=1, keepdims=True))
        return normalised

    def _choice(self, window: Window, result: Found, line: Decoded) -> tuple[tuple[int, ...], bool]:
        """What a stretch says now, the best that is allowed, and whether that is what it said before."""
        inside = [span for span in line.spans if window.start <= span.start < window.end]
        before = tuple(self._class[span.char] for span in inside)
        head = "".join(span.char for span in line.spans if span.start < window.start)
        tail = line.text[len(head) + len(inside) :]
        for text in result.texts:
            if text == before:
                break
            if allowed(line.text, head + self._text(text) + tail):
                return text, False
        return before, True

    def _text(self, classes: Sequence[int]) -> str:
        return "".join(self.spec.characters[c - 1] for c in classes)

    def _seen(
        self,
        window: Window,
        text: tuple[int, ...],
        places: Sequence[tuple[int, int]],
        scores: npt.NDArray[np.floating],
    ) -> list[Span]:
        """The characters of a stretch that says something new, as probable as the network alone has them."""
        own = self._logs(scores[window.start : window.end]) / np.float32(self.temperature)
        own = np.exp(own - own.max(axis=1, keepdims=True))
        own /= own.sum(axis=1, keepdims=True)
        return [
            Span(char, start + window.start, end + window.start, float(own[start:end, kind].max()))
            for char, kind, (start, end) in zip(self._text(text), text, places, strict=True)
        ]


def _with(line: Decoded, window: Window, spans: Sequence[Span]) -> Decoded:
    """``line`` with other characters in one stretch."""
    before = (span for span in line.spans if span.start < window.start)
    everything = (*before, *spans, *(span for span in line.spans if span.start >= window.end))
    confidence = min((span.probability for span in everything), default=line.confidence)
    text = "".join(span.char for span in everything)
    return replace(line, text=text, confidence=confidence, spans=everything)
