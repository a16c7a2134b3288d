"""A stand-in for ``tensorrt`` with the names and the rules of the real package; ``Cuda`` is the one for CUDA.

The names are those of TensorRT 11.4's Python bindings. A plan is the ONNX graph with its profiles; running it is ONNX
Runtime's work, through addresses of real memory. It keeps the vendor's rules that our code could break: no precision
flags, shapes inside the active profile, addresses set before running, every call's error looked at.
"""

from __future__ import annotations

import ctypes
import enum
import json
import types
from typing import Any

import numpy as np
import onnx
import onnxruntime
from tests.recognize.cuda_double import Cuda as Cuda


class _Severity(enum.Enum):
    INTERNAL_ERROR = 0
    ERROR = 1
    WARNING = 2


class ILogger:
    Severity = _Severity

    def __init__(self) -> None:
        self.base_initialised = True


class TensorIOMode(enum.Enum):
    NONE = 0
    INPUT = 1
    OUTPUT = 2


class MemoryPoolType(enum.Enum):
    WORKSPACE = 0


class HardwareCompatibilityLevel(enum.Enum):
    NONE = 0
    AMPERE_PLUS = 1


class NetworkDefinitionCreationFlag(enum.IntEnum):
    STRONGLY_TYPED = 1


class Profile:
    def __init__(self) -> None:
        self.shapes: dict[str, Any] = {}

    def set_shape(self, name: str, low: Any, opt: Any, high: Any) -> None:
        assert all(a <= b <= c for a, b, c in zip(low, opt, high, strict=True)), "a profile's shapes must rise"
        self.shapes[name] = [list(low), list(opt), list(high)]


class TimingCache:
    def __init__(self, held: bytes) -> None:
        self.held = held

    def serialize(self) -> bytes:
        return self.held or b"timings"


class Config:
    def __init__(self) -> None:
        self.profiles: list[Profile] = []
        self.pools: dict[Any, int] = {}
        self.cache: TimingCache | None = None
        self.hardware_compatibility_level = HardwareCompatibilityLevel.NONE

    def set_memory_pool_limit(self, pool: MemoryPoolType, size: int) -> None:
        self.pools[pool] = size

    def add_optimization_profile(self, profile: Profile) -> int:
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, held: bytes) -> TimingCache:
        return TimingCache(held)

    def set_timing_cache(self, cache: TimingCache, ignore_mismatch: bool) -> bool:
        if cache.held.startswith(b"foreign") and not ignore_mismatch:
            return False
        self.cache = cache
        return True

    def get_timing_cache(self) -> TimingCache | None:
        return self.cache


class Network:
    graph: bytes = b""


class _Error:
    def desc(self) -> str:
        return "Failed to parse the graph"


class OnnxParser:
    def __init__(self, network: Network, logger: ILogger) -> None:
        self.network = network
        self.num_errors = 0

    def parse(self, graph: bytes) -> bool:
        try:
            onnx.checker.check_model(onnx.load_from_string(graph))
        except Exception:
            self.num_errors = 1
            return False
        self.network.graph = graph
        return True

    def get_error(self, index: int) -> _Error:
        return _Error()


class Builder:
    log: list[Builder] = []  # noqa: RUF012

    def __init__(self, logger: ILogger) -> None:
        assert logger.base_initialised
        self.logger = logger
        self.flags = -1
        self.config = Config()
        Builder.log.append(self)

    def create_network(self, flags: int = 0) -> Network:
        self.flags = flags
        return Network()

    def create_builder_config(self) -> Config:
        return self.config

    def create_optimization_profile(self) -> Profile:
        return Profile()

    def build_serialized_network(self, network: Network, config: Config) -> bytes | None:
        if not config.profiles or config.pools.get(MemoryPoolType.WORKSPACE, 0) < 1024:
            self.logger.log(_Severity.ERROR, "Error Code 4: no workspace or no profile.")  # type: ignore[attr-defined]
            return None
        header = json.dumps([profile.shapes for profile in config.profiles]).encode()
        return b"PLAN" + len(header).to_bytes(4, "little") + header + network.graph


class Context:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.profile = 0
        self.shape: tuple[int, ...] | None = None
        self.addresses: dict[str, int] = {}

    def set_optimization_profile_async(self, index: int, stream: int) -> bool:
        assert isinstance(stream, int)
        self.profile, self.shape = index, None
        return index < len(self.engine.profiles)

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        low, _, high = self.engine.profiles[self.profile][name]
        if not all(a <= b <= c for a, b, c in zip(low, shape, high, strict=True)):
            return False
        self.shape = tuple(shape)
        return True

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        assert self.shape is not None, "the input's shape is not set"
        return (self.shape[0], -(-self.shape[3] // 4), self.engine.classes)

    def set_tensor_address(self, name: str, address: int) -> bool:
        assert isinstance(address, int)
        self.addresses[name] = address
        return True

    def execute_async_v3(self, stream: int) -> bool:
        if self.shape is None or set(self.addresses) != {"input", "output"}:
            return False
        batch = _view(self.addresses["input"], self.shape).copy()
        scores = self.engine.session.run(["output"], {"input": batch})[0]
        _view(self.addresses["output"], scores.shape)[:] = scores
        return True


class Engine:
    def __init__(self, profiles: list[dict[str, Any]], graph: bytes) -> None:
        self.profiles = profiles
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.classes = self.session.get_outputs()[0].shape[2]
        self.names = [*(i.name for i in self.session.get_inputs()), *(o.name for o in self.session.get_outputs())]
        self.num_io_tensors = len(self.names)
        self.num_optimization_profiles = len(profiles)

    def get_tensor_name(self, index: int) -> str:
        return self.names[index]

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return TensorIOMode.INPUT if name == self.names[0] else TensorIOMode.OUTPUT

    def get_tensor_dtype(self, name: str) -> str:
        return "float32"

    def get_tensor_profile_shape(self, name: str, index: int) -> list[tuple[int, ...]]:
        return [tuple(shape) for shape in self.profiles[index][name]]

    def create_execution_context(self) -> Context:
        return Context(self)


class Runtime:
    def __init__(self, logger: ILogger) -> None:
        self.logger = logger

    def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
        if not plan.startswith(b"PLAN"):
            self.logger.log(_Severity.ERROR, "Serialization assertion magicTagRead failed.\n")  # type: ignore[attr-defined]
            return None
        end = 8 + int.from_bytes(plan[4:8], "little")
        return Engine(json.loads(plan[8:end]), plan[end:])


def tensorrt(version: str = "11.4.0.106") -> types.ModuleType:
    """The module: of TensorRT 11, or of 10 by its version."""
    module = types.ModuleType("tensorrt")
    for item in (
        ILogger, TensorIOMode, MemoryPoolType, HardwareCompatibilityLevel, NetworkDefinitionCreationFlag, OnnxParser,
        Builder, Runtime,
    ):  # fmt: skip
        setattr(module, item.__name__, item)
    module.__version__ = version  # type: ignore[attr-defined]
    module.float32 = "float32"  # type: ignore[attr-defined]
    return module


def _view(address: int, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    block = (ctypes.c_float * int(np.prod(shape))).from_address(address)
    return np.frombuffer(block, np.float32).reshape(shape)
