"""Results read back from their files."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from nordocr.errors import InputMissing, InputUnreadable
from nordocr.results.document import Document


def read_result(path: Path) -> Document:
    """Return the document in a result file.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: It is not a result of nordocr.
    """
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    try:
        return Document.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InputUnreadable(f"{path} is not a result of nordocr process: {where}: {first['msg'].lower()}.") from error
