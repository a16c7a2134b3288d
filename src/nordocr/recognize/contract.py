"""Checks of a model file before it reads: it must have a LineSpec and do what the spec says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.errors import ModelInvalid
from nordocr.families import family_of
from nordocr.linespec import LineSpec
from nordocr.recognize.modelspec import METADATA_KEY, NAMED, check_charset, find_linespec, said_nothing

INPUT: Final = "input"
OUTPUT: Final = "output"

# Not a multiple of the stride, so that a model which floors T instead of rounding it up is found out.
_PROBE_WIDTH: Final = 33

_PLACE: Final = re.compile(r"^\S+\.(?:h|cc|cpp):\d+ .*?\)\s+(?=\S)")

Scores = npt.NDArray[np.floating]


def check_names(inputs: Sequence[str], outputs: Sequence[str], model: Path) -> None:
    """Raise :class:`ModelInvalid` unless the model has the contract's one input and, among others, its output."""
    if list(inputs) != [INPUT] or OUTPUT not in outputs:
        raise ModelInvalid(
            f"{model} has inputs {list(inputs)} and outputs {list(outputs)}, not [{INPUT!r}] and [{OUTPUT!r}]."
        )


def check_dimensions(shape: Sequence[int | None], model: Path, height: int | None = None) -> None:
    """Check that a model takes ``[batch, 3, height, width]`` with open batch and width.

    Args:
        shape: The input's dimensions; None for those that the model leaves open.
        model: The model file, for errors.
        height: The spec's height in pixels, once it is known.

    Raises:
        ModelInvalid: The input has another rank or a fixed size.
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
    """Return a model's spec after checking it against the model's output for a small white input.

    Args:
        model: The model file, for errors and for the YAML beside it.
        metadata: The metadata in the model file.
        linespec: A file with the LineSpec of a model that contains none.
        run: Runs the model: float32 ``[1, 3, height, width]`` to scores ``[1, T, classes]``.

    Raises:
        ModelInvalid: There is no spec, or the model contradicts it.
        ModelMissing: ``linespec`` is not a file.
    """
    found = find_linespec(model, metadata, linespec)
    if found is None:
        raise ModelInvalid(said_nothing(model))
    white = np.ones((1, 3, found.height, _PROBE_WIDTH), dtype=np.float32)
    try:
        scores = run(white)
    except Exception as error:  # the runtimes' exceptions share no base of their own
        raise ModelInvalid(f"{model} cannot run on an input of {white.shape}: {reason(error)}.") from error
    steps = family_of(found).rows(found, _PROBE_WIDTH)
    if scores.ndim != 3 or scores.shape[:2] != (1, steps):
        raise ModelInvalid(f"{model} gives {scores.shape} for a {_PROBE_WIDTH} px line, not (1, {steps}, classes).")
    check_charset(found, scores.shape[2], model)
    said = METADATA_KEY in metadata or (linespec is not None and str(linespec) not in NAMED)
    return _with_output_kind(found, scores, model, said=said)


def _with_output_kind(spec: LineSpec, scores: Scores, model: Path, *, said: bool) -> LineSpec:
    """Complete a spec that does not say logits or probabilities (``*_meta.yaml``) by what the scores are."""
    sums = scores.astype(np.float64).sum(axis=-1)
    kind = "probabilities" if scores.min() >= 0 and np.allclose(sums, 1.0, atol=1e-2) else "logits"
    if said and kind != spec.output:
        raise ModelInvalid(f"{model} gives {kind} where its LineSpec says {spec.output}.")
    return spec if kind == spec.output else spec.model_copy(update={"output": kind})


def reason(error: Exception) -> str:
    """Return the first sentence of a runtime's error, without its code prefix."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    text = text.split(" : ")[-1].rpartition(" failed:")[2]
    # Where in its own source it happened, with the whole signature of the function, is of no use to the reader.
    return _PLACE.sub("", text).strip().rstrip(".")[:200]


def sha256(path: Path) -> str:
    """Return the checksum of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
