"""Lines to micro-batches, deterministic: block b of a recipe is a pure function of (recipe, b).

A block of lines is rendered, prepared by the LineSpec, grouped by the one batching policy and shuffled, all inside one
worker; so the sequence of micro-batches does not depend on how many workers there are, and a training resumes by
asking for block b again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from nordocr.batching import plan_batches
from nordocr.linespec import LineSpec, PreparedLine, prepare, stack
from nordocr.train.recipe import BatchPart


class LineSource(Protocol):
    """Where lines come from. It must survive pickling, because workers are spawned."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Image (uint8 ``[H, W]`` or ``[H, W, 3]`` RGB) and text (NFC, inside the charset) of line ``index`` >= 0."""
        ...


@dataclass(frozen=True)
class MicroBatch:
    """Lines of one padded width.

    ``pixels``: uint8 ``[B, 1 or 3, 32, W]``; ``steps``: int64 ``[B]``, T of each line's own unpadded width;
    ``targets``: int64, all labels end to end; ``target_lengths``: int64 ``[B]``.
    """

    pixels: Tensor
    steps: Tensor
    targets: Tensor
    target_lengths: Tensor

    @property
    def lines(self) -> int:
        """Lines in this micro-batch."""
        return int(self.pixels.shape[0])


def ctc_length(classes: Sequence[int]) -> int:
    """Output steps that CTC needs for a label: its length and a blank between each pair of equal neighbours."""
    return len(classes) + sum(a == b for a, b in itertools.pairwise(classes))


@dataclass(frozen=True)
class Block:
    """The micro-batches of one block, and how many of its lines had labels too long for their width."""

    batches: list[MicroBatch]
    too_long: int


class BlockDataset(Dataset[Block]):
    """Item b is block b."""

    def __init__(self, source: LineSource, spec: LineSpec, batch: BatchPart, seed: int) -> None:
        self.source = source
        self.spec = spec
        self.batch = batch
        self.seed = seed

    def __getitem__(self, block: int) -> Block:
        """Render block ``block`` and cut it into shuffled micro-batches."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, 0x0B10C, block])
        lines: list[PreparedLine] = []
        labels: list[list[int]] = []
        too_long = 0
        charset = self.spec.charset
        for index in range(block * self.batch.block_lines, (block + 1) * self.batch.block_lines):
            image, text = self.source.line(index)
            line, label = prepare(image, self.spec), charset.encode(text)
            if ctc_length(label) > self.spec.time_steps(line.width):
                too_long += 1
                continue
            lines.append(line)
            labels.append(label)
        widths = [self._padded_width(line.width, rng) for line in lines]
        plan = plan_batches(widths, self.spec, area=self.batch.area)
        order = rng.permutation(len(plan))
        batches = [self._micro_batch(plan[i].width, plan[i].indices, lines, labels) for i in order]
        return Block(batches, too_long)

    def _padded_width(self, width: int, rng: np.random.Generator) -> int:
        ladder = self.spec.ladder
        rung = ladder.index(self.spec.rung(width))
        if rng.random() < self.batch.pad_wider:
            rung = min(rung + int(rng.integers(1, self.batch.pad_wider_rungs + 1)), len(ladder) - 1)
        return ladder[rung]

    def _micro_batch(
        self, width: int, indices: tuple[int, ...], lines: list[PreparedLine], labels: list[list[int]]
    ) -> MicroBatch:
        members = [lines[i] for i in indices]
        targets = [labels[i] for i in indices]
        return MicroBatch(
            torch.from_numpy(stack(members, width, self.spec)),
            torch.tensor([self.spec.time_steps(line.width) for line in members]),
            torch.tensor([c for label in targets for c in label]),
            torch.tensor([len(label) for label in targets]),
        )


def _identity(item: Any) -> Any:
    return item


def blocks(dataset: BlockDataset, start: int, workers: int) -> Iterator[Block]:
    """Blocks ``start``, ``start + 1``, ... without end, rendered ahead by ``workers`` processes (0: in this one)."""
    sampler = range(start, 1 << 40)
    loader: DataLoader[Block] = DataLoader(
        dataset,
        batch_size=None,
        sampler=sampler,
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        multiprocessing_context="spawn" if workers else None,
        collate_fn=_identity,
        worker_init_fn=_quiet_worker if workers else None,
    )
    yield from loader


def _quiet_worker(worker: int) -> None:
    """One thread a worker, and Ctrl-C is the trainer's business: it finishes its step and saves."""
    import signal

    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
