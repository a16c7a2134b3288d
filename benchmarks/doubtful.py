"""Which page confidence tells pages whose text is wrong: the threshold of the flag ``doubtful``, and what it costs.

    python benchmarks/doubtful.py [--real DIR] [--pages 12] [--csv benchmarks/doubtful.csv]

Good pages are synthetic ones of four recipes and, with ``--real``, the ``pages`` of each folder of DIR. Bad pages are
made here: photographs, noise, patterns, type at 20 to 60 degrees, mirrored, at 45 dots an inch, in other scripts, and
pages with a white-on-black part. For each set the lowest and highest page confidences and how often the flags fire
are printed; the CSV has each page.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from nordocr.config import ReadingConfig
from nordocr.pages import MemoryImage
from nordocr.pipeline.reader import Reader
from nordocr.synth.pages import PageRecipe, PageSynth, load_page_recipe

Gray = npt.NDArray[np.uint8]
A4: Final = (1240, 1754)
"""Width and height at 150 dots an inch."""

SCRIPTS: Final = {
    "cyrillic": "Съешь же ещё этих мягких французских булок, да выпей чаю. Итого за год: сто двадцать рублей.",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Σύνολο του έτους: εκατόν είκοσι δραχμές, όχι περισσότερο.",
    "hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא חברה. סך הכול לשנה: מאה ועשרים שקלים ולא יותר מזה.",
    "arabic": "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق. المجموع مئة وعشرون.",
    "georgian": "სწრაფი ყავისფერი მელა გადაახტა ზარმაც ძაღლს. სულ წელიწადში ას ოცი ლარი და მეტი არა.",
}


def written(text: str, size: int = 30, seed: int = 0) -> Gray:
    """A page of ``text``, over and over, from another word on with each ``seed``."""
    page = Image.new("L", A4, 255)
    font = ImageFont.truetype("DejaVuSans.ttf", size)
    words = text.split() * 60
    at = seed * 3
    for y in range(110, A4[1] - 120, int(size * 1.7)):
        line = ""
        while font.getlength(f"{line} {words[at % len(words)]}") < A4[0] - 240:
            line, at = f"{line} {words[at % len(words)]}".strip(), at + 1
        ImageDraw.Draw(page).text((120, y), line, fill=0, font=font)
    return np.asarray(page)


def photograph(seed: int) -> Gray:
    """Clouds of several sizes with edges, as a photograph has them."""
    dice = np.random.default_rng(seed)
    total = np.zeros(A4[::-1], np.float32)
    for octave in range(7):
        cells = dice.standard_normal((3 * 2**octave, 2 * 2**octave)).astype(np.float32)
        total += cv2.resize(cells, A4, interpolation=cv2.INTER_CUBIC) / 1.7**octave
    total += 0.8 * (total > np.median(total)) if seed % 2 else 0
    return np.asarray(cv2.normalize(total, total, 0, 255, cv2.NORM_MINMAX), np.uint8)


def noise(seed: int) -> Gray:
    dice = np.random.default_rng(seed)
    if seed % 2:
        return np.where(dice.random(A4[::-1]) < 0.02 * (1 + seed), 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(dice.integers(0, 256, A4[::-1], np.uint8), (0, 0), 0.6 + seed / 2), np.uint8)


def pattern(seed: int) -> Gray:
    y, x = np.mgrid[0 : A4[1], 0 : A4[0]]
    period = 14 + 9 * seed
    waves = np.sin(x * 6.28 / period) * np.sin((y + (x // period % 2) * period / 2) * 6.28 / (period * 1.6))
    return np.where(waves > 0.3, 0, 255).astype(np.uint8)


def swedish(seed: int, size: int = 30) -> Gray:
    text = "Styrelsen och verkställande direktören får härmed avge årsredovisning för räkenskapsåret. Årets resultat "
    return written(text + "uppgår till 1 284 500 kronor, varav skulder till leverantörer 312 000 kronor.", size, seed)


def turned(seed: int) -> Gray:
    middle, angle = (A4[0] / 2, A4[1] / 2), (20.0, 33.0, 45.0, 57.0, -25.0, -45.0)[seed % 6]
    matrix = cv2.getRotationMatrix2D(middle, angle, 0.75)
    return np.asarray(cv2.warpAffine(swedish(seed), matrix, A4, borderValue=255), np.uint8)


def coarse(seed: int) -> Gray:
    small = cv2.resize(swedish(seed, 22 + seed), None, fx=0.27, fy=0.27, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, A4, interpolation=cv2.INTER_CUBIC), np.uint8)


def part_inverted(seed: int) -> Gray:
    page = swedish(seed).copy()
    height, width = page.shape
    part = [np.s_[height // 2 :, :], np.s_[: height // 2, :], np.s_[:, width // 2 :], np.s_[height // 3 : -300, :]]
    page[part[seed % 4]] = 255 - page[part[seed % 4]]
    return page


BAD: Final[dict[str, Callable[[int], Gray]]] = {
    "photograph": photograph,
    "noise": noise,
    "pattern": pattern,
    "turned by 20 to 57 degrees": turned,
    "mirrored": lambda seed: np.ascontiguousarray(swedish(seed)[:, ::-1]),
    "45 dots an inch": coarse,
    "part white on black": part_inverted,
}


def pages(real: Path | None, count: int) -> Iterator[tuple[str, str, Gray]]:
    """The sets' names, the pages' and their pixels."""
    for recipe in ("default", "dirty", "dirty-g4", "dirty-fax"):
        plan = PageRecipe() if recipe == "default" else load_page_recipe(Path(recipe))
        synth = PageSynth(plan, 77)
        for number in range(count):
            yield f"good: synth pages, {recipe}", str(number), synth.make(number).image
    for folder in sorted(real.iterdir()) if real is not None else ():
        for path in sorted((folder / "pages").glob("*")) if folder.is_dir() else ():
            if path.suffix != ".json":
                yield f"good: {folder.name}", path.name, np.asarray(Image.open(path).convert("L"))
    for name, make in BAD.items():
        for seed in range(min(count, 8)):
            yield f"bad: {name}", str(seed), make(seed)
    for name, text in SCRIPTS.items():
        for seed in range(min(count, 4)):
            yield f"bad: {name}", str(seed), written(text, 28 + 4 * seed, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    rows: list[tuple[str, str, float, int, int, str]] = []
    with Reader(ReadingConfig(threads=1)) as reader:
        for name, page, image in pages(options.real, options.pages):
            started = time.perf_counter()
            [result] = reader.pages(MemoryImage(image))
            characters = sum(len(line.text) for line in result.lines)
            flags = " ".join((*result.flags, *(["blank"] if result.blank else [])))
            rows.append((name, page, result.confidence, len(result.lines), characters, flags))
            print(
                f"{time.perf_counter() - started:5.1f} s  {name} {page}: {result.confidence} {flags}", file=sys.stderr
            )
    sets: dict[str, list[tuple[str, str, float, int, int, str]]] = defaultdict(list)
    for row in rows:
        sets[row[0]].append(row)
    for name, held in sets.items():
        values = sorted(row[2] for row in held)
        doubtful, said = (sum(any(f in row[5] for f in flags) for row in held) for flags in (("doubtful",), FLAGS))
        print(f"{name:34} {len(held):3} pages, confidence {values[0]:.2f} to {values[-1]:.2f}, ", end="")
        print(f"doubtful {doubtful}, said something {said}")
    if options.csv is not None:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["set", "page", "confidence", "lines", "characters", "flags"])
            writer.writerows(rows)
    return 0


FLAGS: Final = ("doubtful", "unread", "damaged", "blank")

if __name__ == "__main__":
    sys.exit(main())
