"""Which format an answer has, and what it is called in HTTP."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import HTTPException

FormatName = Literal[
    "json", "jsonl", "text", "layout", "tsv", "hocr", "alto", "page", "md", "csv", "fields", "xlsx", "pdf"
]

MEDIA_TYPES: Final[dict[str, str]] = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "text": "text/plain; charset=utf-8",
    "layout": "text/plain; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "hocr": "text/html; charset=utf-8",
    "alto": "application/xml",
    "page": "application/xml",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "fields": "text/tab-separated-values; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
"""The media type of each format."""

ZIP: Final = "application/zip"
"""Of an answer that is several files: PAGE of several pages."""

# The first that fits is given: plain text is text, XML is ALTO.
_BY_TYPE: Final = {media.partition(";")[0]: name for name, media in reversed(MEDIA_TYPES.items())}
_ANY: Final = {"*/*": "json", "application/*": "json", "text/*": "text"}


def chosen_format(asked: str | None, accept: str | None) -> str:
    """Return the format of an answer.

    Args:
        asked: The parameter ``format``, which goes before all.
        accept: The header ``Accept``.

    Raises:
        HTTPException: Nothing that is accepted can be given (406).
    """
    if asked is not None:
        return asked
    if not accept:
        return "json"
    wanted = []
    for place, part in enumerate(accept.split(",")):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        wanted.append((-quality, place, media))
    for negative, _, media in sorted(wanted):
        found = _BY_TYPE.get(media) or _ANY.get(media)
        if found is not None and negative < 0:
            return found
    raise HTTPException(406, f"The answer can be {', '.join(sorted(_BY_TYPE))}.")
