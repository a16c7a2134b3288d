"""A document of our own to compare on: drawn lines, their truth, and what two made-up engines read."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from nordocr.evaluate.documents.material import collect
from nordocr.evaluate.documents.truth import place_results

WORDS = [
    "Årets",
    "resultat",
    "Summa",
    "skulder",
    "Räntekostnader",
    "övriga",
    "intäkter",
    "12",
    "345",
    "Bjørn",
    "Æble",
    "kr",
    "tkr",
    "Eget",
    "kapital",
    "2023",
    "per",
]


@dataclass(frozen=True)
class Paper:
    """A drawn document: its file, its lines by page as (text, (x, y, w, h))."""

    file: Path
    pages: list[list[tuple[str, tuple[int, int, int, int]]]]

    @property
    def size(self) -> tuple[int, int]:
        return 900, 60 + 60 * max(map(len, self.pages))


def lines_of(paper: Paper, change: Callable[[str, random.Random], str], shift: int = 0) -> dict[str, Any]:
    """A result JSON in which every text went through ``change`` and every box moved by ``shift``."""
    dice = random.Random(7)
    pages = []
    for index, lines in enumerate(paper.pages):
        held = [
            {
                "text": change(text, dice),
                "confidence": round(0.5 + dice.random() / 2, 3),
                "bbox": {"x": x + shift, "y": y + shift, "width": w, "height": h},
            }
            for text, (x, y, w, h) in lines
        ]
        pages.append({"page_index": index, "width": paper.size[0], "height": paper.size[1], "lines": held})
    return {"source": str(paper.file), "pages": pages, "timing": {"recognize": 1.5}, "engine": {"name": "x"}}


def truth_json(paper: Paper) -> dict[str, Any]:
    return lines_of(paper, lambda text, _: text)


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def cut_short(text: str, dice: random.Random) -> str:
    """An engine that cuts three lines in ten short."""
    return text[: int(len(text) * 0.7)] if dice.random() < 0.3 else text


def no_rings(text: str, dice: random.Random) -> str:
    """An engine that now and then reads å as a."""
    return text.replace("å", "a").replace("Å", "A") if dice.random() < 0.5 else text


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A G4 TIFF of three pages with twelve lines each."""
    return draw(tmp_path_factory.mktemp("paper") / "report.tif", pages=3, lines=12)


def draw(path: Path, pages: int, lines: int) -> Paper:
    dice = random.Random(1)
    font = ImageFont.load_default(24)
    held, images = [], []
    for page in range(pages):
        image = Image.new("L", (900, 60 + 60 * lines), 255)
        placed = []
        for row in range(lines):
            text = f"{page * lines + row + 1} " + " ".join(dice.choices(WORDS, k=dice.randint(2, 6)))
            left, top, right, bottom = ImageDraw.Draw(image).textbbox((40, 30 + 60 * row), text, font=font)
            ImageDraw.Draw(image).text((40, 30 + 60 * row), text, fill=0, font=font)
            placed.append((text, (int(left), int(top), int(right - left), int(bottom - top))))
        held.append(placed)
        images.append(image.convert("1"))
    images[0].save(path, save_all=True, append_images=images[1:], compression="group4")
    return Paper(path, held)


def call(function: Callable[..., None], arguments: Sequence[str | Path]) -> Result:
    """Run a verb's function as the command line does; failures of nordocr are left in ``result.exception``."""
    app = typer.Typer()
    app.command()(function)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def crops_of(paper: Paper, result: Path) -> dict[str, str]:
    """SHA-256 of each crop to what is printed there."""
    material = collect([paper.file], {"svtrv2": place_results(result, [paper.file])}, None)
    texts = [region.texts["svtrv2"] or "" for region in material.regions]
    return {hashlib.sha256(png or b"").hexdigest(): text for png, text in zip(material.crops, texts, strict=True)}
