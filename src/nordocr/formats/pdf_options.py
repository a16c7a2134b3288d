"""What can be chosen about a searchable PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from nordocr.errors import UsageError

ExistingText = Literal["skip", "redo", "force"]
"""What becomes of a PDF's pages that hold text already; see :class:`PdfOptions`."""

EXISTING_TEXT: Final[tuple[ExistingText, ...]] = get_args(ExistingText)


@dataclass(frozen=True)
class PdfOptions:
    """What can be chosen about a searchable PDF.

    Attributes:
        pdfa: Write PDF/A-2b.
        existing_text: What becomes of pages that hold text already, of an input that is a PDF. ``skip``: they are left
            as they are. ``redo``: invisible text, which an earlier OCR has left, is replaced; visible text stays, and
            what is read where it stands is left out. ``force``: all text is replaced; pages that show text become
            pictures of themselves.

    Raises:
        UsageError: ``existing_text`` is none of these.
    """

    pdfa: bool = False
    existing_text: ExistingText = "skip"

    def __post_init__(self) -> None:
        if self.existing_text not in EXISTING_TEXT:
            known = ", ".join(EXISTING_TEXT)
            raise UsageError(f"There is no way {self.existing_text!r} to treat existing text, only {known}.")
