"""A stand-in for ``cuda.bindings.runtime`` with ordinary memory in place of a GPU's."""

from __future__ import annotations

import ctypes
import enum
import types
from typing import Any


class _CudaError(enum.IntEnum):
    cudaSuccess = 0  # noqa: N815
    cudaErrorNoDevice = 100  # noqa: N815


class CudaMemcpyKind(enum.IntEnum):
    cudaMemcpyHostToDevice = 1  # noqa: N815
    cudaMemcpyDeviceToHost = 2  # noqa: N815


class Cuda(types.ModuleType):
    """``cuda.bindings.runtime``: every call gives a tuple, the error first. ``held``: live allocations by address."""

    cudaMemcpyKind = CudaMemcpyKind  # noqa: N815

    def __init__(self, architecture: str = "8.6", *, device: bool = True) -> None:
        super().__init__("cuda.bindings.runtime")
        self.major, self.minor = (int(part) for part in architecture.split("."))
        self.device = device
        self.held: dict[int, Any] = {}
        self.allocations = 0

    def cudaGetDevice(self) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess, 0) if self.device else (_CudaError.cudaErrorNoDevice, 0)

    def cudaGetDeviceProperties(self, device: int) -> tuple[Any, ...]:  # noqa: N802
        found = types.SimpleNamespace(major=self.major, minor=self.minor, name=b"NVIDIA Double\0\0")
        return (_CudaError.cudaSuccess, found)

    def cudaDriverGetVersion(self) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess, 13000)

    def cudaGetErrorName(self, error: Any) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess, error.name.encode())

    def cudaStreamCreate(self) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess, 7)

    def cudaStreamDestroy(self, stream: Any) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess,)

    def cudaStreamSynchronize(self, stream: Any) -> tuple[Any, ...]:  # noqa: N802
        return (_CudaError.cudaSuccess,)

    def cudaMalloc(self, size: int) -> tuple[Any, ...]:  # noqa: N802
        block = ctypes.create_string_buffer(size)
        address = ctypes.addressof(block)
        self.held[address] = block
        self.allocations += 1
        return (_CudaError.cudaSuccess, address)

    def cudaFree(self, address: int) -> tuple[Any, ...]:  # noqa: N802
        del self.held[address]
        return (_CudaError.cudaSuccess,)

    def cudaMemcpyAsync(self, to: int, source: int, size: int, kind: Any, stream: Any) -> tuple[Any, ...]:  # noqa: N802
        device = to if kind == CudaMemcpyKind.cudaMemcpyHostToDevice else source
        assert size <= len(self.held[device]), "more is copied than was allocated"
        ctypes.memmove(to, source, size)
        return (_CudaError.cudaSuccess,)
