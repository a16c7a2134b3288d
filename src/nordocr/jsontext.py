"""JSON that a stranger may have written: whatever is wrong with it is a :class:`ValueError`."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


def load_json(text: str | bytes) -> Any:
    """Parse JSON.

    Args:
        text: The content; a byte order mark before it is ignored.

    Returns:
        Mappings, lists, strings, numbers, booleans and None.

    Raises:
        ValueError: It is not UTF-8 or JSON, is nested too deeply, or holds halves of characters, which no file can.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value = json.loads(text.removeprefix("\ufeff"))
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value
