"""The recogniser on TensorRT: a built ``.engine`` file, thin over the vendor's Python API (10.12 and newer, 11).

https://docs.nvidia.com/deeplearning/tensorrt/latest/_static/python-api/. Device memory is CUDA's own, by
``cuda.bindings.runtime``. ``docs/export.md`` says what of this has been run on a GPU and what has not.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np

from nordocr.batching import AREA
from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing
from nordocr.linespec import CEILING, FloatArray
from nordocr.recognize.contract import INPUT, OUTPUT, check_names, prove, sha256
from nordocr.recognize.engine import LineRecognizer, Load, Scores
from nordocr.recognize.temperature import find_temperature
from nordocr.recognize.tensorrt_facts import checked, load_cuda, load_tensorrt, read_facts, this_machine

# While one batch is computed, another is prepared or decoded.
_WORKERS: Final = 2

Shape = tuple[int, ...]


class TensorRTRecognizer(LineRecognizer):
    """A :class:`nordocr.recognize.base.Recognizer` that runs one engine file.

    ``max_input_width`` in pixels is bounded by what the engine's profiles hold. ``linespec``: a file that says the
    LineSpec where ``NAME_meta.yaml`` does not lie beside the engine. ``threads`` prepare and decode batches
    at the same time, 0 for two. Raises :class:`ModelMissing`,
    :class:`EngineUnavailable` without TensorRT or a GPU, :class:`nordocr.errors.EngineMismatch` for an engine of
    another GPU or TensorRT version, and :class:`ModelInvalid` for one that breaks the contract.
    """

    name = "tensorrt"

    def __init__(
        self,
        model: Path,
        *,
        max_input_width: int = CEILING,
        batch_area: int = 32 * 768,
        max_batch: int | None = None,
        linespec: Path | None = None,
        threads: int = 0,
    ) -> None:
        if not model.is_file():
            raise ModelMissing(f"There is no model file {model}.")
        self._engine = Engine.open(model)
        spec = prove(model, {}, linespec, self._engine.scores)
        most = self._engine.max_batch
        load = Load(
            min(max_input_width, self._engine.max_width),
            batch_area,
            most if max_batch is None else min(most, max_batch),
            threads or _WORKERS,
        )
        super().__init__(model.name, sha256(model), spec, load, find_temperature(model, {}))

    @classmethod
    def from_config(cls, model: Path, config: ReadingConfig) -> TensorRTRecognizer:
        """Open an engine file as the configuration says."""
        return cls(
            model,
            max_input_width=config.ceiling,
            batch_area=config.batch_area or AREA,
            max_batch=config.max_batch,
            linespec=config.linespec,
            threads=config.threads,
        )

    def scores(self, batch: FloatArray) -> Scores:
        """float32 ``[B, 3, height, rung]`` to ``[B, T, classes]``."""
        return self._engine.scores(batch)

    def close(self) -> None:
        """Free the engine and its device memory; reading afterwards is an error."""
        super().close()
        self._engine.close()


class Engine:
    """A deserialised engine with its stream and device memory; one batch at a time, callable from several threads."""

    def __init__(self, trt: Any, cuda: Any, plan: bytes, source: Path) -> None:
        self._cuda = cuda
        self._source = source
        self._lock = threading.Lock()
        log = logger_of(trt)
        self._runtime: Any = trt.Runtime(log)
        self._engine: Any = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise ModelInvalid(f"{source} is not an engine that TensorRT {trt.__version__} can load: {log.last()}.")
        self._check(trt)
        ranges = range(self._engine.num_optimization_profiles)
        self._profiles = [
            tuple(tuple(int(d) for d in shape) for shape in self._engine.get_tensor_profile_shape(INPUT, i))
            for i in ranges
        ]
        self._context: Any = self._engine.create_execution_context()
        if self._context is None:
            raise EngineUnavailable(f"{source} needs more memory than this GPU has: {log.last()}.")
        self._stream: Any = checked(cuda, cuda.cudaStreamCreate(), "make a stream")
        self._profile = 0
        self._held: dict[str, tuple[int, int]] = {}

    @classmethod
    def open(cls, path: Path) -> Engine:
        """Load an engine file, refused first where its ``*_meta.yaml`` says that it does not belong here."""
        trt, cuda = load_tensorrt(), load_cuda()
        facts = read_facts(path)
        if facts is not None:
            facts.require_fit(this_machine(trt, cuda), path)
        return cls(trt, cuda, path.read_bytes(), path)

    @property
    def max_width(self) -> int:
        """The widest input in pixels that any profile holds."""
        return max(high[3] for _, _, high in self._profiles)

    @property
    def max_batch(self) -> int:
        """Lines that every profile holds in one batch."""
        return min(high[0] for _, _, high in self._profiles)

    def scores(self, batch: FloatArray) -> Scores:
        """float32 ``[B, 3, height, W]`` to ``[B, T, classes]`` float32; larger batches than the profiles' in pieces."""
        with self._lock:
            most = self.max_batch
            pieces = [self._infer(np.ascontiguousarray(batch[i : i + most])) for i in range(0, len(batch), most)]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def close(self) -> None:
        """Free device memory, stream and engine; harmless a second time."""
        with self._lock:
            for address, _ in self._held.values():
                self._cuda.cudaFree(address)
            self._held = {}
            if self._stream is not None:
                self._cuda.cudaStreamDestroy(self._stream)
            self._stream = self._context = self._engine = self._runtime = None

    def _infer(self, batch: FloatArray) -> Scores:
        cuda, context, stream = self._cuda, self._context, int(self._stream)
        profile = self._profile_for(batch.shape)
        if profile != self._profile:
            if not context.set_optimization_profile_async(profile, stream):
                raise EngineUnavailable(f"{self._source} does not switch to its profile {profile}.")
            self._profile = profile
        if not context.set_input_shape(INPUT, batch.shape):
            raise ModelInvalid(f"{self._source} does not take an input of {batch.shape}.")
        out = np.empty(tuple(int(d) for d in context.get_tensor_shape(OUTPUT)), np.float32)
        source, target = self._memory(INPUT, batch.nbytes), self._memory(OUTPUT, out.nbytes)
        context.set_tensor_address(INPUT, source)
        context.set_tensor_address(OUTPUT, target)
        kind = cuda.cudaMemcpyKind
        send = cuda.cudaMemcpyAsync(source, batch.ctypes.data, batch.nbytes, kind.cudaMemcpyHostToDevice, self._stream)
        checked(cuda, send, "copy lines to the GPU")
        if not context.execute_async_v3(stream):
            raise EngineUnavailable(f"{self._source} could not run on an input of {batch.shape}.")
        take = cuda.cudaMemcpyAsync(out.ctypes.data, target, out.nbytes, kind.cudaMemcpyDeviceToHost, self._stream)
        checked(cuda, take, "copy scores from the GPU")
        checked(cuda, cuda.cudaStreamSynchronize(self._stream), "finish a batch")
        return out

    def _profile_for(self, shape: Shape) -> int:
        for index, (low, _, high) in enumerate(self._profiles):
            if all(a <= b <= c for a, b, c in zip(low, shape, high, strict=True)):
                return index
        raise ModelInvalid(f"{self._source} has no profile for an input of {shape}; it has {self._profiles}.")

    def _memory(self, name: str, size: int) -> int:
        """Device memory of at least ``size`` bytes for a tensor; it grows to the largest batch and is used again."""
        address, held = self._held.get(name, (0, 0))
        if held < size:
            if held:
                checked(self._cuda, self._cuda.cudaFree(address), "free memory")
                del self._held[name]
            address = int(checked(self._cuda, self._cuda.cudaMalloc(size), f"take {size} bytes"))
            self._held[name] = (address, size)
        return address

    def _check(self, trt: Any) -> None:
        engine = self._engine
        names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
        inputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT]
        check_names(inputs, [n for n in names if n not in inputs], self._source)
        for name in (INPUT, OUTPUT):
            if engine.get_tensor_dtype(name) != trt.float32:
                raise ModelInvalid(f"{self._source} has {name} in {engine.get_tensor_dtype(name)}, not in float32.")


def logger_of(trt: Any) -> Any:
    """Make a logger for TensorRT that keeps errors instead of printing them; ``last()`` is the latest, in one line."""
    severity = trt.ILogger.Severity

    class Log(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.said: list[str] = []

        def log(self, level: Any, message: str) -> None:
            if level in (severity.ERROR, severity.INTERNAL_ERROR):
                self.said.append(message)

        def last(self) -> str:
            lines = self.said[-1].strip().splitlines() if self.said else []
            return lines[0].rstrip(".")[:200] if lines else "it says no more"

    return Log()
