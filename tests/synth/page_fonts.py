"""What tests of pages share: fonts in a folder of their own, pages that no scanner has touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import ImageFont

from nordocr.synth.degrade import DegradeConfig

PRINTED = ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
TYPED = ("DejaVuSansMono.ttf",)
LIBERATION = (
    "LiberationSerif-Regular.ttf",
    "LiberationSerif-Bold.ttf",
    "LiberationSerif-Italic.ttf",
    "LiberationSans-Regular.ttf",
    "LiberationSans-Bold.ttf",
)
STILL = DegradeConfig(profiles={}, inverted=0.0, keep_size=True)


def font_folder(names: tuple[str, ...], folder: Path) -> str:
    for name in names:
        try:
            found = ImageFont.truetype(name, 20).path
        except OSError:
            pytest.skip(f"this machine has no {name}")
        shutil.copy(str(found), folder / name)
    return str(folder)
