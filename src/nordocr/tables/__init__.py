"""Tables: rows, columns and cells from where a page's lines stand and what they say, with or without rules."""

from nordocr.tables.finder import find_tables

__all__ = ["find_tables"]
