"""Corrected documents: what people have changed in a result, kept beside it and never over it.

``NAME.json`` is the result. ``NAME.corrected.json`` holds the pages on which a person has worked, and
``NAME.corrected.journal`` the edits that have been made since that file was written. :func:`load_corrected` reads both.
"""

from __future__ import annotations

from nordocr.correct.edits import Conflict, Edit, applied
from nordocr.correct.files import Corrected, corrected_path, journal_path, load_corrected, result_path
from nordocr.correct.merge import merged
from nordocr.correct.pages import (
    SCHEMA_VERSION,
    CorrectedDocument,
    CorrectedLine,
    CorrectedPage,
    LineState,
    page_of_result,
)
from nordocr.correct.store import Store

__all__ = [
    "SCHEMA_VERSION",
    "Conflict",
    "Corrected",
    "CorrectedDocument",
    "CorrectedLine",
    "CorrectedPage",
    "Edit",
    "LineState",
    "Store",
    "applied",
    "corrected_path",
    "journal_path",
    "load_corrected",
    "merged",
    "page_of_result",
    "result_path",
]
