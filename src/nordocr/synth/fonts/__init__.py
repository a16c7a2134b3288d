"""Fonts for synthetic lines: found, verified by rendering, grouped, held out by family, sampled by share, packed."""

from nordocr.synth.fonts.config import DEFAULT_SHARES, GROUPS, FontConfig
from nordocr.synth.fonts.pack import PackReport, pack
from nordocr.synth.fonts.pool import Face, FontPool, load_pool

__all__ = ["DEFAULT_SHARES", "GROUPS", "Face", "FontConfig", "FontPool", "PackReport", "load_pool", "pack"]
