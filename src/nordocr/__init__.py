"""Trains, proves and ships text-line recognisers for scanned Nordic documents, and reads whole documents.

``from nordocr import Reader`` is the Python interface (``docs/python.md``). It is imported when it is first asked for,
so that ``import nordocr`` costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nordocr.api import Document, Page, Reader

__version__ = "0.1.0"

__all__ = ["Document", "Page", "Reader", "__version__"]


def __getattr__(name: str) -> object:
    if name not in {"Document", "Page", "Reader"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("nordocr.api"), name)


def __dir__() -> list[str]:
    return __all__
