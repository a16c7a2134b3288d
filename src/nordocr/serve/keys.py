"""API keys: only their hashes are kept, and all of them are compared, each in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

ANYONE = ""
"""The owner of what is asked for without a key, where none is needed."""


def new_key() -> tuple[str, str]:
    """Return a new key, and what the configuration holds of it.

    A key has 256 random bits, so that its plain SHA-256 cannot be searched.
    """
    key = secrets.token_urlsafe(32)
    return key, hash_of(key)


def hash_of(key: str) -> str:
    """Return the SHA-256 of a key in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def owner_of(keys: Mapping[str, str], authorization: str | None, header: str | None) -> str | None:
    """Return whose key a request has.

    Args:
        keys: For each name the hash of its key.
        authorization: The header ``Authorization``: ``Bearer KEY``.
        header: The header ``X-API-Key``.

    Returns:
        The name; :data:`ANYONE` where no keys are set; None where the key is missing or wrong.
    """
    if not keys:
        return ANYONE
    scheme, _, given = (authorization or "").partition(" ")
    key = given.strip() if scheme.lower() == "bearer" else header
    if not key:
        return None
    digest = hash_of(key)
    found = None
    for name, known in keys.items():  # to the end, so that the time says nothing of which it is
        if hmac.compare_digest(digest, known):
            found = name
    return found
