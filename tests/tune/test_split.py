"""Documents apart, the length of a tuning, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nordocr.data.crops import encode_png
from nordocr.data.labels import LabelRow, read_labels, write_labels
from nordocr.linespec import LineSpec
from nordocr.train.recipe_files import load_recipe
from nordocr.tune.plan import (
    EPOCHS,
    FEWEST_STEPS,
    LEAST_EPOCHS,
    MOST_PIXELS,
    RECIPE,
    TunePlan,
    tuning_recipe,
    tuning_steps,
)
from nordocr.tune.prepare import prepare
from nordocr.tune.split import split_rows

BEFORE = {"held-out": 0.3, "clean": 0.01}


def rows(documents: dict[str | None, int], pages: int = 0) -> list[LabelRow]:
    """Rows of documents with so many lines each."""
    return [
        LabelRow(f"{name}-{n}.png", "x", Path("x"), 2, source=name, page=str(n % pages) if pages else None)
        for name, count in documents.items()
        for n in range(count)
    ]


def test_whole_documents_are_held_out() -> None:
    given = rows({f"letter {n}": 7 for n in range(20)})
    split = split_rows(given, 0.2)
    apart = {row.source for row in split.train}, {row.source for row in split.held}
    assert not apart[0] & apart[1]
    assert (split.unit, split.units, len(split.held), len(split.train)) == ("documents", 4, 28, 112)
    assert split_rows(list(reversed(given)), 0.2).held[::-1] == split.held


def test_a_document_that_is_more_than_half_is_never_held_out() -> None:
    for large in range(30):
        split = split_rows(rows({f"book {large}": 80, "note": 10, "slip": 10}), 0.2)
        assert {row.source for row in split.held} <= {"note", "slip"}
        assert split.held


def test_one_document_alone_is_parted_by_its_pages_and_one_page_by_its_lines() -> None:
    split = split_rows(rows({"book": 40}, pages=4), 0.25)
    assert (split.unit, split.units) == ("pages", 1)
    assert not {row.page for row in split.train} & {row.page for row in split.held}
    assert split_rows(rows({"book": 40}), 0.25).unit == "lines"
    assert len(split_rows(rows({"book": 40}), 0.25).held) == 10


def test_lines_without_a_document_are_trained_on() -> None:
    split = split_rows(rows({None: 30, "a": 5, "b": 5, "c": 5}), 0.2)
    assert None not in {row.source for row in split.held}
    assert len(split.train) + len(split.held) == 45


def wide(folder: Path, count: int, width: int) -> list[LabelRow]:
    path = folder / f"{width}.png"
    path.write_bytes(encode_png(np.full((32, width), 255, np.uint8)))
    return [LabelRow(path.name, "x", path, 2)] * count


@pytest.mark.parametrize(("count", "width"), [(25, 300), (200, 300), (500, 900), (20000, 900)])
def test_a_tuning_is_as_long_as_its_lines_need_and_two_cores_allow(count: int, width: int, tmp_path: Path) -> None:
    recipe = load_recipe(RECIPE)
    steps = tuning_steps(recipe, wide(tmp_path, count, width))
    pixels = steps * 32 * (width / 4 + 500 * 3 / 4)
    epochs = steps * 32 / 4 / count
    if count == 20000:
        assert epochs == pytest.approx(LEAST_EPOCHS, rel=0.01)
    elif count == 500:
        assert pixels == pytest.approx(MOST_PIXELS, rel=0.01)
        assert LEAST_EPOCHS < epochs < EPOCHS
    elif count == 200:
        assert epochs == pytest.approx(EPOCHS, rel=0.02)
    else:
        assert steps == FEWEST_STEPS


def labels_folder(folder: Path, documents: dict[str, int], kind: str) -> Path:
    """A labels folder of lines that all look alike."""
    (folder / "images").mkdir(parents=True)
    found = []
    for name, count in documents.items():
        for number in range(count):
            file = f"{name}-{kind}-{number}.png"
            (folder / "images" / file).write_bytes(encode_png(np.full((32, 200), 255, np.uint8)))
            found.append(LabelRow(file, f"{kind} {number}", folder / "images" / file, 0, source=name))
    write_labels(folder, found)
    return folder


def test_further_lines_of_documents_that_are_judged_by_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordocr.tune.prepare.write_guard", lambda folder, *_: {"clean": folder / "clean"})
    documents = {f"letter {n}": 8 for n in range(5)}
    corrected = labels_folder(tmp_path / "corrected", documents, "corrected")
    machine = labels_folder(tmp_path / "machine", documents, "machine")
    plan = TunePlan((corrected,), also=(machine,))
    sets = prepare(plan, tmp_path / "run", LineSpec(), lambda event: None)
    held = {row.source for row in sets.split.held}
    assert sets.also is not None
    further = read_labels(sets.also).rows
    assert len(further) == sets.also_lines == 8 * (5 - len(held))
    assert not held & {row.source for row in further}
    recipe = tuning_recipe(plan, sets, BEFORE)
    assert [(Path(part.path).name, part.times) for part in recipe.data[0].lines] == [("corrected", 4), ("also", 1)]
    assert [Path(folder).name for folder in recipe.validation.folders] == ["held-out", "clean"]
    assert recipe.validation.before == BEFORE
    alone = tuning_recipe(plan, replace(sets, also=None, also_lines=0), BEFORE)
    assert [part.times for part in alone.data[0].lines] == [1]
    assert tuning_recipe(plan, sets, BEFORE, stages=False).optimiser.layer_decay == 1.0 != recipe.optimiser.layer_decay
