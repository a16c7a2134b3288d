"""Families of recognisers: what is different between CTC and autoregressive networks, behind one object each."""

from nordocr.families.base import Family, repeats
from nordocr.families.registry import FAMILIES, family_named, family_of

__all__ = ["FAMILIES", "Family", "family_named", "family_of", "repeats"]
