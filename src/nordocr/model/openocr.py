"""Checkpoints of OpenOCR (https://github.com/Topdu/OpenOCR) and PyTorch: a pickled dict that holds the weights.

OpenOCR keeps them under ``state_dict``; ``model_state_dict`` and ``model`` are what others write. Parameter names are
ours but for prefixes: ``module.`` where it was trained by DistributedDataParallel, and ``decoder.ctc_decoder.`` where
RCTC was trained beside a guiding decoder, whose weights are of no use afterwards. The file holds no charset: the
dictionary file that it was trained with has to be named.
"""

from __future__ import annotations

import pathlib
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from nordocr.errors import ModelInvalid, ModelMissing

PICKLED: Final = frozenset({".pth", ".pt", ".tar"})
"""File name endings of pickled weights."""

_PLACES: Final = ("state_dict", "model_state_dict", "model")
_CTC = "decoder.ctc_decoder."
_GUIDE = "decoder.gtc_decoder."
_REFUSED: Final = re.compile(r"GLOBAL ([\w.]+)")


def read_openocr(path: Path) -> dict[str, Tensor]:
    """Read the weights of a pickled checkpoint.

    Nothing but tensors, plain containers, NumPy's scalars and arrays, and paths is unpickled
    (``weights_only=True``), so that opening a file never runs code from it.

    Args:
        path: A ``.pth`` file.

    Returns:
        Tensors by our names, floats as float32.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is no such file, or holds objects of other classes.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no weights file {path}.")
    try:
        with torch.serialization.safe_globals(_allowed()):
            held = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelInvalid(f"{path} {_refusal(error)}.") from error
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise ModelInvalid(f"{path} is not a PyTorch file of weights.") from error
    state = held
    for place in _PLACES:
        if isinstance(held, Mapping) and isinstance(held.get(place), Mapping):
            state = held[place]
            break
    if not isinstance(state, Mapping) or not state or not all(isinstance(value, Tensor) for value in state.values()):
        places = ", ".join(repr(place) for place in _PLACES)
        raise ModelInvalid(f"{path} holds no weights: it is neither a dict of tensors nor has one under {places}.")
    tensors: dict[str, Tensor] = {}
    for key, tensor in state.items():
        name = str(key).removeprefix("module.")
        if name.startswith(_GUIDE):
            continue
        if name.startswith(_CTC):
            name = "decoder." + name.removeprefix(_CTC)
        tensors[name] = tensor.float() if tensor.is_floating_point() else tensor
    return tensors


def _refusal(error: Exception) -> str:
    """Why unpickling was refused, without PyTorch's advice to trust the file."""
    found = _REFUSED.search(str(error))
    if found is None:
        return "is not a PyTorch file of weights"
    return (
        f"holds an object of the class {found.group(1)}, which nordocr does not unpickle; "
        "save the weights alone: torch.save({'state_dict': model.state_dict()}, FILE)"
    )


def _latin1(text: str, encoding: str) -> bytes:
    """Stand in for ``_codecs.encode``, by which pickle writes bytes: this one encoding and no other."""
    if encoding != "latin1":
        raise ValueError(f"bytes are pickled as latin1, not as {encoding}")
    return text.encode("latin1")


def _allowed() -> list[Any]:
    """The classes that checkpoints of training programs hold beside tensors, with the names they are pickled under."""
    scalar, array = np.float64(0).__reduce__()[0], np.zeros(0).__reduce__()[0]
    kinds = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")
    allowed: list[Any] = [np.dtype, np.ndarray, *(type(np.dtype(kind)) for kind in kinds), (_latin1, "_codecs.encode")]
    # NumPy 1 called its core numpy.core, NumPy 2 calls it numpy._core; Python 3.13 keeps its paths in pathlib._local.
    for core in ("numpy.core", "numpy._core"):
        allowed += [(scalar, f"{core}.multiarray.scalar"), (array, f"{core}.multiarray._reconstruct")]
    for module in ("pathlib", "pathlib._local"):
        for name, pure in (("Posix", pathlib.PurePosixPath), ("Windows", pathlib.PureWindowsPath)):
            allowed += [(pure, f"{module}.{name}Path"), (pure, f"{module}.Pure{name}Path")]
    return allowed
