"""From sources to the language model's file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nordocr.charset import Charset
from nordocr.errors import DataInvalid
from nordocr.lm.file import encode_model
from nordocr.lm.model import ALIKE
from nordocr.synth.lm.counts import Level, count, merged
from nordocr.synth.lm.material import Source
from nordocr.synth.lm.smooth import Floats, Kept, backed_off, pruned, witten_bell

ORDER: Final = 6
SIZE: Final = 4_000_000
"""Bytes that a file may take by default."""

_BREAK: Final = 255
_DEFLATED: Final = 1.5
"""Bytes of the arrays for each byte of the file, as a first guess."""
_FULL: Final = 0.985
"""A file that takes this share of what it may is full enough."""
_TRIES: Final = 8


def build_model(sources: Sequence[Source], charset: Charset, order: int = ORDER, size: int = SIZE) -> bytes:
    """Return a language model's file.

    Args:
        sources: Texts and their weights.
        charset: The characters that the model is to know, at most 250; others of the texts are one symbol.
        order: Symbols of the longest n-gram, 2 to 8.
        size: Bytes that the file may take.

    Raises:
        DataInvalid: The texts are empty, or ``size`` is too small for the shortest n-grams.
    """
    symbols = "".join(dict.fromkeys(ALIKE.get(c, c) for c in charset.characters))
    known = {c: i for i, c in enumerate(symbols)}
    known |= {c: known[one] for c, one in ALIKE.items() if one in known}
    other = len(symbols)
    counted = []
    for source in sources:
        # A line is read between spaces, because most lines of a page begin and end between two words.
        lines = [np.array([known.get(c, other) for c in f" {text} "], np.uint8) for text in source.texts if text]
        counted.append((count(lines, order, _BREAK), source.weight))
    if not any(len(levels[0].keys) for levels, _ in counted):
        raise DataInvalid("There is no text to build a language model from.")
    levels = merged([*counted, (_unseen(other + 1, order), 1.0)])
    probabilities = witten_bell(levels, other + 1)
    made_of = [source.sentence for source in sources]
    return _fitted(levels, probabilities, lambda model: _encoded(order, symbols, model, made_of), size)


def _fitted(
    levels: list[Level], probabilities: list[Floats], encoded: Callable[[list[Kept]], bytes], size: int
) -> bytes:
    """Return the file of the largest model found that takes at most ``size`` bytes.

    How far a model is deflated shows only when it is, so the room for its arrays is tried and corrected.
    """
    best, room = b"", _DEFLATED * size
    for _ in range(_TRIES):
        kept = pruned(levels, probabilities, int(room))
        data = encoded(backed_off(levels, probabilities, kept))
        if len(best) < len(data) <= size:
            best = data
        if len(data) <= size and (len(data) > _FULL * size or all(mask.all() for mask in kept)):
            break
        room *= (_FULL + 1) / 2 * size / len(data)
    if not best:
        raise DataInvalid(f"A language model of {size} bytes cannot hold all pairs of characters; give it more.")
    return best


def _encoded(order: int, symbols: str, model: list[Kept], made_of: list[str]) -> bytes:
    counts = [len(level.keys) for level in model]
    children = [np.array([counts[0]])]
    for shorter, longer in itertools.pairwise(model):
        parents = np.searchsorted(shorter.keys, longer.keys >> np.uint64(8))
        children.append(np.bincount(parents, minlength=len(shorter.keys)))
    return encode_model(
        order,
        symbols,
        np.concatenate(children).astype(np.uint8),
        np.concatenate([np.zeros(1), *(level.backoffs for level in model[:-1])]),
        np.concatenate([level.keys & np.uint64(255) for level in model]).astype(np.uint8),
        np.concatenate([level.probabilities for level in model]),
        made_of,
    )


def _unseen(symbols: int, order: int) -> list[Level]:
    """Every symbol, never seen: so that the model gives each some probability."""
    nothing = Level(np.zeros(0, np.uint64), np.zeros(0))
    return [Level(np.arange(symbols, dtype=np.uint64), np.zeros(symbols)), *[nothing] * (order - 1)]
