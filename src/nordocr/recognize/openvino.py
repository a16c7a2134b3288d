"""The recogniser on OpenVINO: ONNX files and OpenVINO's own ``.xml``, in float32, bfloat16, float16 or int8.

The network is compiled once with open dimensions, or once for each rung of the ladder with every dimension fixed
(``rungs``), which reads about a tenth more lines a second and takes a quarter of a second a rung to compile. Requests
run side by side, a stream and a thread each.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from nordocr.batching import CPU_AREA
from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing
from nordocr.linespec import CEILING, FloatArray
from nordocr.recognize.contract import OUTPUT, check_dimensions, check_names, prove, reason, sha256
from nordocr.recognize.engine import LineRecognizer, Load, Scores, cores
from nordocr.recognize.modelspec import RT_INFO
from nordocr.recognize.openvino_core import shared_core
from nordocr.recognize.temperature import find_temperature

Precision = Literal["auto", "f32", "bf16", "f16", "int8"]
Shapes = Literal["dynamic", "rungs"]

HINTS: Final[Mapping[str, str]] = {"auto": "f32", "f32": "f32", "bf16": "bf16", "f16": "f16", "int8": "f32"}
"""OpenVINO's hint for each precision. The int8 parts of a quantised model stay int8; the hint is for the rest."""

_CAPABILITY: Final = {"bf16": "BF16", "f16": "FP16", "int8": "INT8"}
_RUNS_AS: Final = {"f32": {"f32"}, "bf16": {"bf16"}, "f16": {"f16"}, "int8": {"i8", "u8"}}
_HEAVY: Final = ("FullyConnected", "Convolution", "MatMul", "GroupConvolution")


class OpenVinoRecognizer(LineRecognizer):
    """A :class:`nordocr.recognize.base.Recognizer` on OpenVINO's CPU device.

    ``precision``: ``auto`` is float32. One that the processor or the model does not have is :class:`EngineUnavailable`,
    never another one silently. ``shapes``: see above. The other parameters and errors as in
    :class:`nordocr.recognize.onnx.OnnxRecognizer`.
    """

    name = "openvino"

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 0,
        max_input_width: int = CEILING,
        batch_area: int | None = None,
        max_batch: int | None = None,
        linespec: Path | None = None,
        precision: Precision = "auto",
        shapes: Shapes = "dynamic",
    ) -> None:
        if not model.is_file():
            raise ModelMissing(f"There is no model file {model}.")
        workers = threads or cores()
        self.precision = precision
        self.shapes = shapes
        self._core: Any = shared_core()
        self._network: Any = _read(self._core, model)
        self._options = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": workers,
            "NUM_STREAMS": workers,
            # Pinned threads of two processes would share the first cores and leave the others idle.
            "ENABLE_CPU_PINNING": False,
        }
        _check_capability(self._core, precision)
        names = [[port.get_any_name() for port in ports] for ports in (self._network.inputs, self._network.outputs)]
        check_names(names[0], names[1], model)
        shape = [size.get_length() if size.is_static else None for size in self._network.inputs[0].partial_shape]
        check_dimensions(shape, model)
        self._compiled: dict[int, Any] = {}
        self._compiling = threading.Lock()
        self._requests = threading.local()
        self._output = names[1].index(OUTPUT)
        metadata = _metadata(self._network)
        spec = prove(model, metadata, linespec, self.scores)
        check_dimensions(shape, model, spec.height)
        if precision != "auto":
            _check_used(next(iter(self._compiled.values())), precision, model)
        self._requests = threading.local()
        self._compiled.clear() if shapes == "rungs" else None
        super().__init__(
            model.name,
            sha256(model),
            spec,
            Load(max_input_width, batch_area or CPU_AREA, max_batch, workers),
            find_temperature(model, metadata),
        )

    @classmethod
    def from_config(cls, model: Path, config: ReadingConfig) -> OpenVinoRecognizer:
        """Open a model file as the configuration says."""
        return cls(
            model,
            threads=config.threads,
            max_input_width=config.ceiling,
            batch_area=config.batch_area,
            max_batch=config.max_batch,
            linespec=config.linespec,
            precision=config.precision,
            shapes=config.shapes,
        )

    def scores(self, batch: FloatArray) -> Scores:
        """float32 ``[B, 3, height, rung]`` to ``[B, T, classes]``."""
        if self.shapes == "rungs":
            # One line at a time: with every dimension fixed a batch gains nothing, and none has to be filled up.
            return np.concatenate([self._run(batch.shape[3], batch[i : i + 1]) for i in range(len(batch))])
        return self._run(0, batch)

    def close(self) -> None:
        """Free the network; reading afterwards is an error."""
        super().close()
        self._compiled, self._requests = {}, threading.local()
        self._network = self._core = None

    def _run(self, width: int, batch: FloatArray) -> Scores:
        held: dict[int, Any] = self._requests.__dict__.setdefault("held", {})
        request = held.get(width)
        if request is None:
            request = held[width] = self._network_for(width, batch.shape[2]).create_infer_request()
        request.infer([batch], share_inputs=True)
        # A copy: the request's own memory is written again by the next batch.
        scores: Scores = np.array(request.get_output_tensor(self._output).data)
        return scores

    def _network_for(self, width: int, height: int) -> Any:
        """Return the network compiled for one line of ``width`` pixels, or with open dimensions for 0."""
        with self._compiling:
            if width not in self._compiled:
                network = self._network
                if width:
                    network = network.clone()
                    network.reshape([1, 3, height, width])
                self._compiled[width] = self._core.compile_model(network, "CPU", self._options)
            return self._compiled[width]


def _read(core: Any, model: Path) -> Any:
    try:
        return core.read_model(str(model))
    except RuntimeError as error:
        raise ModelInvalid(f"{model} is not a model that OpenVINO can open: {_told(error)}.") from error


def _told(error: Exception) -> str:
    """Return OpenVINO's message: its last line; those before it are places in OpenVINO's source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else reason(error)).rstrip(".")[:200]


def _metadata(network: Any) -> dict[str, str]:
    """Return the model's metadata: the section of an ``.xml`` that our export writes, or that of ONNX."""
    for section in (RT_INFO, "framework"):
        if network.has_rt_info([section]):
            held = network.get_rt_info([section])
            held = getattr(held, "value", held)
            if isinstance(held, dict):
                return {str(key): str(getattr(value, "value", value)) for key, value in held.items()}
    return {}


def _check_capability(core: Any, precision: str) -> None:
    needed = _CAPABILITY.get(precision)
    there = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if needed is not None and needed not in there:
        raise EngineUnavailable(f"This processor has no {precision} for OpenVINO; it has {', '.join(sorted(there))}.")


def _check_used(compiled: Any, precision: str, model: Path) -> None:
    """Raise :class:`EngineUnavailable` if no matrix product or convolution runs in the precision asked for."""
    kinds = [operation.get_rt_info() for operation in compiled.get_runtime_model().get_ops()]
    heavy = {_text(kind, "runtimePrecision") for kind in kinds if _text(kind, "layerType") in _HEAVY}
    if heavy and not heavy & _RUNS_AS[precision]:
        advice = "; quantise it with nordocr export int8" if precision == "int8" else ""
        raise EngineUnavailable(
            f"{model} runs in {', '.join(sorted(heavy))} under OpenVINO, not in {precision}{advice}."
        )


def _text(kind: Any, key: str) -> str:
    value = kind[key] if key in kind else ""  # noqa: SIM401 - OpenVINO's map has no get()
    return str(getattr(value, "value", value))
