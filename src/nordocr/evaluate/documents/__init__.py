"""Whole pages: truth, matching of lines, reading with several engines."""
