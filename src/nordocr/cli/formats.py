"""The options that say in which formats results are written."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

import typer

from nordocr.errors import UsageError
from nordocr.formats import FORMATS, NAMES
from nordocr.formats.pdf_options import EXISTING_TEXT, PdfOptions
from nordocr.formats.writing import suffix_of

Formats = Annotated[
    str, typer.Option("--format", "-f", help=f"Output format, or several joined by commas: {', '.join(NAMES)}.")
]
Language = Annotated[
    str | None, typer.Option(help="The text's language (sv, nb, ...), named in hOCR, ALTO, PAGE and PDF.")
]
Fields = Annotated[
    bool, typer.Option("--fields", help="Find dates, amounts, and numbers with check digits; written to JSON.")
]
PdfA = Annotated[bool, typer.Option("--pdfa", help="Write PDF as PDF/A-2b.")]
ExistingText = Annotated[
    str | None,
    typer.Option(help=f"What becomes of a PDF's pages that hold text: {', '.join(EXISTING_TEXT)} (default: skip)."),
]

_SHOW_FIELDS: Final = frozenset({"json", "jsonl", "fields"})
_FILES_ONLY: Final = frozenset({*NAMES} - {*FORMATS}) | {"page"}


def pdf_options(names: list[str], *, pdfa: bool, existing_text: str | None) -> PdfOptions:
    """Return what the user chose about PDF.

    Raises:
        UsageError: PDF is not among the formats, or there is no such choice.
    """
    for option, given in (("--pdfa", pdfa), ("--existing-text", existing_text is not None)):
        if given and "pdf" not in names:
            raise UsageError(f"{option} needs the format pdf.")
    return PdfOptions(pdfa, cast("Any", existing_text or "skip"))


def format_names(given: str, *, to_stdout: bool) -> list[str]:
    """Return the formats in ``json,alto``.

    Args:
        given: What the user gave.
        to_stdout: The result goes to standard output, which takes one format that is one text.

    Raises:
        UsageError: There is no such format, two would go to one file, or standard output does not take them.
    """
    names = list(dict.fromkeys(part.strip() for part in given.split(",")))
    for name in names:
        if name not in NAMES:
            raise UsageError(f"There is no format {name!r}; the formats are {', '.join(NAMES)}.")
    suffixes = [suffix_of(name) for name in names]
    for name, suffix in zip(names, suffixes, strict=True):
        first = names[suffixes.index(suffix)]
        if first != name:
            raise UsageError(f"The formats {first} and {name} would be written to the same files (*{suffix}).")
    if to_stdout and (len(names) > 1 or names[0] in _FILES_ONLY):
        what = "Several formats go" if len(names) > 1 else f"The format {names[0]} goes"
        raise UsageError(f"{what} to files: say --output DIR.")
    return names


def require_place_for_fields(names: list[str]) -> None:
    """Raise :class:`UsageError` where ``--fields`` was said and none of the formats can show them."""
    if _SHOW_FIELDS.isdisjoint(names):
        raise UsageError(f"--fields needs one of the formats {', '.join(sorted(_SHOW_FIELDS))}.")
