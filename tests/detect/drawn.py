"""Pages drawn with known lines, and the check that a detector finds exactly those."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.detect.base import Region
from nordocr.detect.morphology import MorphologyDetector

Box = tuple[float, float, float, float]
Gray = npt.NDArray[np.uint8]
BODY = "LiberationSans-Regular.ttf"
BOLD = "LiberationSans-Bold.ttf"
SERIF = "LiberationSerif-Regular.ttf"
MONO = "LiberationMono-Regular.ttf"
PROSE = (
    "Styrelsen har under året hållit åtta protokollförda möten. Vid mötena har",
    "frågor om ekonomi, löpande underhåll och medlemsärenden behandlats.",
    "Årsavgiften höjdes med 4 % från den 1 juli. Föreningens lån om 12,4 Mkr",
    "omförhandlades i oktober och bands på tre år till 3,15 % ränta.",
)


def face(name: str, size: float) -> ImageFont.FreeTypeFont:
    """Return the font file ``name`` at ``size`` pixels; the test is skipped where the machine has none."""
    try:
        return ImageFont.truetype(name, round(size))
    except OSError:
        pytest.skip(f"this machine has no {name}")


@dataclass
class Drawn:
    """A page under construction, in pixels at 200 dpi: ``boxes`` are the extents (x, y, width, height) of its lines."""

    dpi: int = 200
    size: tuple[int, int] = (1300, 1000)
    paper: int = 255
    boxes: list[Box] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scale = self.dpi / 200
        self.image = Image.new("L", (round(self.size[0] * self.scale), round(self.size[1] * self.scale)), self.paper)
        self.canvas = ImageDraw.Draw(self.image)

    def put(
        self, x: float, y: float, text: str, size: float = 28, name: str = BODY, ink: int = 0, *, right: bool = False
    ) -> None:
        """Set a line with its left (or right) edge at ``x`` and the top of its em at ``y``."""
        font = face(name, size * self.scale)
        at = (x * self.scale - (self.canvas.textlength(text, font=font) if right else 0), y * self.scale)
        self.canvas.text(at, text, fill=ink, font=font)
        left, top, far, bottom = self.canvas.textbbox(at, text, font=font)
        self.boxes.append((left, top, far - left, bottom - top))
        self.texts.append(text)

    def spaced(self, x: float, y: float, text: str, gap: float, size: float = 28, name: str = BODY) -> None:
        """Set a line whose letters stand ``gap`` pixels farther apart than usual."""
        font = face(name, size * self.scale)
        boxes = []
        for letter in text:
            at = (x * self.scale, y * self.scale)
            self.canvas.text(at, letter, fill=0, font=font)
            if letter != " ":
                boxes.append(self.canvas.textbbox(at, letter, font=font))
            x += self.canvas.textlength(letter, font=font) / self.scale + gap
        left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
        self.boxes.append((left, top, max(b[2] for b in boxes) - left, max(b[3] for b in boxes) - top))
        self.texts.append(text)

    def fill(self, x: float, y: float, width: float, height: float, tone: int) -> None:
        """Fill a rectangle with a tone."""
        s = self.scale
        self.canvas.rectangle((x * s, y * s, (x + width) * s - 1, (y + height) * s - 1), fill=tone)

    def gray(self, noise: float = 0.0, seed: int = 0) -> Gray:
        """Return the page in gray, with Gaussian noise of that deviation."""
        pixels = np.asarray(self.image).astype(np.float32)
        if noise:
            pixels = cv2.GaussianBlur(pixels, (3, 3), 0)
            pixels += np.random.default_rng(seed).normal(0, noise, pixels.shape).astype(np.float32)
        return np.clip(pixels.round(), 0, 255).astype(np.uint8)

    def bilevel(self, threshold: int = 140) -> Gray:
        """Return the page as a 1-bit scanner gives it, 0 and 255; a high threshold makes the type heavy."""
        return np.where(np.asarray(self.image) < threshold, 0, 255).astype(np.uint8)


def holds(region: Region, box: Box) -> bool:
    """Whether the region's ink is that of the box: within a fifth of its height at every side."""
    x, y, width, height = region.tight
    slack = max(2.5, 0.2 * box[3])
    sides = (x - box[0], y - box[1], x + width - box[0] - box[2], y + height - box[1] - box[3])
    return all(abs(side) <= slack for side in sides)


def check(page: Drawn, pixels: Gray, regions: list[Region] | None = None) -> list[Region]:
    """Assert that each line of the page is found once, whole, and nothing else; return the regions."""
    found = MorphologyDetector().detect(pixels) if regions is None else regions
    owners = [[i for i, box in enumerate(page.boxes) if holds(region, box)] for region in found]
    stray = [region.tight for region, owner in zip(found, owners, strict=True) if len(owner) != 1]
    lost = set(range(len(page.boxes))) - {i for owner in owners for i in owner}
    assert not lost and not stray, (
        f"lost {[(page.texts[i], tuple(round(v) for v in page.boxes[i])) for i in sorted(lost)]}, stray {stray}"
    )
    return found
