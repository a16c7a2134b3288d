"""What a Python user imports: ``from nordocr import Reader``. ``docs/python.md`` shows how it is used."""

from nordocr.api.document import Document, Page
from nordocr.api.reader import Reader

__all__ = ["Document", "Page", "Reader"]
