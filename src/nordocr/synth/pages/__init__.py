"""Whole document pages with exact truth: composed, laid askew, degraded; and the demo document made of them."""

from nordocr.synth.pages.files import PageTruth, TruthDocument, read_truth, write_pages
from nordocr.synth.pages.model import PageLine, SynthPage
from nordocr.synth.pages.recipe import PageRecipe, PageText, load_page_recipe
from nordocr.synth.pages.synth import PageSynth

__all__ = [
    "PageLine",
    "PageRecipe",
    "PageSynth",
    "PageText",
    "PageTruth",
    "SynthPage",
    "TruthDocument",
    "load_page_recipe",
    "read_truth",
    "write_pages",
]
