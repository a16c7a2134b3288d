"""Recognise files that are not models by their first bytes.

The runtimes report only that parsing failed; "this is a Git LFS pointer" tells a user what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nordocr.errors import ModelInvalid

_SIGNS: Final = (
    (b"version https://git-lfs", "is a Git LFS pointer; git lfs pull brings the model"),
    (b"\x89PNG\r\n", "is a PNG picture, not a model"),
    (b"II*\x00", "is a TIFF picture, not a model"),
    (b"MM\x00*", "is a TIFF picture, not a model"),
    (b"\xff\xd8\xff", "is a JPEG picture, not a model"),
    (b"%PDF", "is a PDF, not a model"),
    (b"PK\x03\x04", "is a zip archive, as PyTorch writes them; export it with nordocr export onnx"),
    *((bytes([0x80, protocol]), "is a pickle, and nordocr unpickles no model") for protocol in range(2, 6)),
)


def refuse_what_is_no_model(path: Path) -> None:
    """Raise :class:`ModelInvalid` for a file whose first bytes are those of another kind of file."""
    with path.open("rb") as file:
        begins = file.read(32)
    for sign, said in _SIGNS:
        # Weights in safetensors begin with the header's length, which could be any bytes: a brace follows it.
        if begins.startswith(sign) and begins[8:9] != b"{":
            raise ModelInvalid(f"{path} {said}.")
