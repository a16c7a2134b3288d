"""The comparison as one HTML file that fetches nothing: tables, charts, and every line with its crop."""

from nordocr.evaluate.compare.report.page import INLINE, write_report

__all__ = ["INLINE", "write_report"]
