"""How many true lines the filter of junk leaves out: python benchmarks/lines/junk.py [--count 10000].

Synthetic lines (recipe ``scans``, held-out fonts) are read as the pages' lines are, and
:func:`nordocr.pipeline.junk.why_dropped` is asked about each, as a line of a paragraph and alone on its page; none may
be left out. Lines without a letter or figure (random signs) are counted apart. One line in four says what looks most
like dirt: a digit, two, a page number between dashes or with a count, a dash for nothing, a sum of one figure.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np

from nordocr.config import ReadingConfig
from nordocr.detect.base import Region
from nordocr.pipeline.boxes import line_of
from nordocr.pipeline.junk import Surroundings, why_dropped
from nordocr.recognize.registry import open_recognizer
from nordocr.synth.degrade import degrade
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe
from nordocr.synth.render import render_line

AT_ONCE = 250
SHORT = (
    "{d}",
    "{d}",
    "{d}{d}",
    "- {d} -",
    "- {d}{d} -",
    "{d} ({d}{d})",
    "{d}.",
    "§ {d}",
    "({d})",
    "-{d}",
    "X",
    "x",
    "%",
)


def lines(synth: LineSynth, first: int, last: int) -> list[tuple[str, np.ndarray]]:
    """Texts and pictures of lines ``first`` to ``last``; a picture is uint8 ``[H, W]``."""
    made = []
    for index in range(first, last):
        if index % 4:
            line = synth.make(index)
            made.append((line.text.text, line.image))
            continue
        rng = np.random.default_rng([synth.seed, index])
        text = str(rng.choice(SHORT))
        while "{d}" in text:
            text = text.replace("{d}", str(rng.integers(1, 10)), 1)
        drawn = render_line(text, synth.pool.sample(rng, text), rng, synth.recipe.render)
        made.append((text, degrade(drawn.image, rng, synth.recipe.degrade, dpi=drawn.dpi).image))
    return made


def region_of(image: np.ndarray) -> Region:
    """The region of a picture with one line: its ink is what Otsu's threshold finds."""
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    x, y, width, height = cv2.boundingRect(ink)
    rows, columns = gray.shape
    return Region(0, 0, columns, rows, 0.0, float(rows), ink=(x, y, max(1, width), max(1, height)))


def paragraph(region: Region) -> Surroundings:
    """A page on which the line stands below another one in the same type, far from its top and bottom."""
    x, y, width, height = region.tight
    above = (x, y - height - region.height // 3, width, height)
    over = replace(region, y=region.y - height - region.height // 3, ink=above)
    return Surroundings(region.line_height, [over], 20 * region.height)


def sparse(region: Region) -> Surroundings:
    """A page on which the line stands alone: nothing says how high its type is."""
    return Surroundings(0.0, [], 20 * region.height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=31_337)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    synth = LineSynth(load_synth_recipe("scans").with_fonts(split="validation"), seed=options.seed)
    config = ReadingConfig(threads=1)
    dropped: dict[str, Counter[str]] = {"paragraph": Counter(), "sparse": Counter()}
    recognizer = open_recognizer(config.recognizer, config)
    for first in range(0, options.count, AT_ONCE):
        some = lines(synth, first, min(first + AT_ONCE, options.count))
        texts = recognizer.read([image for _, image in some])
        for (truth, image), text in zip(some, texts, strict=True):
            region = region_of(image)
            line = line_of(region, text)
            for page in (paragraph, sparse):
                reason = why_dropped(region, line, page(region))
                if reason is not None:
                    signs = not any(character.isalnum() for character in truth)
                    dropped[page.__name__]["signs only" if signs else reason] += 1
                    print(f"{page.__name__}, {reason}: {truth!r} read {line.text!r}, {line.confidence:.2f}", flush=True)
    for name, reasons in dropped.items():
        signs_only = reasons.pop("signs only", 0)
        lost = f"{sum(reasons.values())} of {options.count} lines left out: {dict(reasons)}"
        print(f"{name}: {lost}; besides {signs_only} without a letter or figure", flush=True)
    recognizer.close()


if __name__ == "__main__":
    main()
