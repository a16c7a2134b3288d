"""Recall and precision of line detection on pages whose lines are known.

    python benchmarks/detection.py FOLDER... [--detector morphology dbnet] [--iou 0.5] [--pictures DIR]

A folder holds page images, each with a JSON file of the same name: ``{"image": NAME, "lines": [{"bbox": [x, y, w, h]},
...]}`` in pixels, or the truth that ``nordocr synth pages`` writes (its stamps count for nobody). Found and true boxes
are matched one to one, best intersection over union first. ``merged`` counts
found boxes that cover most of two or more true ones, ``split`` true boxes that hold most of two or more found ones.
Truths differ in their margins (synthetic ones have none) and a crop needs some, so a found box is compared as it is and
as the box of the ink in it, and the better of the two counts.
``loose`` is the recall where a true line counts as found when a box holds most of it and little else: the truth's own
margins differ, and an IoU of 0.5 also judges those.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from nordocr.detect.base import Detector
from nordocr.detect.registry import open_detector
from nordocr.pages import open_pages

Box = tuple[float, float, float, float]


@dataclass
class Tally:
    """Counts over the pages of one folder."""

    pages: int = 0
    truth: int = 0
    found: int = 0
    matched: int = 0
    loose: int = 0
    merged: int = 0
    split: int = 0
    seconds: float = 0.0


def shared(a: Box, b: Box) -> float:
    """Area in pixels that two boxes (x, y, width, height) have in common."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0.0, across) * max(0.0, down)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    common = shared(a, b)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def match(truth: list[Box], found: list[Box], inked: list[Box], least: float) -> list[tuple[int, int]]:
    """One-to-one pairs (true, found) of at least ``least`` IoU, best first."""
    both = list(zip(found, inked, strict=True))
    pairs = sorted(
        ((max(iou(t, f), iou(t, k)), i, j) for i, t in enumerate(truth) for j, (f, k) in enumerate(both)), reverse=True
    )
    used_truth: set[int] = set()
    used_found: set[int] = set()
    matched = []
    for value, i, j in pairs:
        if value >= least and i not in used_truth and j not in used_found:
            used_truth.add(i)
            used_found.add(j)
            matched.append((i, j))
    return matched


def band(box: Box) -> Box:
    """The middle half of a line's box: where its letters are, whatever margins it was given."""
    return box[0], box[1] + box[3] / 4, box[2], box[3] / 2


def truth_of(path: Path) -> tuple[Path, list[Box], list[Box]]:
    """The picture, the lines and the boxes in which nothing is judged, of a JSON file in either form."""
    page = json.loads(path.read_text(encoding="utf-8"))
    if "image" in page:
        return path.with_name(page["image"]), [tuple(line["bbox"]) for line in page["lines"]], []
    [only], [extra] = page["pages"], page["truth"]
    boxes = [tuple(line["bbox"][key] for key in ("x", "y", "width", "height")) for line in only["lines"]]
    kinds = list(zip(boxes, extra["line_kinds"], strict=True))
    lines, stamps = [b for b, kind in kinds if kind != "stamp"], [b for b, kind in kinds if kind == "stamp"]
    return path.with_name(page["source"]), lines, stamps


def measure(folder: Path, detector: Detector, least: float, pictures: Path | None) -> Tally:
    tally = Tally()
    for path in sorted(folder.glob("*.json")):
        picture, truth, unjudged = truth_of(path)
        [image] = open_pages(picture)
        started = time.perf_counter()
        regions = detector.detect(image.image)
        tally.seconds += time.perf_counter() - started
        regions = [r for r in regions if not any(shared(r.bbox, u) > 0.5 * r.width * r.height for u in unjudged)]
        found: list[Box] = [region.bbox for region in regions]
        pairs = match(truth, found, [region.tight for region in regions], least)
        tally.pages += 1
        tally.truth += len(truth)
        tally.found += len(found)
        tally.matched += len(pairs)
        inside = np.array([[shared(band(t), f) / (t[2] * t[3] / 2) for f in found] for t in truth])
        within = np.array([[shared(t, band(f)) / (f[2] * f[3] / 2) for f in found] for t in truth])
        if found:
            tally.loose += int(((inside > 0.8) & (within > 0.8)).any(axis=1).sum())
            tally.merged += int(((inside > 0.6).sum(axis=0) > 1).sum())
            tally.split += int(((within > 0.6).sum(axis=1) > 1).sum())
        if pictures is not None:
            draw(image.image, truth, found, pairs, pictures / f"{path.stem}.png")
    return tally


def draw(image: np.ndarray, truth: list[Box], found: list[Box], pairs: list[tuple[int, int]], path: Path) -> None:
    """Matched boxes green, missed lines red, what is not in the truth blue, numbered in reading order."""
    picture = Image.fromarray(image).convert("RGB")
    canvas = ImageDraw.Draw(picture)
    thick = max(2, picture.width // 600)
    hit_truth, hit_found = {i for i, _ in pairs}, {j for _, j in pairs}
    for j, (x, y, w, h) in enumerate(found):
        colour = (0, 150, 0) if j in hit_found else (0, 0, 255)
        canvas.rectangle((x, y, x + w, y + h), outline=colour, width=thick)
        canvas.text((x, y), str(j + 1), fill=colour, font_size=picture.width // 60)
    for i, (x, y, w, h) in enumerate(truth):
        if i not in hit_truth:
            canvas.rectangle((x, y, x + w, y + h), outline=(255, 0, 0), width=thick)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.resize((1100, 1100 * picture.height // picture.width)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall and precision of line detection.")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--detector", nargs="+", default=["morphology"], help="names or detector model files")
    parser.add_argument("--iou", type=float, default=0.5)
    parser.add_argument("--pictures", type=Path, help="write the pages with their boxes here")
    arguments = parser.parse_args()
    print(f"{'set':<24}{'detector':<12}pages  true found  recall  prec.  loose merged split s/page")
    for folder, named in itertools.product(arguments.folders, arguments.detector):
        t = measure(
            folder, open_detector(named), arguments.iou, arguments.pictures and arguments.pictures / Path(named).stem
        )
        name = folder.parent.name if folder.name == "pages" else folder.name
        print(
            f"{name:<24}{Path(named).stem[-11:]:<12}{t.pages:5} {t.truth:5} {t.found:5}  "
            f"{100 * t.matched / max(1, t.truth):6.1f} "
            f"{100 * t.matched / max(1, t.found):6.1f} {100 * t.loose / max(1, t.truth):6.1f} {t.merged:6} {t.split:5} "
            f"{t.seconds / max(1, t.pages):6.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
