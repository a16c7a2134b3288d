"""Inputs of the golden figures: random lines, and a made-up comparison of three engines over 22 documents."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from tests.evaluate.paper import write

from nordocr.evaluate.compare.run import compare_files
from nordocr.evaluate.scoring.metrics import Pair

_ALPHABET = "abcdefåäöÅÄÖøæ 0123456789.,–’é"
_WORDS = ["Årets", "resultat", "Summa", "skulder", "övriga", "intäkter", "12 345", "Bjørn", "Æble", "tkr", "q\u0323a"]
_NOISE = "aeoåäö1 .,"


def golden_pairs(count: int = 5000) -> list[Pair]:
    """Lines of 60 documents with everything that a pair can have; one in fifty holds a combining mark."""
    dice = random.Random(11)
    pairs = []
    for _ in range(count):
        reference = "".join(dice.choices(_ALPHABET, k=dice.randint(0, 90)))
        reference += "q\u0323" if dice.random() < 0.02 else ""
        read = _damaged(reference, dice)
        source, page = f"d{dice.randrange(60)}", f"p{dice.randrange(4)}"
        pairs.append(Pair(reference, read, dice.randint(20, 2000), source, page, dice.random()))
    return pairs


def golden_comparison(folder: Path) -> dict[str, Any]:
    """The content of ``comparison.json`` for three engines, page truth and a verified sample, without paths."""
    dice = random.Random(12)
    files, truth, sample = [], [], []
    results: dict[str, list[dict[str, Any]]] = {"one": [], "two": [], "three": []}
    for number in range(22):
        file = folder / f"d{number:02d}.png"
        Image.new("1", (900, 700), 1).save(file)
        files.append(file)
        lines = [(" ".join(dice.choices(_WORDS, k=dice.randint(1, 6))), 40 + 50 * row) for row in range(12)]
        truth.append(_page(file.name, [_line(text, 40, y, 600) for text, y in lines]))
        sample.append(_page(file.name, [_line(text, 40, y, 600) for text, y in lines if dice.random() < 0.3]))
        for name, held in results.items():
            held.append(_page(file.name, _read(name, lines, dice)))
        for line in truth[-1]["pages"][0]["lines"]:
            line["text"] = _damaged(line["text"], dice) if dice.random() < 0.1 else line["text"]
    paths = {name: write(folder / f"{name}.json", {"documents": held}) for name, held in results.items()}
    reference = write(folder / "truth.json", {"documents": truth})
    verified = write(folder / "sample.json", {"documents": sample})
    compare_files(files, paths, folder / "out", reference=reference, verified=verified)
    found: dict[str, Any] = json.loads((folder / "out" / "comparison.json").read_text(encoding="utf-8"))
    del found["nordocr"], found["reference"]
    return found


def digest(value: object) -> str:
    """16 hexadecimal digits of a JSON value, to the last digit of every number."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def digests(values: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each part, so that a difference says where it is."""
    return {name: digest(value) for name, value in values.items()}


def _damaged(text: str, dice: random.Random) -> str:
    letters = list(text)
    for _ in range(dice.choice((0, 0, 0, 1, 2, 6))):
        place = dice.randrange(len(letters) + 1)
        letters[place : place + dice.randint(0, 2)] = dice.choices(_NOISE, k=dice.randint(0, 2))
    kind = dice.random()
    whole = "".join(letters)
    if kind < 0.05:
        return whole[: int(0.6 * len(whole))]
    if kind < 0.1:
        return dice.choice("eRl") + whole
    return whole.replace(" ", "") if kind < 0.13 else whole


def _read(name: str, lines: list[tuple[str, int]], dice: random.Random) -> list[dict[str, Any]]:
    held = []
    for text, y in lines:
        kind = dice.random()
        if kind < 0.04:
            continue
        if kind < 0.08 and name == "one" and " " in text:
            left, right = text.split(" ", 1)
            held += [_line(left, 40, y, 200, dice), _line(right, 250, y, 380, dice)]
            continue
        held.append(_line(_damaged(text, dice) if dice.random() < 0.5 else text, 42, y + 1, 600, dice))
    if dice.random() < 0.5:
        held.append(_line("ghost", 700, 650, 100, dice))
    return held


def _line(text: str, x: int, y: int, width: int, dice: random.Random | None = None) -> dict[str, Any]:
    confidence = {} if dice is None else {"confidence": round(dice.random(), 4)}
    return {"text": text, "bbox": {"x": x, "y": y, "width": width, "height": 30}, **confidence}


def _page(name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    page = {"page_index": 0, "width": 900, "height": 700, "lines": lines}
    return {"source": name, "pages": [page], "timing": {"recognize": 1.25, "total": 2.5}, "engine": {"name": "x"}}
