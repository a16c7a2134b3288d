"""A fixed sample of lines by document: the same on every machine and at every start."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np


def sample_by_document(documents: Sequence[Hashable], limit: int | None) -> list[int]:
    """Choose lines so that as many documents as possible are heard, each with as many lines as its turn comes round.

    Documents take turns in an order that depends on their names alone; a document gives its lines in an order drawn for
    its name. So a sample of one document is not what the first pages happen to be, and a document that is added changes
    only its own part.

    Args:
        documents: The document of each line; None for a line that is a document of its own.
        limit: Lines at most; None for all.

    Returns:
        Places in ``documents``, rising.
    """
    if limit is None or len(documents) <= limit:
        return list(range(len(documents)))
    held: dict[Hashable, list[int]] = {}
    for place, document in enumerate(documents):
        held.setdefault(document if document is not None else (place,), []).append(place)
    turns = []
    for document, places in sorted(held.items(), key=lambda item: _drawn(item[0])):
        drawn = _drawn(document)
        order = np.random.default_rng(drawn).permutation(len(places)) if len(places) > 1 else [0]
        turns.append([places[i] for i in order])
    chosen: list[int] = []
    for turn in range(max(map(len, turns))):
        chosen += [places[turn] for places in turns if turn < len(places)]
        if len(chosen) >= limit:
            break
    return sorted(chosen[:limit])


def _drawn(document: Hashable) -> int:
    digest = hashlib.blake2b(repr(document).encode("utf-8", "surrogateescape"), digest_size=8, person=b"nordocr-sample")
    return int.from_bytes(digest.digest(), "big")
