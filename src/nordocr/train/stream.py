"""Lines to micro-batches, deterministic: block b of a recipe is a pure function of (recipe, b).

A block of lines is rendered, prepared by the LineSpec, grouped by the one batching policy and shuffled, all inside one
worker; so the sequence of micro-batches does not depend on how many workers there are, and a training resumes by
asking for block b again.
"""

from __future__ import annotations

import itertools
import os
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from nordocr.batching import plan_batches
from nordocr.errors import InputUnreadable
from nordocr.families import family_of
from nordocr.linespec import LineSpec, PreparedLine, prepare, stack
from nordocr.train.mixture import LineSource
from nordocr.train.recipe_parts import BatchPart

__all__ = ["Block", "BlockDataset", "LineSource", "MicroBatch", "blocks", "micro_batches", "worker_count"]

_MOST_FAULTS: Final = 3
"""Of how many lines of a block it is said why they were left out."""

_WORKERS_NICE: Final = 5
"""By how much workers give way to the trainer (``nice``)."""

_MOST_UNMADE: Final = 0.01
"""The share of a block's lines that may fail to be drawn; more is no accident."""


@dataclass(frozen=True)
class MicroBatch:
    """Lines of one padded width.

    ``pixels``: uint8 ``[B, 1 or 3, 32, W]``; ``widths``: int64 ``[B]``, each line's own unpadded width in pixels (the
    padded one where a recipe says ``padded_steps``); ``steps``: int64 ``[B]``, the rows of scores that the loss looks
    at: under CTC, T of these widths; ``targets``: int64, all labels end to end; ``target_lengths``: int64 ``[B]``.
    """

    pixels: Tensor
    widths: Tensor
    steps: Tensor
    targets: Tensor
    target_lengths: Tensor

    @property
    def lines(self) -> int:
        """Lines in this micro-batch."""
        return int(self.pixels.shape[0])

    def to(self, device: torch.device) -> MicroBatch:
        """Return it with pixels and targets on ``device``; lengths stay, as CTC wants them on the CPU."""
        pixels = self.pixels.to(device, non_blocking=True)
        return replace(self, pixels=pixels, targets=self.targets.to(device, non_blocking=True))

    def counted_for(self, spec: LineSpec) -> MicroBatch:
        """Return the same lines with the ``steps`` of another family's network, which ``spec`` is of."""
        family, lines = family_of(spec), zip(self.widths.tolist(), self.target_lengths.tolist(), strict=True)
        return replace(self, steps=torch.tensor([family.learned_rows(spec, *line) for line in lines]))


