"""A network by its variant's name, whatever family it is of."""

from __future__ import annotations

from typing import Any

from nordocr.charset import NORDIC_126
from nordocr.errors import ConfigInvalid
from nordocr.families import FAMILIES, Family
from nordocr.model.base import LineNetwork
from nordocr.model.svtr import SVTRv2

__all__ = ["LineNetwork", "SVTRv2", "build_model", "family_of_variant", "variants"]


def variants() -> dict[str, Any]:
    """Return the variants of all families by name."""
    return {name: size for family in FAMILIES.values() for name, size in family.network_class().VARIANTS.items()}


def family_of_variant(name: str) -> Family:
    """Return the family that has a variant of that name; :class:`ConfigInvalid` where none has."""
    for family in FAMILIES.values():
        if name in family.network_class().VARIANTS:
            return family
    raise ConfigInvalid(f"There is no model variant {name!r}; there are {', '.join(variants())}.")


def build_model(name: str, classes: int = NORDIC_126.num_classes) -> LineNetwork:
    """Build a freshly initialised model.

    Args:
        name: A variant of :func:`variants`.
        classes: Characters plus the blank (or the end).

    Returns:
        The model, in training mode.

    Raises:
        ConfigInvalid: There is no such variant.
    """
    network: LineNetwork = family_of_variant(name).network_class().build(name, classes)
    return network
