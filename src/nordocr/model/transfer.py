"""Starting from weights that were trained before: the head's rows are mapped by character, all else must fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nordocr.charset import BLANK, Charset, read_dict_file
from nordocr.errors import ModelInvalid, UsageError
from nordocr.linespec import LineSpec
from nordocr.model.growth import can_grow, grow
from nordocr.model.network import LineNetwork, build_model, family_of_variant, variants
from nordocr.model.openocr import PICKLED, read_openocr
from nordocr.model.weights import read_weights


@dataclass(frozen=True)
class Transfer:
    """What a start took over from other weights."""

    source: Path
    """The weights' file."""
    kept: int
    """Tensors outside the head."""
    mapped: int
    """Characters whose rows of the head were taken over."""
    initialised: str
    """Characters that are new to the head."""
    dropped: str
    """Characters that are no longer in the charset."""
    notes: tuple[str, ...] = ()
    """Further sentences for the user."""

    def sentences(self) -> list[str]:
        """Return sentences for the user, before training starts."""
        lines = [f"From {self.source}: {self.kept} tensors kept, {self.mapped} characters of the head mapped."]
        if self.initialised:
            lines.append(f"Initialised afresh in the head: {self.initialised!r}.")
        if self.dropped:
            lines.append(f"Dropped from the head: {self.dropped!r}.")
        return lines + list(self.notes)


def start_from(
    path: Path, variant: str, spec: LineSpec, *, dictionary: Path | Charset | None = None, append_space: bool = False
) -> tuple[LineNetwork, Transfer]:
    """Build a model with weights that were trained before.

    Weights of another variant are taken where every tensor fits (nano's for nano-low): both learn the same filters. A
    smaller variant's weights are grown. Whether a recipe may ask for that is :mod:`nordocr.train.initial`'s matter.

    Args:
        path: A weights file of ours, or an OpenOCR ``.pth``.
        variant: The variant to build.
        spec: The LineSpec to build for; the head's rows are mapped by character.
        dictionary: The charset that a ``.pth`` was trained with, or its dictionary file.
        append_space: The ``.pth`` was trained with ``use_space_char``.

    Returns:
        The model, in training mode, and what was taken over.

    Raises:
        UsageError: A ``.pth`` without ``dictionary``.
        ModelMissing: There is no such file.
        ModelInvalid: A tensor outside the head does not fit the variant.
    """
    notes: tuple[str, ...] = ()
    if path.suffix.lower() in PICKLED:
        if dictionary is None:
            raise UsageError(f"{path} holds no charset: name the dictionary that it was trained with (--init-dict).")
        tensors: Mapping[str, Tensor] = read_openocr(path)
        tensors, notes = family_of_variant(variant).network_class().fitted(tensors, variant)
        if isinstance(dictionary, Charset):
            charset = dictionary
        else:
            charset = read_dict_file(dictionary, append_space=append_space)
    else:
        weights = read_weights(path)
        tensors, charset = weights.tensors, weights.spec.charset
        old = weights.spec
        if weights.variant != variant:
            if can_grow(weights.variant, variant):
                tensors = grow(tensors, weights.variant, variant, charset.num_classes)
                notes += (f"It is a {weights.variant!r}, grown to a {variant!r}.",)
            elif _same_shapes(tensors, variant):
                notes += (f"It is a {weights.variant!r}; a {variant!r} has the same weights, but other strides.",)
            else:
                raise ModelInvalid(f"{path} holds a {weights.variant!r}, the recipe trains a {variant!r}.")
        if old.max_width != spec.max_width:
            notes += (f"It was trained to {old.max_width} px, this training goes to {spec.max_width} px.",)
        if old.interpolation != spec.interpolation:
            notes += (f"Its lines were resized by {old.interpolation}, here they are by {spec.interpolation}.",)
        if old.framing != spec.framing:
            notes += (f"Its crops were framed by {old.framing}, here they are by {spec.framing}.",)
    return _transferred(path, tensors, charset, variant, spec, notes)


def variant_of(tensors: Mapping[str, Tensor], preferred: str) -> str | None:
    """Find the variant that tensors are of by their shapes.

    Args:
        tensors: Weights by name.
        preferred: The variant to name where several fit: strides leave no trace in the shapes.

    Returns:
        The variant's name, None where none fits.
    """
    known = variants()
    return next((name for name in (preferred, *known) if name in known and _same_shapes(tensors, name)), None)


def _same_shapes(tensors: Mapping[str, Tensor], variant: str) -> bool:
    """Tell whether the tensors outside the head are those of ``variant``."""
    with torch.device("meta"):
        model = build_model(variant)
    wanted = {n: t.shape for n, t in model.state_dict().items() if n not in model.HEAD}
    return {n: t.shape for n, t in tensors.items() if n not in model.HEAD} == wanted


def classes_of(tensors: Mapping[str, Tensor], variant: str) -> int:
    """Return how many classes the head of a variant's weights has; 0 where they have no head."""
    head: tuple[str, ...] = family_of_variant(variant).network_class().HEAD
    return len(tensors.get(head[-1], ()))


def _transferred(
    path: Path, tensors: Mapping[str, Tensor], charset: Charset, variant: str, spec: LineSpec, notes: tuple[str, ...]
) -> tuple[LineNetwork, Transfer]:
    model = build_model(variant, spec.charset.num_classes)
    state = model.state_dict()
    for name, tensor in state.items():
        if name not in tensors:
            raise ModelInvalid(f"{path} is no {variant!r}: it has no {name}.")
        found = tensors[name]
        rows = int(tensor.shape[0]) if tensor.ndim else 0
        if name in model.HEAD:
            rows += charset.num_classes - spec.charset.num_classes
        wanted = (rows, *tensor.shape[1:]) if tensor.ndim else ()
        if tuple(found.shape) != wanted:
            hint = f"; its charset has {charset.num_classes} classes" if name in model.HEAD else ""
            raise ModelInvalid(f"{path}: {name} is {tuple(found.shape)}, where {wanted} is wanted{hint}.")
    # Row of the new head -> row of the old one, by character; the blank is a class like any other.
    rows_of = {BLANK: BLANK}
    for number, character in enumerate(spec.charset.characters, start=1):
        if character in charset:
            rows_of[number] = charset.encode(character)[0]
    new, old = list(rows_of), list(rows_of.values())
    with torch.no_grad():
        for name, tensor in state.items():
            if name in model.HEAD:
                tensor[new] = tensors[name][old]
                tensor[spec.charset.num_classes :] = tensors[name][charset.num_classes :]
            else:
                tensor.copy_(tensors[name])
    fresh = "".join(c for c in spec.charset.characters if c not in charset)
    dropped = "".join(c for c in charset.characters if c not in spec.charset)
    unused = sorted(set(tensors) - set(state))
    if unused:
        notes = (*notes, f"{len(unused)} tensors are not of this model and were left: {', '.join(unused[:3])}.")
    return model, Transfer(path, len(state) - len(model.HEAD), len(new) - 1, fresh, dropped, notes)
