"""A comparison of any number of lines, made up, for reports to show."""

from __future__ import annotations

import io
import random

from PIL import Image
from tests.evaluate.paper import WORDS

from nordocr.evaluate.compare.comparison import Comparison
from nordocr.evaluate.compare.figures import compare
from nordocr.evaluate.compare.scored import score_regions
from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.results import BBox

HOSTILE = '</script><img src=x onerror="window.hacked=1">&amp; @@DATA@@ <!-- \u2028 \'"'


def crop(number: int) -> bytes:
    """A crop that is told from all others by its size."""
    buffer = io.BytesIO()
    Image.new("1", (100 + number % 1000, 20 + number // 1000), 1).save(buffer, "PNG")
    return buffer.getvalue()


def made_up(count: int) -> Comparison:
    dice = random.Random(2)
    regions = []
    for number in range(count):
        reference = " ".join(dice.choices(WORDS, k=dice.randint(1, 9))) + f" {number}"
        if number == 3:
            reference = HOSTILE
        cut = reference[: len(reference) - dice.choice([0, 0, 0, 3, 8])]
        rings = reference.replace("å", "a").replace("Å", "A")
        box = BBox(x=10, y=50 * (number % 40), width=20 * len(reference), height=32)
        texts: dict[str, str | None] = {"svtrv2": cut, "tess": rings if number % 50 else None}
        sure: dict[str, float | None] = {"svtrv2": dice.random(), "tess": dice.random() if number % 50 else None}
        known = None if number % 97 == 96 else reference
        regions.append(
            ComparedRegion(
                "scan.tif", number // 40, box, known, texts=texts, confidences=sure, pieces={"svtrv2": 1, "tess": 1}
            )
        )
    return compare(
        score_regions(regions, ["svtrv2", "tess"]),
        documents=["scan.tif"],
        pages=1 + count // 40,
        reference="truth",
        reference_kind="page truth",
        notes=["A note with <b>markup</b>."],
    )