@dataclass(frozen=True)
class Block:
    """The micro-batches of one block, packed: five tensors travel from a worker, not five a micro-batch.

    ``pixels``: uint8, all images end to end; ``widths``, ``steps``, ``targets`` and ``target_lengths`` likewise;
    ``shapes``: the shape of each micro-batch's pixels; ``labels``: how many targets each holds. ``too_long`` and
    ``unreadable``: lines left out because their labels do not fit their width, or their image is damaged. ``faults``:
    why, of the first of the damaged ones, with the traceback where a line could not be made.
    """

    pixels: Tensor
    widths: Tensor
    steps: Tensor
    targets: Tensor
    target_lengths: Tensor
    shapes: tuple[tuple[int, int, int, int], ...]
    labels: tuple[int, ...]
    too_long: int
    unreadable: int
    faults: tuple[str, ...] = ()

    @property
    def batches(self) -> list[MicroBatch]:
        """Views of the block, one a micro-batch."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        counts = [shape[0] for shape in self.shapes]
        parts = zip(
            torch.split(self.pixels, sizes),
            torch.split(self.widths, counts),
            torch.split(self.steps, counts),
            torch.split(self.targets, list(self.labels)),
            torch.split(self.target_lengths, counts),
            self.shapes,
            strict=True,
        )
        return [MicroBatch(pixels.view(shape), *rest) for pixels, *rest, shape in parts]

    def pin_memory(self) -> Block:
        """Return the same block in pinned memory, from which a GPU copies without waiting; called by the DataLoader."""
        tensors = {f.name: getattr(self, f.name) for f in fields(self) if isinstance(getattr(self, f.name), Tensor)}
        return replace(self, **{name: tensor.pin_memory() for name, tensor in tensors.items()})


class BlockDataset(Dataset[Block]):
    """Item b is block b, of lines that networks of ``spec`` and of the ``others`` can be trained on."""

    def __init__(
        self, source: LineSource, spec: LineSpec, batch: BatchPart, seed: int, others: Sequence[LineSpec] = ()
    ) -> None:
        self.source = source
        self.spec = spec
        self.specs = (spec, *others)
        ceiling = min(family_of(one).ceiling(one) for one in self.specs)
        self.ladder = [rung for rung in spec.ladder if rung <= ceiling]
        self.batch = batch
        self.seed = seed

    def __getitem__(self, block: int) -> Block:
        """Render block ``block`` and cut it into shuffled micro-batches."""
        return self.made(block, lambda: False)

    def made(self, block: int, over: Callable[[], bool]) -> Block:
        """Return block ``block``, or as much of it as there is when ``over`` says that nobody waits for it any more."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, 0x0B10C, block])
        lines: list[PreparedLine] = []
        labels: list[list[int]] = []
        too_long = unreadable = unmade = 0
        faults: list[str] = []
        charset, family = self.spec.charset, family_of(self.spec)
        for index in range(block * self.batch.block_lines, (block + 1) * self.batch.block_lines):
            if over():
                break
            try:
                image, text = self.source.line(index)
            except InputUnreadable as error:
                unreadable += 1
                faults.append(f"Line {index} is left out: {error}")
                continue
            except Exception:
                # One line in a hundred thousand that cannot be drawn is no reason to end a training of days.
                unmade += 1
                if unmade > max(1, _MOST_UNMADE * self.batch.block_lines):
                    raise
                faults.append(f"Line {index} could not be made and is left out.\n{traceback.format_exc()}")
                continue
            line, label = prepare(image, self.spec), charset.encode(text)
            if not all(family_of(spec).fits(label, spec, line.width) for spec in self.specs):
                too_long += 1
                continue
            lines.append(line)
            labels.append(label)
        widths = [self._padded_width(line.width, rng) for line in lines]
        multiple = self.batch.lines_multiple
        plan = plan_batches(self._evened(widths, multiple), self.spec, area=self.batch.area, multiple=multiple)
        chosen = [plan[i] for i in rng.permutation(len(plan))]
        images = [stack([lines[i] for i in batch.indices], batch.width, self.spec) for batch in chosen]
        order = [i for batch in chosen for i in batch.indices]
        padded = [batch.width for batch in chosen for _ in batch.indices]
        spoken = padded if self.batch.padded_steps else [lines[i].width for i in order]
        lengths = [len(labels[i]) for i in order]
        steps = [family.learned_rows(self.spec, *line) for line in zip(spoken, lengths, strict=True)]
        return Block(
            torch.from_numpy(np.concatenate([image.reshape(-1) for image in images] or [np.empty(0, np.uint8)])),
            torch.tensor(spoken, dtype=torch.int64),
            torch.tensor(steps, dtype=torch.int64),
            torch.tensor([c for i in order for c in labels[i]], dtype=torch.int64),
            torch.tensor(lengths, dtype=torch.int64),
            tuple((len(image), *image.shape[1:]) for image in images),
            tuple(sum(len(labels[i]) for i in batch.indices) for batch in chosen),
            too_long,
            unreadable + unmade,
            tuple(faults[:_MOST_FAULTS]),
        )

    def _evened(self, widths: list[int], multiple: int) -> list[int]:
        """Move what a rung holds beyond a multiple of lines one rung up: the last ones, from the narrowest rung on."""
        evened = list(widths)
        if multiple == 1:
            return evened
        for rung, wider in itertools.pairwise(self.ladder):
            held = [place for place, width in enumerate(evened) if width == rung]
            for place in held[len(held) - len(held) % multiple :]:
                evened[place] = wider
        return evened

    def _padded_width(self, width: int, rng: np.random.Generator) -> int:
        if self.batch.full_width:
            return self.spec.rung(self.spec.max_width)
        rung = self.ladder.index(self.spec.rung(width))
        if rng.random() < self.batch.pad_wider:
            rung = min(rung + int(rng.integers(1, self.batch.pad_wider_rungs + 1)), len(self.ladder) - 1)
        return self.ladder[rung]


