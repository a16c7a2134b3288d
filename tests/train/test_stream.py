"""Blocks, their batches, and lines rendered once and used often."""

from __future__ import annotations

import itertools
import multiprocessing
import pickle
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.train.tiny import NoiseLines
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

from nordocr.errors import InputUnreadable
from nordocr.families import family_of
from nordocr.linespec import CEILING, LineSpec
from nordocr.synth.recipe import load_synth_recipe
from nordocr.train.curriculum import Curriculum, Rerendered
from nordocr.train.recipe_parts import BatchPart, SynthPart
from nordocr.train.stream import BlockDataset, micro_batches

SPEC = LineSpec()
PART = BatchPart(area=256, lines_per_step=8, block_lines=24, workers=0)


def as_lines(dataset: BlockDataset, block: int) -> list[tuple[int, tuple[int, ...], bytes]]:
    """(steps, label, pixels) of every line of a block."""
    lines = []
    for batch in dataset[block].batches:
        ends = batch.target_lengths.cumsum(0).tolist()
        for i, (end, count) in enumerate(zip(ends, batch.target_lengths.tolist(), strict=True)):
            label = tuple(batch.targets[end - count : end].tolist())
            lines.append((int(batch.steps[i]), label, batch.pixels[i].numpy().tobytes()))
    return lines


def test_a_block_holds_each_of_its_lines_once() -> None:
    dataset = BlockDataset(NoiseLines(), SPEC, PART, 3)
    expected = Counter(tuple(SPEC.charset.encode(NoiseLines().line(i)[1])) for i in range(24, 48))
    found = as_lines(dataset, 1)
    assert Counter(label for _, label, _ in found) == expected
    assert all(steps == 4 * len(label) for steps, label, _ in found)
    assert as_lines(pickle.loads(pickle.dumps(dataset)), 1) == found


def test_a_batch_is_one_rung_of_constant_area() -> None:
    for batch in BlockDataset(NoiseLines(), SPEC, PART, 3)[0].batches:
        width = batch.pixels.shape[3]
        assert width in SPEC.ladder
        assert batch.lines * width <= PART.area or batch.lines == 1


def test_batches_are_of_few_shapes_where_that_is_asked_for() -> None:
    part = PART.model_copy(update={"area": 1024, "block_lines": 96, "lines_multiple": 4})
    plain, even = (
        BlockDataset(NoiseLines(), SPEC, held, 3) for held in (part.model_copy(update={"lines_multiple": 1}), part)
    )
    top = max(batch.pixels.shape[3] for batch in even[0].batches)
    sizes = [(batch.pixels.shape[3], batch.lines) for batch in even[0].batches]
    assert all(lines % 4 == 0 for width, lines in sizes if width < top)
    assert any(batch.lines % 4 for batch in plain[0].batches if batch.pixels.shape[3] < top)
    # The same lines, of which some are padded a rung wider and none is narrower; nothing is told of it but the width.
    labels = [Counter((steps, label) for steps, label, _ in as_lines(held, 0)) for held in (plain, even)]
    assert labels[0] == labels[1]


def test_padding_goes_wider_or_to_the_full_width() -> None:
    never, always = (PART.model_copy(update={"pad_wider": share}) for share in (0.0, 1.0))
    full = PART.model_copy(update={"full_width": True})

    def widths(part: BatchPart) -> set[int]:
        return {int(b.pixels.shape[3]) for b in BlockDataset(NoiseLines(), SPEC, part, 3)[0].batches}

    assert widths(never) == {32, 64}
    assert min(widths(always)) == 64
    assert widths(full) == {1024}


@pytest.mark.parametrize("family", ["svtrv2", "vit-ctc", "parseq"])
def test_no_line_is_padded_beyond_what_its_network_reads(family: str) -> None:
    # A ViT's position grid ends at 1,024 px, while the ladder goes on.
    spec = LineSpec(family=family)
    always = PART.model_copy(update={"pad_wider": 1.0, "pad_wider_rungs": 100})
    widths = {int(batch.pixels.shape[3]) for batch in BlockDataset(NoiseLines(), spec, always, 3)[0].batches}
    assert max(widths) == family_of(spec).ceiling(spec)


def test_the_stream_goes_on_at_any_position() -> None:
    dataset = BlockDataset(NoiseLines(), SPEC, PART, 3)
    stream = micro_batches(dataset, 1, 0, 0, every=2)
    taken = [next(stream) for _ in range(12)]
    assert {item.block % 2 for item in taken} == {1}
    for number in (0, 3, 7):
        again = next(micro_batches(dataset, taken[number].block, taken[number].batch, 0, every=2))
        assert torch.equal(again.micro_batch.pixels, taken[number + 1].micro_batch.pixels)
        assert (again.block, again.batch) == (taken[number + 1].block, taken[number + 1].batch)


class Mixed:
    """Every third line is too long for its width, every fifth cannot be read."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        if index % 5 == 0:
            raise InputUnreadable("x")
        return np.full((32, 40), 255, np.uint8), "aa" * 5 if index % 3 == 0 else "ab"


class BrokenLines(NoiseLines):
    """Line 5 cannot be drawn, nor any from 50 on."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        if index == 5 or index >= 50:
            raise ValueError(f"line {index} cannot be drawn")
        return super().line(index)


def test_a_line_that_cannot_be_drawn_is_counted_and_many_are_an_error() -> None:
    dataset = BlockDataset(BrokenLines(), SPEC, PART, 3)
    assert [dataset[block].unreadable for block in (0, 1)] == [1, 0]
    (fault,) = dataset[0].faults
    assert fault.startswith("Line 5 could not be made") and "ValueError: line 5 cannot be drawn" in fault
    assert "in line\n" in fault  # where in the source it happened
    first = next(micro_batches(dataset, 0, 0, 0))
    assert first.faults == (fault,)
    with pytest.raises(ValueError, match="line 51"):
        dataset[2]


