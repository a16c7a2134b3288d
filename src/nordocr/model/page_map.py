"""The learned detector's network on PyTorch, as the map that the reading side's detector works on."""

from __future__ import annotations

from typing import Final

import torch

from nordocr.detect.dbnet.map import FloatArray, PageMap
from nordocr.detect.dbnet.spec import DetectorSpec
from nordocr.model.dbnet import DbNet

STRIDE: Final = 2
"""Input pixels for each pixel of the maps."""

CELL: Final = 32
"""Pages are padded to a multiple of so many pixels."""


def detector_spec(long_side: int, kept_height: float, sha256: str = "0" * 64) -> DetectorSpec:
    """Return the spec of a network of :class:`~nordocr.model.dbnet.DbNet`.

    Args:
        long_side: The long side in pixels of the pages that it is trained on.
        kept_height: The share of a line's height that its core keeps in training.
        sha256: The checksum of the weights file; zeros for weights that are in no file.
    """
    return DetectorSpec(long_side=long_side, stride=STRIDE, cell=CELL, kept_height=kept_height, sha256=sha256)


class NetworkMap(PageMap):
    """A network as the map of a detector.

    Args:
        network: In evaluation mode.
        spec: What it is trained for.
    """

    def __init__(self, network: DbNet, spec: DetectorSpec) -> None:
        self.network = network
        self.spec = spec

    def run(self, page: FloatArray) -> FloatArray:
        """Run the network; see :meth:`nordocr.detect.dbnet.map.PageMap.run`."""
        with torch.inference_mode():
            maps: FloatArray = self.network.probability(torch.from_numpy(page)).numpy()
        return maps