def _identity(item: Any) -> Any:
    return item


@dataclass(frozen=True)
class _UntilOver(Dataset[Block]):
    """Blocks as workers make them. A worker hears no signal (below) and is at a block for up to half a minute."""

    dataset: BlockDataset
    over: Event

    def __getitem__(self, block: int) -> Block:
        return self.dataset.made(block, self.over.is_set)


def blocks(dataset: BlockDataset, start: int, workers: int, *, every: int = 1, pin: bool = False) -> Iterator[Block]:
    """Make blocks ``start``, ``start + every``, ... without end, ahead by ``workers`` processes; ``pin`` for a GPU."""
    over = get_context("spawn").Event() if workers else None
    loader: DataLoader[Block] = DataLoader(
        dataset if over is None else _UntilOver(dataset, over),
        batch_size=None,
        sampler=range(start, 1 << 40, every),
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        multiprocessing_context="spawn" if workers else None,
        collate_fn=_identity,
        worker_init_fn=_quiet_worker if workers else None,
        pin_memory=pin,
        # A loader draws a number when it starts; from the common generator that would be one more a resumed training.
        generator=torch.Generator(),
    )
    iterator = iter(loader)
    try:
        yield from iterator
    finally:
        # After an error its traceback keeps the iterator from ending the workers: the interpreter would wait for them
        # for ever.
        if over is not None:
            over.set()
        end = getattr(iterator, "_shutdown_workers", None)
        if end is not None:
            end()


@dataclass(frozen=True)
class Next:
    """A micro-batch, the position (``block``, ``batch``) of the one after it, and what its block left out.

    ``too_long``, ``unreadable`` and ``faults`` are told once a block, with its first micro-batch.
    """

    micro_batch: MicroBatch
    block: int
    batch: int
    too_long: int
    unreadable: int
    faults: tuple[str, ...] = ()


def micro_batches(
    dataset: BlockDataset, block: int, batch: int, workers: int, *, every: int = 1, pin: bool = False
) -> Generator[Next, None, None]:
    """Make micro-batches from position (``block``, ``batch``) on, of every ``every``-th block."""
    skip = batch
    for number, held in enumerate(blocks(dataset, block, workers, every=every, pin=pin)):
        here = block + number * every
        batches = held.batches
        for index in range(skip, len(batches)):
            last = index + 1 == len(batches)
            left_out = (held.too_long, held.unreadable, held.faults) if index == 0 else (0, 0, ())
            yield Next(batches[index], here + every if last else here, 0 if last else index + 1, *left_out)
        skip = 0


def worker_count(wanted: int, processes: int) -> int:
    """Return ``wanted``, or where that is -1 the cores less one, shared among ``processes`` on this machine."""
    return wanted if wanted >= 0 else max(1, (os.cpu_count() or 2) // processes - 1)


def _quiet_worker(worker: int) -> None:
    """One thread a worker, behind the trainer. Signals are its business: it finishes its step, saves and ends them."""
    import signal

    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        # A GPU waits while the one process that launches its kernels waits for a core.
        os.nice(_WORKERS_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