def test_workers_end_where_a_line_cannot_be_drawn() -> None:
    """They hear no SIGTERM; a training that died of an error waited for them for ever."""
    dataset = BlockDataset(BrokenLines(), SPEC, PART, 3)
    with pytest.raises(ValueError, match="line 51") as caught:
        list(itertools.islice(micro_batches(dataset, 0, 0, 1), 40))
    assert caught.tb is not None  # and so everything that the generator held
    assert not [child for child in multiprocessing.active_children() if child.is_alive()]


@dataclass(frozen=True)
class HeldLines(NoiseLines):
    """Lines of every block but the first wait until they may go on, and are counted."""

    folder: Path

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        if index >= PART.block_lines:
            (self.folder / str(index)).touch()
            while not (self.folder / "go").exists():
                time.sleep(0.01)
        return super().line(index)


def test_workers_make_no_further_line_once_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hear no SIGTERM: a training waited up to a minute after its end for blocks that nobody wanted any more."""
    end = _MultiProcessingDataLoaderIter._shutdown_workers
    dataset = BlockDataset(HeldLines(tmp_path), SPEC, PART, 3)

    def let_go(loader: Any) -> None:
        # Loaders of other tests may be collected meanwhile.
        if getattr(loader._dataset, "dataset", None) is dataset:
            (tmp_path / "go").touch()
        end(loader)

    monkeypatch.setattr(_MultiProcessingDataLoaderIter, "_shutdown_workers", let_go)
    stream = micro_batches(dataset, 0, 0, 2)
    next(stream)
    stream.close()
    assert not [child for child in multiprocessing.active_children() if child.is_alive()]
    assert len(list(tmp_path.iterdir())) <= 3  # "go", and the line that each worker was at


def test_ctc_may_use_the_padding_only_where_a_recipe_says_so() -> None:
    full = PART.model_copy(update={"full_width": True})
    own = BlockDataset(NoiseLines(), SPEC, full, 3)[0]
    padded = BlockDataset(NoiseLines(), SPEC, full.model_copy(update={"padded_steps": True}), 3)[0]
    assert torch.equal(own.pixels, padded.pixels)
    assert (own.steps < padded.steps).all()
    assert (padded.steps == SPEC.time_steps(SPEC.max_width)).all()


def test_what_is_left_out_is_counted() -> None:
    block = BlockDataset(Mixed(), SPEC, PART, 3)[0]
    assert block.unreadable == 5
    assert block.too_long == len([i for i in range(24) if i % 5 and i % 3 == 0])
    assert sum(batch.lines for batch in block.batches) == 24 - block.unreadable - block.too_long


@pytest.mark.parametrize(("uses", "lanes", "lines"), [(4, 3, 24), (3, 2, 10), (2, 1, 5)])
def test_each_rendered_line_is_used_as_often_as_said_far_apart(uses: int, lanes: int, lines: int) -> None:
    source = Rerendered(Curriculum(load_synth_recipe("first"), SynthPart()), uses=uses, lanes=lanes, block_lines=lines)
    where: dict[int, list[int]] = defaultdict(list)
    for index in range(lines * lanes * 12):
        where[source.rendered_as(index)].append(index // lines)
    for number, blocks in where.items():
        assert len(blocks) <= uses
        assert len({block % lanes for block in blocks}) == 1, "a rendered line stays in its lane"
        assert all(b - a == lanes for a, b in itertools.pairwise(blocks))
        if min(where) + 2 * lines * lanes < number < max(where) - 2 * lines * lanes and lines % uses == 0:
            assert len(blocks) == uses


def test_rerendered_lines_are_the_same_in_any_order_and_their_degrading_differs() -> None:
    recipe = load_synth_recipe("scans")
    part = SynthPart(curriculum=((0, 8),))

    def source() -> Rerendered:
        return Rerendered(Curriculum(recipe, part), uses=2, lanes=1, block_lines=4)

    forward, backward = source(), source()
    lines = [forward.line(i) for i in range(12)]
    for index in reversed(range(12)):
        image, text = backward.line(index)
        assert text == lines[index][1]
        assert np.array_equal(image, lines[index][0])
    pairs = defaultdict(list)
    for index in range(12):
        pairs[forward.rendered_as(index)].append(lines[index])
    twice = [pair for pair in pairs.values() if len(pair) == 2]
    assert twice
    assert all(a[1] == b[1] for a, b in twice)
    assert any(a[0].shape != b[0].shape or not np.array_equal(a[0], b[0]) for a, b in twice)


def test_a_contents_line_is_trained_with_the_dots_that_its_image_has_room_for() -> None:
    recipe = load_synth_recipe("clean").with_text(shares={"templates": 1.0}, min_chars=46, max_chars=120)
    recipe = recipe.with_fonts(split="all")
    lines = Curriculum(recipe, SynthPart())
    made = {index: lines.stage(index).make(index) for index in range(300)}
    leaders = [index for index, line in made.items() if "." * 30 in line.text.text]
    assert leaders
    shortened = 0
    for index in leaders:
        image, label = lines.line(index)
        truth = made[index].text.text
        steps = LineSpec().target_width(*image.shape, CEILING) / 4
        run = max(re.findall(r"\.+", label), key=len)
        share = sum(s for s, c in zip(made[index].shares, truth, strict=True) if c == ".")
        assert 2 * len(run) - 1 <= share * steps
        assert label.replace(".", "") == truth.replace(".", "")
        shortened += label != truth
    assert shortened
