"""The detector's training pages: synthetic pages at detector scale, made once and kept in a folder.

Page i is a pure function of (recipe, seed, i), so a folder may be deleted, shared or filled by several processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.files import replacing
from nordocr.synth.pages import PageRecipe, PageSynth


@dataclass(frozen=True)
class TrainingPage:
    """One page. ``image``: uint8 ``[H, W]`` gray, long side as the recipe says; ``boxes``: float32 ``[N, 4]``
    (x, y, width, height) of the lines' ink in its pixels; ``ignored``: bool ``[N]``, boxes that teach nothing."""

    image: npt.NDArray[np.uint8]
    boxes: npt.NDArray[np.float32]
    ignored: npt.NDArray[np.bool_]


class PageFolder:
    """Pages by number, from the folder or made now and put there."""

    def __init__(self, folder: Path, recipe: PageRecipe, seed: int, long_side: int) -> None:
        self.folder, self.long_side = folder, long_side
        self.synth = PageSynth(recipe, seed)
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, index: int) -> Path:
        """Return the file that page ``index`` is kept in."""
        return self.folder / f"page-{index:05}.npz"

    def page(self, index: int) -> TrainingPage:
        """Return page ``index``; errors as of :meth:`PageSynth.make`."""
        path = self.path(index)
        if not path.is_file():
            self.make(index)
        with np.load(path) as stored:
            return TrainingPage(cv2.imdecode(stored["png"], cv2.IMREAD_GRAYSCALE), stored["boxes"], stored["ignored"])  # type: ignore[arg-type]

    def make(self, index: int) -> None:
        """Make page ``index`` and put it into the folder."""
        made = self.synth.make(index)
        scale = self.long_side / max(made.image.shape)
        size = round(made.image.shape[1] * scale), round(made.image.shape[0] * scale)
        small = cv2.resize(made.image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        boxes = np.array([line.bbox for line in made.lines], np.float32).reshape(-1, 4) * np.float32(scale)
        ignored = np.array([line.kind == "stamp" for line in made.lines], bool)
        png = cv2.imencode(".png", small)[1]
        path = self.path(index)
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, png=png, boxes=boxes, ignored=ignored)
