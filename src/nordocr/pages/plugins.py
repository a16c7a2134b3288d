"""Formats that Pillow decodes with the help of packages that a user may have: HEIC and HEIF, JPEG XL."""

from __future__ import annotations

import importlib
from typing import Final

from PIL import Image

# For each format the packages that can decode it, of which the first that is there does, and how they tell Pillow so.
_PACKAGES: Final = (
    (("pi_heif", "register_heif_opener"), ("pillow_heif", "register_heif_opener")),
    (("pylibjxl", "register_pillow"),),
)


def register() -> None:
    """Tell Pillow of the decoders that are installed. What is not installed is refused by its name."""
    Image.init()
    for packages in _PACKAGES:
        for package, function in packages:
            try:
                module = importlib.import_module(package)
            except ImportError:  # not there, or not for this machine
                continue
            getattr(module, function)()
            break
