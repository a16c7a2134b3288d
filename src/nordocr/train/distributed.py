"""Several processes, one training: started by ``torchrun``, over GPUs (NCCL) or CPUs (Gloo).

Process r of N takes every N-th block from block r on. There is no DistributedDataParallel around the model: the loss
is a mean over the lines of all processes, whose numbers of lines and of micro-batches differ from step to step, and
DDP would average gradients by process and wait at every micro-batch. So each process sums its gradients, and once a
step they are added up in one all-reduce and divided by the number of lines.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from nordocr.errors import TrainingFailed


@dataclass(frozen=True)
class Ranks:
    """This process among all: ``rank`` of ``world``; ``local_world`` of them are on this machine."""

    rank: int = 0
    world: int = 1
    local_world: int = 1

    @classmethod
    def from_environment(cls) -> Ranks:
        """Read what torchrun says in ``RANK``, ``WORLD_SIZE`` and ``LOCAL_WORLD_SIZE``; alone without it."""
        world = int(os.environ.get("WORLD_SIZE", "1"))
        return cls(int(os.environ.get("RANK", "0")), world, int(os.environ.get("LOCAL_WORLD_SIZE", str(world))))

    @property
    def first(self) -> bool:
        """Whether this process is the one that reports, validates and writes."""
        return self.rank == 0

    @contextmanager
    def joined(self, device: torch.device) -> Iterator[Ranks]:
        """Connect all processes inside the ``with`` block."""
        if self.world > 1:
            # CPU tensors go by Gloo even where gradients go by NCCL, so that counting lines never waits for a GPU.
            dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
        try:
            yield self
            if self.world > 1:
                # Nobody takes his end of a connection away while another may still be using it.
                dist.barrier()
        finally:
            if self.world > 1:
                dist.destroy_process_group()

    def leave(self) -> None:
        """End a process of several whose work is done, at once and with status 0; alone, do nothing.

        Taking an interpreter down beside the threads of PyTorch and Gloo has once aborted a process (signal 6) after
        its last checkpoint, and torchrun then calls the whole training failed.
        """
        if self.world > 1:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def totals(self, *values: float) -> list[float]:
        """Return the sums of the values over all processes."""
        if self.world == 1:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(tensor)
        found: list[float] = tensor.tolist()
        return found

    def gather(self, value: Any) -> list[Any]:
        """Return ``value`` of every process, by rank; any object that pickles."""
        if self.world == 1:
            return [value]
        found: list[Any] = [None] * self.world
        dist.all_gather_object(found, value)
        return found

    def average_gradients(self, model: nn.Module, lines: float, loss: Tensor) -> Tensor:
        """Turn gradients of summed losses into those of the mean loss over all processes' lines.

        Running statistics of batch norm become the mean over the processes.

        Args:
            model: The model, whose gradients and statistics are changed.
            lines: Lines of this step, of all processes.
            loss: This process's summed loss, a scalar.

        Returns:
            The summed loss of all processes.
        """
        gradients = []
        for parameter in model.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
        if self.world > 1:
            statistics = [buffer for buffer in model.buffers() if buffer.is_floating_point()]
            together = [loss.reshape(1), *gradients, *statistics]
            flat = torch.cat([tensor.reshape(-1) for tensor in together])
            dist.all_reduce(flat)
            parts = torch.split(flat, [tensor.numel() for tensor in together])
            loss = parts[0][0]
            torch._foreach_copy_(gradients, _shaped(parts[1:], gradients))
            torch._foreach_copy_(statistics, _shaped(parts[1 + len(gradients) :], statistics))
            torch._foreach_div_(statistics, self.world)
        torch._foreach_div_(gradients, lines)
        return loss

    def share_weights(self, model: nn.Module) -> None:
        """Give every process the first one's weights: rows of a head that are new were drawn by each for itself."""
        if self.world > 1:
            with torch.no_grad():
                for tensor in model.state_dict().values():
                    dist.broadcast(tensor, 0)

    def require_same_weights(self, model: nn.Module) -> None:
        """Raise :class:`TrainingFailed` where the processes' weights have drifted apart."""
        if self.world > 1:
            with torch.no_grad():
                total = torch.stack([p.double().abs().sum() for p in model.parameters()]).sum().item()
            if len(set(self.gather(total))) > 1:
                raise TrainingFailed("The processes' weights are no longer the same.")


def _shaped(parts: Sequence[Tensor], like: Sequence[Tensor]) -> list[Tensor]:
    return [part.view(tensor.shape) for part, tensor in zip(parts, like, strict=False)]
