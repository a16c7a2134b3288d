"""How well a network finds the lines of held-out pages, through the very detector that reading uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordocr.detect.dbnet.detector import DbNetDetector
from nordocr.detect.dbnet.spec import DetectorSpec
from nordocr.evaluate.documents.placed import PlacedLine, box_of
from nordocr.evaluate.documents.tally import PageTally, page_tally
from nordocr.model.dbnet import DbNet
from nordocr.model.page_map import NetworkMap
from nordocr.train.detector.pages import TrainingPage


@dataclass(frozen=True)
class Judgement:
    """How many lines were found, by the measure that whole pages are compared with.

    Attributes:
        recall: The share of lines that were found, 0 to 1.
        precision: The share of regions that are lines, 0 to 1.
    """

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both, 0 where nothing was found."""
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


def judge(network: DbNet, pages: Sequence[TrainingPage], spec: DetectorSpec) -> Judgement:
    """Find the lines of held-out pages as reading does, and compare them with the truth.

    Args:
        network: In evaluation mode.
        pages: The pages; regions on boxes that teach nothing are not counted.
        spec: What the network is trained for.

    Returns:
        Recall and precision over all lines of all pages.
    """
    detector = DbNetDetector(NetworkMap(network, spec))
    total = PageTally()
    for page in pages:
        boxes = [box_of(*map(float, box)) for box in page.boxes]
        truth = [PlacedLine("", box) for box, unused in zip(boxes, page.ignored, strict=True) if not unused]
        beside = [box for box, unused in zip(boxes, page.ignored, strict=True) if unused]
        found = [PlacedLine("", box_of(*map(float, region.tight))) for region in detector.detect(page.image)]
        total += page_tally(page.image, truth, found, beside)
    return Judgement(total.matched / max(1, total.truth), total.matched / max(1, total.found))
