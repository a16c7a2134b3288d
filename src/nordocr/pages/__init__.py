"""Files to page images: TIFF (CCITT G3/G4, multi-page), PDF, PNG, JPEG, with limits."""

from nordocr.pages.image import SUFFIXES, PageImage
from nordocr.pages.selection import Selection, parse_selection
from nordocr.pages.source import open_pages

__all__ = ["SUFFIXES", "PageImage", "Selection", "open_pages", "parse_selection"]
