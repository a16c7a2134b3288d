"""The families by name: the only place that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nordocr.errors import ModelInvalid
from nordocr.families.base import Family
from nordocr.families.columns import SVTRV2
from nordocr.families.patches import PARSEQ, VIT_CTC
from nordocr.linespec import LineSpec

FAMILIES: Final[Mapping[str, Family]] = {family.name: family for family in (SVTRV2, PARSEQ, VIT_CTC)}
"""Every family by the name that LineSpecs, checkpoints and model files say."""


def family_of(spec: LineSpec) -> Family:
    """Return the family of a LineSpec; :class:`ModelInvalid` where this version has none of that name."""
    return family_named(spec.family, "The LineSpec")


def family_named(name: str, source: object) -> Family:
    """Return the family of that name; :class:`ModelInvalid` names ``source`` where there is none."""
    if name not in FAMILIES:
        raise ModelInvalid(f"{source} names the family {name!r}, which this version does not know.")
    return FAMILIES[name]
