"""What a model file must prove before it reads: that it has a LineSpec and does what the spec says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.errors import ModelInvalid
from nordocr.linespec import LineSpec
from nordocr.recognize.modelspec import METADATA_KEY, check_charset, find_linespec

INPUT: Final = "input"
OUTPUT: Final = "output"

# Not a multiple of the stride, so that a model which floors T instead of rounding it up is found out.
_PROBE_WIDTH: Final = 33

_PLACE: Final = re.compile(r"^\S+\.(?:h|cc|cpp):\d+ .*?\)\s+(?=\S)")

Scores = npt.NDArray[np.floating]


def check_names(inputs: Sequence[str], outputs: Sequence[str], model: Path) -> None:
    """:class:`ModelInvalid` unless the model has the one input and (among others) the output of the contract."""
    if list(inputs) != [INPUT] or OUTPUT not in outputs:
        raise ModelInvalid(
            f"{model} has inputs {list(inputs)} and outputs {list(outputs)}, not [{INPUT!r}] and [{OUTPUT!r}]."
        )


def check_dimensions(shape: Sequence[int | None], model: Path, height: int | None = None) -> None:
    """:class:`ModelInvalid` where the input ``[batch, 3, height, width]`` is of other rank or of a fixed size.

    A dimension is None where the model leaves it open. ``height`` in pixels, once the spec is known.
    """
    if len(shape) != 4 or shape[1] not in (3, None):
        raise ModelInvalid(f"{model} takes {list(shape)}, not [batch, 3, height, width].")
    for place, name in ((0, "batch"), (3, "width")):
        if shape[place] is not None:
            raise ModelInvalid(f"{model} has a fixed {name} of {shape[place]}; export it with an open {name}.")
    if height is not None and shape[2] not in (height, None):
        raise ModelInvalid(f"{model} takes lines {shape[2]} px high where its LineSpec says {height} px.")


def prove(
    model: Path,
    metadata: Mapping[str, str],
    linespec: Path | None,
    run: Callable[[npt.NDArray[np.float32]], Scores],
) -> LineSpec:
    """The model's spec, proven against what the model really gives for one small white input.

    ``linespec``: a file that says the LineSpec where the model does not. Raises :class:`ModelInvalid`, and
    :class:`ModelMissing` where ``linespec`` is no file.
    """
    found = find_linespec(model, metadata, linespec)
    if found is None:
        raise ModelInvalid(f"{model} holds no LineSpec and has no *_meta.yaml beside it; say --linespec FILE.")
    white = np.ones((1, 3, found.height, _PROBE_WIDTH), dtype=np.float32)
    try:
        scores = run(white)
    except Exception as error:  # the runtimes' exceptions share no base of their own
        raise ModelInvalid(f"{model} cannot run on an input of {white.shape}: {reason(error)}.") from error
    steps = found.time_steps(_PROBE_WIDTH)
    if scores.ndim != 3 or scores.shape[:2] != (1, steps):
        raise ModelInvalid(f"{model} gives {scores.shape} for a {_PROBE_WIDTH} px line, not (1, {steps}, classes).")
    check_charset(found, scores.shape[2], model)
    return _with_output_kind(found, scores, model, said=METADATA_KEY in metadata or linespec is not None)


def _with_output_kind(spec: LineSpec, scores: Scores, model: Path, *, said: bool) -> LineSpec:
    """A spec that does not say logits or probabilities itself (``*_meta.yaml``) is told by the scores."""
    sums = scores.astype(np.float64).sum(axis=-1)
    kind = "probabilities" if scores.min() >= 0 and np.allclose(sums, 1.0, atol=1e-2) else "logits"
    if said and kind != spec.output:
        raise ModelInvalid(f"{model} gives {kind} where its LineSpec says {spec.output}.")
    return spec if kind == spec.output else spec.model_copy(update={"output": kind})


def reason(error: Exception) -> str:
    """The first sentence of what a runtime says, without its code prefix."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    text = text.split(" : ")[-1].rpartition(" failed:")[2]
    # Where in its own source it happened, with the whole signature of the function, is of no use to the reader.
    return _PLACE.sub("", text).strip().rstrip(".")[:200]


def sha256(path: Path) -> str:
    """Checksum of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
