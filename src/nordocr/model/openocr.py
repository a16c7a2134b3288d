"""Checkpoints of OpenOCR (https://github.com/Topdu/OpenOCR): a pickled dict with the weights under ``state_dict``.

Parameter names are ours but for prefixes: ``module.`` where it was trained by DistributedDataParallel, and
``decoder.ctc_decoder.`` where RCTC was trained beside a guiding decoder, whose weights are of no use afterwards.
The file holds no charset: the dictionary file that it was trained with has to be named.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nordocr.errors import ModelInvalid, ModelMissing

_CTC = "decoder.ctc_decoder."
_GUIDE = "decoder.gtc_decoder."


def read_openocr(path: Path) -> dict[str, Tensor]:
    """Weights by our names, floats as float32. Nothing but tensors and plain containers is unpickled.

    Raises :class:`ModelMissing` or :class:`ModelInvalid`.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no weights file {path}.")
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise ModelInvalid(f"{path} is not a PyTorch file of weights alone: {first}") from error
    state = held.get("state_dict", held) if isinstance(held, Mapping) else None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ModelInvalid(f"{path} holds no weights: neither a dict of tensors nor one under 'state_dict'.")
    tensors: dict[str, Tensor] = {}
    for key, tensor in state.items():
        name = str(key).removeprefix("module.")
        if name.startswith(_GUIDE):
            continue
        if name.startswith(_CTC):
            name = "decoder." + name.removeprefix(_CTC)
        tensors[name] = tensor.float() if tensor.is_floating_point() else tensor
    return tensors
