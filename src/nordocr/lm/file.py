"""A language model's file: a header of one line of JSON, then four arrays of bytes.

=================  ==========================================================================================
line               ``nordocr-lm 2`` and a newline, then the header and a newline
``children``       of each node that may have children, breadth first from the root, how many it has
``backoffs``       of the same nodes, ``(2 - ln weight) * 16``
``symbols``        of each node but the root, its last symbol
``probabilities``  of the same nodes, ``-ln probability * 16``
=================  ==========================================================================================

The header says the order, the characters, the arrays' lengths, their checksum and what the model was made of. Each
array is deflated (zlib), which takes two fifths off the file, and ``packed`` says how many bytes each takes so. Files
of version 1, whose arrays are not deflated, are read as well.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.jsontext import load_json
from nordocr.lm.model import BACKOFF_TOP, QUANTUM, LanguageModel

MAGIC: Final = b"nordocr-lm 2\n"
_UNPACKED: Final = b"nordocr-lm 1\n"
BUNDLED: Final = "nordic"
"""The name of the model that comes with the package."""

NO_MODEL: Final = "none"
"""What is said for reading without a language model."""

_MOST_NODES: Final = 1 << 24
_LEVEL: Final = 9
Bytes = npt.NDArray[np.uint8]


def bundled_file() -> Path:
    """Return where the package's own model lies."""
    return Path(str(resources.files("nordocr.lm") / f"{BUNDLED}.lm"))


def open_language_model(name: str) -> LanguageModel | None:
    """Open the language model called ``name``: :data:`BUNDLED`, a file, or ``none`` for no model at all.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is no language model, of another version, or damaged.
    """
    if name == NO_MODEL:
        return None
    return load_model(bundled_file() if name == BUNDLED else Path(name))


def encode_model(
    order: int,
    symbols: str,
    children: Bytes,
    backoffs: npt.NDArray[np.floating],
    last: Bytes,
    probabilities: npt.NDArray[np.floating],
    made_of: Sequence[str],
) -> bytes:
    """Return the file of a model.

    Args:
        order: Symbols of the longest n-gram.
        symbols: The characters, symbol ``i`` is ``symbols[i]``.
        children: uint8, one for each node that may have children: how many it has.
        backoffs: Natural logarithms of the same nodes' backoff weights.
        last: uint8, the last symbol of each node but the root.
        probabilities: Natural logarithms of the same nodes' probabilities.
        made_of: What the model was built from, one sentence a source.

    Returns:
        The same bytes for the same arguments.
    """
    arrays = (children, _quantised(BACKOFF_TOP - backoffs), last, _quantised(-probabilities))
    packed = [zlib.compress(array.tobytes(), _LEVEL) for array in arrays]
    body = b"".join(packed)
    header = {
        "order": order,
        "symbols": symbols,
        "inner": len(children),
        "nodes": len(last),
        "packed": [len(part) for part in packed],
        "sha256": hashlib.sha256(body).hexdigest(),
        "made_of": list(made_of),
    }
    return MAGIC + json.dumps(header, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n" + body


def load_model(path: Path) -> LanguageModel:
    """Read a model's file.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is no language model, of another version, or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"There is no language model {path}.") from error
    if not data.startswith((MAGIC, _UNPACKED)):
        raise ModelInvalid(f"{path} is not a language model of this version of nordocr.")
    end = data.find(b"\n", len(MAGIC))
    try:
        header = load_json(data[len(MAGIC) : end])
        order, symbols = int(header["order"]), str(header["symbols"])
        inner, nodes, wanted = int(header["inner"]), int(header["nodes"]), str(header["sha256"])
        made_of = tuple(str(sentence) for sentence in header["made_of"])
        packed = [int(size) for size in header["packed"]] if data.startswith(MAGIC) else []
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ModelInvalid(f"The language model {path} has a header that cannot be read.") from error
    body = memoryview(data)[end + 1 :]
    if hashlib.sha256(body).hexdigest() != wanted:
        raise ModelInvalid(f"The language model {path} is damaged: its checksum is not the one that it says.")
    if not 0 < inner <= nodes + 1 <= _MOST_NODES:
        raise ModelInvalid(f"The language model {path} does not fit together.")
    try:
        children, backoffs, last, probabilities = _arrays(body, [inner, inner, nodes, nodes], packed)
    except (ValueError, zlib.error) as error:
        raise ModelInvalid(f"The language model {path} does not fit together.") from error
    parents = np.repeat(np.arange(inner, dtype=np.uint32), children)
    if len(parents) != nodes or not 1 <= order <= 16 or not 0 < len(symbols) < 256:
        raise ModelInvalid(f"The language model {path} does not fit together.")
    weights = np.append(BACKOFF_TOP - backoffs * np.float32(QUANTUM), np.float32(0)).astype(np.float32)
    return LanguageModel(
        order,
        symbols,
        (parents << np.uint32(8)) | last,
        probabilities * np.float32(-QUANTUM),
        weights,
        path.name,
        hashlib.sha256(data).hexdigest(),
        made_of,
    )


def _arrays(body: memoryview, sizes: Sequence[int], packed: Sequence[int]) -> list[Bytes]:
    """Return the arrays of ``sizes`` bytes, deflated to ``packed`` bytes each or, where none are given, as they are.

    Raises:
        ValueError: The sizes do not fit the body.
        zlib.error: An array is not deflated.
    """
    stored = list(packed) or list(sizes)
    if len(stored) != len(sizes) or min(stored) < 0 or sum(stored) != len(body):
        raise ValueError("the arrays' lengths do not add up")
    found, at = [], 0
    for size, taken in zip(sizes, stored, strict=True):
        part = bytes(body[at : at + taken])
        if packed:  # never more memory than the header says, whatever the stream holds
            part = zlib.decompressobj().decompress(part, size + 1)
        if len(part) != size:
            raise ValueError("an array is not as long as it should be")
        found.append(np.frombuffer(part, np.uint8))
        at += taken
    return found


def _quantised(values: npt.NDArray[np.floating]) -> Bytes:
    whole: Bytes = np.clip(np.rint(values / QUANTUM), 0, 255).astype(np.uint8)
    return whole
