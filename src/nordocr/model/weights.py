"""Weights on disk: one safetensors file that carries its LineSpec, variant and history in its header.

Nothing is ever unpickled here. The header's metadata (strings) holds ``linespec`` (JSON), ``family``, ``variant`` and
``history`` (JSON: recipe, steps, figures, git revision), so one file is a whole model. Files without ``family`` are of
the first one, SVTRv2.
Format: https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nordocr.errors import ConfigInvalid, ModelInvalid, ModelMissing
from nordocr.files import replacing
from nordocr.jsontext import load_json
from nordocr.linespec import LineSpec
from nordocr.model.network import LineNetwork, build_model, family_of_variant


@dataclass(frozen=True)
class Weights:
    """What a weights file holds: tensors by parameter name, and the header."""

    tensors: Mapping[str, Tensor]
    variant: str
    spec: LineSpec
    history: dict[str, Any]


def save_weights(
    path: Path, model: LineNetwork, spec: LineSpec, history: Mapping[str, Any], *, half: bool = False
) -> None:
    """Write a weights file, whole or not at all.

    Args:
        path: The file to write.
        model: The model.
        spec: Its LineSpec.
        history: Where the weights come from, JSON-able; absolute paths in it are cut down to their last parts.
        half: Write floats as fp16 (19.8 million weights: 38 MB).

    Raises:
        OutputUnwritable: It cannot be written.
    """
    tensors = {}
    for name, tensor in model.state_dict().items():
        value = tensor.detach().cpu().contiguous()
        tensors[name] = value.half() if half and value.is_floating_point() else value.clone()
    header = {
        "format": "nordocr-weights-1",
        "family": spec.family,
        "variant": model.variant.name,
        "linespec": spec.to_json(),
        "history": json.dumps(without_folders(dict(history)), ensure_ascii=False),
    }
    with replacing(path) as partial, disk_errors():
        save_file(tensors, partial, metadata=header)


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what safetensors raises where a file cannot be written into the :class:`OSError` that it stands for."""
    try:
        yield
    except SafetensorError as error:
        said = re.search(r"\(os error (\d+)\)|code: (\d+)", str(error))
        number = int(said[1] or said[2]) if said else errno.EIO
        raise OSError(number, os.strerror(number)) from error


def require_whole(path: Path) -> None:
    """Check that a safetensors file is as long as its header says, without reading its tensors.

    Raises:
        OSError: It is not there or cannot be read.
        ValueError: It is cut off or has no header.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = os.fstat(file.fileno()).st_size
        if not 2 <= length <= size - 8:
            raise ValueError(f"{path.name} is cut off")
        header = load_json(file.read(length))
    try:
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        whole = size == 8 + length + max(ends, default=0)
    except (TypeError, AttributeError, KeyError, IndexError) as error:
        raise ValueError(f"{path.name} has a damaged header") from error
    if not whole:
        raise ValueError(f"{path.name} is cut off")


def without_folders(value: Any) -> Any:
    """Return ``value`` (JSON-able) with every absolute path in it cut down to its last part.

    A model file travels to other people: what it was trained on belongs in it, where that lay on a disk does not.
    """
    if isinstance(value, dict):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_folders(item) for item in value]
    if isinstance(value, str) and (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        return PureWindowsPath(value).name
    return value


def read_weights(path: Path) -> Weights:
    """Read a weights file; floats come back as float32. Raises :class:`ModelMissing` or :class:`ModelInvalid`."""
    if not path.is_file():
        raise ModelMissing(f"There is no weights file {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
        raise ModelInvalid(f"{path} is not a readable safetensors file: {error}.") from error
    floats = {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}
    spec = _checked_spec(path, header)
    try:
        history = load_json(header.get("history", "{}"))
    except ValueError as error:
        raise ModelInvalid(f"{path} has a history that is not JSON: {error}.") from error
    return Weights(floats, header["variant"], spec, history)


def _checked_spec(path: Path, header: Mapping[str, str]) -> LineSpec:
    """The LineSpec of a header whose variant is one of the family that it names."""
    try:
        family = family_of_variant(header["variant"])
        text = header["linespec"]
    except (KeyError, ConfigInvalid) as error:
        raise ModelInvalid(f"{path} does not say which model variant and LineSpec its weights are for.") from error
    spec = LineSpec.from_json(text, path)
    if not spec.family == family.name == header.get("family", spec.family):
        raise ModelInvalid(
            f"{path} names the family {spec.family!r}, but its variant {header['variant']!r} is of {family.name!r}."
        )
    return spec


def load_model(path: Path) -> tuple[LineNetwork, Weights]:
    """Open a weights file as a model.

    Args:
        path: A weights file of ours.

    Returns:
        The model, in evaluation mode, and what the file holds.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is damaged, or a name or shape differs from the variant's.
    """
    weights = read_weights(path)
    model = build_model(weights.variant, weights.spec.charset.num_classes)
    try:
        model.load_state_dict(dict(weights.tensors))
    except RuntimeError as error:
        said = " ".join(str(error).split())[:200].rstrip(". ")
        raise ModelInvalid(f"The weights in {path} do not fit variant {weights.variant}: {said}.") from error
    return model.eval(), weights


def parameter_count(model: torch.nn.Module) -> int:
    """Count the trainable parameters."""
    return sum(p.numel() for p in model.parameters())
