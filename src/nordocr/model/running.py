"""Ways of running a network for reading: as it is, compiled, or as CUDA graphs, one for each width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

from nordocr.errors import EngineUnavailable

Mode = Literal["eager", "compiled", "graphs"]

_WARM_RUNS: Final = 3


def runner(network: nn.Module, mode: Mode, device: torch.device) -> Callable[[Tensor], Tensor]:
    """Return a function from ``[B, 3, H, W]`` to scores that runs ``network`` in ``mode``.

    ``compiled`` compiles once, with open batch and width. Raises :class:`EngineUnavailable` for ``graphs`` elsewhere
    than on CUDA.
    """
    if mode == "compiled":
        compiled: Callable[[Tensor], Tensor] = torch.compile(network, dynamic=True)
        return compiled
    if mode == "graphs":
        if device.type != "cuda":
            raise EngineUnavailable(f"CUDA graphs need a CUDA device, not {device.type}.")
        return Graphs(network)
    return network


def device_of(name: str) -> torch.device:
    """Return the device ``cpu`` or ``cuda``; :class:`EngineUnavailable` where this PyTorch finds no CUDA device."""
    if name == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda or "no CUDA"
        raise EngineUnavailable(f"PyTorch {torch.__version__} (built with {built}) finds no CUDA device here.")
    if name == "cuda":
        take_any_shape()
    return torch.device(name)


def take_any_shape() -> None:
    """Have attention on a GPU computed by kernels that are there, not by cuDNN's, which are built for every new shape.

    PyTorch 2.11 prefers cuDNN's on Hopper. On an H200 they took 45 ms forward and 35 ms backward for each block and
    each new pair of lines and width, and batches of text lines hardly ever have the same twice: three models that could
    have been trained at 1,280 lines a second were at 104 to 255.
    """
    torch.backends.cuda.enable_cudnn_sdp(False)


def autocast_of(precision: str, device: torch.device) -> torch.dtype | None:
    """Return the dtype to autocast to, None for float32; :class:`EngineUnavailable` where PyTorch has none."""
    if precision in {"auto", "f32"}:
        return None
    if precision == "bf16":
        return torch.bfloat16
    if precision == "f16" and device.type == "cuda":
        return torch.float16
    raise EngineUnavailable(f"The PyTorch engine does not compute in {precision} on {device.type}.")


class Graphs:
    """The network as CUDA graphs: one a shape, recorded at the first batch of it and replayed for the others.

    A network of small kernels spends more time in launching them than in computing; a replay launches them all at
    once. The number of lines is rounded up to a power of two, so that few shapes occur; the lines added are white.
    """

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._recorded: dict[tuple[int, ...], tuple[Any, Tensor, Tensor]] = {}

    def __call__(self, pixels: Tensor) -> Tensor:
        """``[B, 3, H, W]`` on CUDA to ``[B, T, classes]``, a copy of the graph's own output."""
        lines = pixels.shape[0]
        shape = (1 << (lines - 1).bit_length(), *pixels.shape[1:])
        if shape not in self._recorded:
            self._recorded[shape] = self._record(shape, pixels)
        graph, held, scores = self._recorded[shape]
        held[:lines].copy_(pixels)
        held[lines:].fill_(1.0)
        graph.replay()
        return scores[:lines].clone()

    def _record(self, shape: tuple[int, ...], like: Tensor) -> tuple[Any, Tensor, Tensor]:
        held = torch.ones(shape, dtype=like.dtype, device=like.device)
        # Kernels are chosen and memory is taken on another stream before the recording, as PyTorch asks for.
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_RUNS):
                self._network(held)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            scores: Tensor = self._network(held)
        return graph, held, scores
