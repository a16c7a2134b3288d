"""What a pydantic model found wrong with data, as a part of a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


def first_fault(error: ValidationError, whole: str = "") -> str:
    """Return the first fault as ``place: what is wrong``, without a full stop.

    Args:
        error: What validation raised.
        whole: What the place is called where it is all of the data; the place is left out without it.

    Returns:
        For example ``models.0.sha256: field required``.
    """
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or whole
    said = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    said = said if said[:2].isupper() else said[:1].lower() + said[1:]
    return f"{where}: {said}" if where else said
