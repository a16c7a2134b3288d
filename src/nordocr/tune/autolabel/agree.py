"""When what engines read becomes a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordocr.evaluate.scoring.units import normalise


@dataclass(frozen=True)
class Opinion:
    """What one engine read.

    Attributes:
        engine: The engine's name.
        text: What it read, "" for nothing.
        confidence: 0 to 1; None where the engine gives none.
    """

    engine: str
    text: str
    confidence: float | None


@dataclass(frozen=True)
class Rule:
    """When a line gets a label.

    Attributes:
        agree: How many engines must read the same, spaces at the ends and runs of them aside. 1: one that is sure.
        least: Least confidence of the engine that is surest of the text, of those that give one.
    """

    agree: int
    least: float


@dataclass(frozen=True)
class Label:
    """A label that engines made.

    Attributes:
        text: The text, in NFC, without doubled spaces.
        weight: The highest confidence of the engines that read it, 1 where none gives one.
        engines: Who read it, in the order in which the engines were asked.
    """

    text: str
    weight: float
    engines: tuple[str, ...]


def decide(opinions: Sequence[Opinion], rule: Rule) -> Label | None:
    """Return the label of a line, None where the engines are not sure, do not agree, or agree on two texts."""
    readers: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        text = normalise(opinion.text)
        if text:
            readers.setdefault(text, []).append(opinion)
    if not readers:
        return None
    most = max(len(held) for held in readers.values())
    best = [text for text, held in readers.items() if len(held) == most]
    if most < rule.agree or (len(best) > 1 and rule.agree > 1):
        return None
    weight, text = max(((_weight(readers[text]), text) for text in best), key=lambda pair: pair[0])
    if weight < rule.least:
        return None
    return Label(text, weight, tuple(opinion.engine for opinion in readers[text]))


def _weight(held: Sequence[Opinion]) -> float:
    known = [opinion.confidence for opinion in held if opinion.confidence is not None]
    return max(known, default=1.0)
