"""PARSeq (Bautista and Atienza, "Scene Text Recognition with Permuted Autoregressive Sequence Models", ECCV 2022)."""

from nordocr.model.parseq.network import PARSeq

__all__ = ["PARSeq"]
