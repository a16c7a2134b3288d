"""Files to page images: TIFF (CCITT G3/G4, multi-page), PDF, PNG, JPEG, with limits."""

from nordocr.pages.image import SUFFIXES, PageImage
from nordocr.pages.memory import MemoryImage, Source
from nordocr.pages.origin import Origin
from nordocr.pages.selection import Selection, parse_selection
from nordocr.pages.source import open_pages

__all__ = ["SUFFIXES", "MemoryImage", "Origin", "PageImage", "Selection", "Source", "open_pages", "parse_selection"]
