"""Page to probability map: the learned detector's model on ONNX Runtime, and the scale at which it sees a page."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from nordocr.detect.dbnet.spec import INPUT, METADATA_KEY, OUTPUT, DetectorSpec
from nordocr.errors import ModelInvalid, ModelMissing

FloatArray = npt.NDArray[np.float32]

# A page has the sides of A4; others are shown with as many pixels.
_A4: Final = math.sqrt(2.0)
# Letter heights in pixels that the model is shown at most and, where the page has them, at least.
_LARGEST_TYPE: Final = 20.0
_SMALLEST_TYPE: Final = 5.0
# However small the type is, no page is shown with more than this many times A4's pixels.
_MOST: Final = 2.5


class PageMap(ABC):
    """A network that marks the lines of a page, and the scale at which it sees the page.

    Attributes:
        spec: What the network was trained for.
    """

    spec: DetectorSpec

    @abstractmethod
    def run(self, page: FloatArray) -> FloatArray:
        """Run the network.

        Args:
            page: float32 ``[1, 1, H, W]`` in [-1, 1], H and W multiples of the spec's ``cell``.

        Returns:
            Probabilities, float32 ``[1, 1, H / stride, W / stride]``.
        """

    def scale(self, shape: tuple[int, int], letter: float) -> float:
        """By how much a page of ``shape`` (rows, columns) is scaled; ``letter``: its letter height, 0 if unknown."""
        full = self.spec.long_side**2 / _A4
        scale = math.sqrt(full / (shape[0] * shape[1]))
        if letter <= 0:
            return min(scale, 1.5)
        scale = min(max(scale, _SMALLEST_TYPE / letter), _LARGEST_TYPE / letter)
        return min(scale, math.sqrt(_MOST * full / (shape[0] * shape[1])))

    def probability(self, gray: npt.NDArray[np.uint8], scale: float) -> FloatArray:
        """Probabilities of the page scaled by ``scale``: float32, one for each ``stride`` scaled pixels."""
        small = self.scaled(gray, scale)
        high, wide = small.shape
        cell, stride = self.spec.cell, self.spec.stride
        page = np.ones((1, 1, -(-high // cell) * cell, -(-wide // cell) * cell), np.float32)
        page[0, 0, :high, :wide] = small.astype(np.float32) / 127.5 - 1.0
        return self.run(page)[0, 0, : -(-high // stride), : -(-wide // stride)]

    @staticmethod
    def scaled(gray: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
        """The page as the model sees it."""
        size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(gray, size, interpolation=how), dtype=np.uint8)


class MapModel(PageMap):
    """The model file ``path`` on the CPU with ``threads`` threads (0: one a core).

    Raises :class:`ModelMissing` where there is no such file and :class:`ModelInvalid` where it is not a detector.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        if not path.is_file():
            raise ModelMissing(f"There is no detector model {path}.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions share no base of their own
            raise ModelInvalid(f"{path} is not an ONNX model that can be opened.") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        if METADATA_KEY not in metadata:
            raise ModelInvalid(f"{path} is not a detector of nordocr: its metadata has no {METADATA_KEY}.")
        self.spec = DetectorSpec.from_json(metadata[METADATA_KEY], path)
        self._prove(path)

    def _prove(self, path: Path) -> None:
        """The model gives what its spec says for a small white page."""
        cell, stride = self.spec.cell, self.spec.stride
        try:
            [maps] = self._session.run([OUTPUT], {INPUT: np.ones((1, 1, 2 * cell, 3 * cell), np.float32)})
        except Exception as error:  # as above
            raise ModelInvalid(f"{path} cannot run on a page of {3 * cell} x {2 * cell} px.") from error
        wanted = (1, 1, 2 * cell // stride, 3 * cell // stride)
        if maps.shape != wanted or maps.dtype != np.float32 or not ((maps >= 0) & (maps <= 1)).all():
            raise ModelInvalid(f"{path} gives {maps.dtype} {maps.shape}, not probabilities {wanted}.")

    def run(self, page: FloatArray) -> FloatArray:
        """Run the model file; see :meth:`PageMap.run`."""
        maps: FloatArray = self._session.run([OUTPUT], {INPUT: page})[0]
        return maps
