"""Statistics of a labels folder against hand-made lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from nordocr.data.labels import LabelRow, write_labels
from nordocr.data.stats import label_stats


def make(folder: Path, lines: list[tuple[str, int, int, str]]) -> Path:
    (folder / "images").mkdir(parents=True)
    rows = []
    for index, (text, height, width, source) in enumerate(lines):
        path = folder / "images" / f"{index}.png"
        Image.fromarray(np.full((height, width), 255, np.uint8)).save(path)
        rows.append(LabelRow(path.name, text, path, index + 2, source=source))
    write_labels(folder, rows)
    return folder


def test_lengths_widths_sources_and_proposals(tmp_path: Path) -> None:
    found = label_stats(make(tmp_path / "a", [("åäö", 64, 200, "x"), ("hej é", 32, 900, "y"), ("x", 16, 20, "x")]))
    assert found.lines == 3
    assert found.lengths == [3, 5, 1]
    assert found.widths == [100, 900, 40]
    assert found.sources == {"x": 2, "y": 1}
    assert found.characters["ö"] == 1
    assert found.outside == {"é": 1}
    assert found.max_width == 1024
    assert found.max_label == 5
    assert found.too_long == 0


def test_labels_too_long_for_their_width_are_counted(tmp_path: Path) -> None:
    # 16 px give 4 steps: abcd fits, aabb needs 4 characters and 2 blanks.
    found = label_stats(make(tmp_path / "b", [("abcd", 32, 16, "s"), ("aabb", 32, 16, "s")]))
    assert found.too_long == 1


def test_an_unreadable_image_is_counted_and_left_out(tmp_path: Path) -> None:
    folder = make(tmp_path / "c", [("a", 32, 32, "s"), ("b", 32, 32, "s")])
    (folder / "images" / "1.png").write_bytes(b"no image")
    found = label_stats(folder)
    assert found.lines == 1
    assert any("1.png" in sentence for sentence in found.report.sentences())
