"""Fonts for synthetic lines: find, verify by rendering, group, hold out by family, sample by share, pack."""

from nordocr.synth.fonts.config import DEFAULT_SHARES, GROUPS, FontConfig
from nordocr.synth.fonts.pack import PackReport, pack
from nordocr.synth.fonts.pool import Face, FontPool, load_pool

__all__ = ["DEFAULT_SHARES", "GROUPS", "Face", "FontConfig", "FontPool", "PackReport", "load_pool", "pack"]
