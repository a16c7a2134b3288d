"""Dates, amounts and numbers with check digits on a page that was read. ``docs/fields.md`` lists the kinds."""

from nordocr.fields.finder import find_fields, with_fields

__all__ = ["find_fields", "with_fields"]
