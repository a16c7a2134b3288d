"""What tests of drawn lines share: a face, plain lines, where the ink is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageFont

from nordocr.synth.render import RenderConfig, render_line

NAMES = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")
MONO_NAMES = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "cour.ttf", "Courier New.ttf")
TEXT = "Årets resultat før skatt, AVTAL (gjelder) 1986"


@dataclass(frozen=True)
class Face:
    path: str
    index: int = 0
    group: str = "sans"


def _folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    home = Path.home()
    return [
        Path(p) for p in ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
    ] + [
        home / ".fonts",
        home / ".local/share/fonts",
    ]


def find(names: tuple[str, ...], any_font: bool) -> str | None:
    for name in names:
        try:
            return str(ImageFont.truetype(name, 20).path)
        except OSError:
            continue
    if not any_font:
        return None
    return next((str(p) for folder in _folders() if folder.is_dir() for p in sorted(folder.rglob("*.ttf"))), None)


def plain(**changes: object) -> RenderConfig:
    """A clean line of one size, with ``changes``."""
    fixed: dict[str, object] = {"dpi_weights": ((300, 1.0),), "points": (10.0, 10.0)}
    return RenderConfig.model_validate(RenderConfig.plain().model_dump() | fixed | changes)


def draw(text: str, face: Face, config: RenderConfig, seed: int = 1) -> np.ndarray:
    return render_line(text, face, np.random.default_rng(seed), config).image


def box(image: np.ndarray, level: int = 239) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((image <= level).any(1)), np.flatnonzero((image <= level).any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
