"""The key of a service: taken from the environment, checked, and kept out of everything that is shown or written."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import quote

from nordocr.errors import UsageError

KEYS: Final = ("NORDOCR_VLM_KEY", "OPENAI_API_KEY")
"""Environment variables that a key is taken from, the first that is set."""

# A shorter secret would be found in ordinary words.
_SHORTEST: Final = 6


def key_from_environment() -> str:
    """Return the key without the white space around it, empty where there is none.

    Raises:
        UsageError: It holds what a header cannot.
    """
    for name in KEYS:
        if value := os.environ.get(name, "").strip():
            return checked_key(value, name)
    return ""


def checked_key(key: str, name: str = "the key") -> str:
    """Return a key that a header can hold.

    Args:
        key: The key, without white space around it.
        name: What errors call it.

    Raises:
        UsageError: It holds white space, control characters or other characters than ASCII's; the key is not quoted.
    """
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            f"The key of the vision-language model in {name} holds a space, a control character or a letter beyond "
            "ASCII; copy it again."
        )
    return key


def scrubbed(text: str, key: str) -> str:
    """Return a text in which ``***`` stands for the key, as it is and as addresses and JSON write it."""
    if len(key) < _SHORTEST:
        return text
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("/", "\\/")
    for form in sorted({key, quote(key, safe=""), quote(key), escaped}, key=len, reverse=True):
        text = text.replace(form, "***")
    return text
