"""Training or validation, decided by document, never by line: lines of one document look alike.

The side depends on the document's name alone (a hash of it), so it is the same on every machine, in every order of
the table, and stays as it is when documents are added.
"""

from __future__ import annotations

import hashlib


def in_validation(source: str, share: float) -> bool:
    """Tell whether document ``source`` is validated on: about ``share`` (0 to 1) of all documents are."""
    digest = hashlib.blake2b(source.encode("utf-8"), digest_size=8, person=b"nordocr-split").digest()
    return int.from_bytes(digest, "big") < share * 2**64
