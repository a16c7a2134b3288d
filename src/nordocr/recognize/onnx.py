"""The recogniser on ONNX Runtime: CPU, CUDA, TensorRT or OpenVINO as its execution provider.

The model file has one input ``input`` float32 ``[batch, 3, height, width]`` and one output ``output`` float32
``[batch, T, classes]`` with T = ceil(width / 4); batch and width are dynamic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import onnxruntime

from nordocr.batching import AREA, CPU_AREA, batch_size
from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing, UsageError
from nordocr.linespec import CEILING, LADDER, FloatArray
from nordocr.recognize import providers
from nordocr.recognize.contract import INPUT, OUTPUT, check_dimensions, check_names, prove, reason, sha256
from nordocr.recognize.engine import LineRecognizer, Load, Scores, cores
from nordocr.recognize.temperature import find_temperature

Provider = Literal["cpu", "cuda", "tensorrt", "openvino"]

# On a GPU two threads are enough for one batch to be prepared and decoded while another is computed.
_GPU_WORKERS: Final = 2
_SAID_AS: Final = {"f32": (None, "fp32"), "f16": ("fp16",), "int8": ("int8",)}
_HEIGHT: Final = 32


class OnnxRecognizer(LineRecognizer):
    """A :class:`nordocr.recognize.base.Recognizer` that runs one ONNX file.

    ``threads``: batches that are read side by side, 0 for one a core on a CPU and two on a GPU.
    ``max_input_width``: the ceiling in pixels.
    ``batch_area``: lines x width in pixels of one batch, None for what is fastest; ``max_batch`` lines at most.
    ``linespec``: a file that says the LineSpec where the model does not. ``provider``: what computes; never another
    one silently.
    ``conv_search``: one of :data:`nordocr.recognize.providers.CONV_SEARCHES`, or None to measure which is fastest.
    ``precision``: what the file must be in, or ``auto`` for whatever it is in.
    Raises :class:`ModelMissing`, :class:`ModelInvalid` or, for a provider that does not work here,
    :class:`EngineUnavailable`.
    """

    name = "onnx"

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 0,
        max_input_width: int = CEILING,
        batch_area: int | None = None,
        max_batch: int | None = None,
        linespec: Path | None = None,
        provider: Provider = "cpu",
        conv_search: str | None = None,
        precision: str = "auto",
    ) -> None:
        if not model.is_file():
            raise ModelMissing(f"There is no model file {model}.")
        workers = threads or (cores() if provider in {"cpu", "openvino"} else _GPU_WORKERS)
        area = batch_area or (CPU_AREA if provider == "cpu" else AREA)
        load = Load(max_input_width, area, max_batch, workers)
        self.provider = provider
        self._session: Any = _opened(model, provider, load, conv_search)
        inputs = self._session.get_inputs()
        check_names([i.name for i in inputs], [o.name for o in self._session.get_outputs()], model)
        shape = [size if isinstance(size, int) else None for size in inputs[0].shape]
        check_dimensions(shape, model)
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        _check_precision(metadata.get("precision"), precision, model)
        spec = prove(model, metadata, linespec, self.scores)
        check_dimensions(shape, model, spec.height)
        super().__init__(model.name, sha256(model), spec, load, find_temperature(model, metadata))

    @classmethod
    def from_config(cls, model: Path, config: ReadingConfig) -> OnnxRecognizer:
        """Open a model file as the configuration says.

        Raises:
            UsageError: The keys of the configuration contradict each other.
        """
        provider: Provider = config.provider or config.device
        if config.device == "cuda" and provider in {"cpu", "openvino"}:
            raise UsageError(f"The device cuda and the provider {provider} contradict each other.")
        search = config.cudnn_conv_algo_search
        if provider != "cuda" and "cudnn_conv_algo_search" in config.model_fields_set:
            raise UsageError(f"The provider {provider} does not support cudnn_conv_algo_search ({search}); cuda does.")
        return cls(
            model,
            threads=config.threads,
            max_input_width=config.ceiling,
            batch_area=config.batch_area,
            max_batch=config.max_batch,
            linespec=config.linespec,
            provider=provider,
            conv_search=None if search == "measure" else search.upper(),
            precision=config.precision,
        )

    def scores(self, batch: FloatArray) -> Scores:
        """float32 ``[B, 3, height, rung]`` to ``[B, T, classes]``."""
        scores: Scores = self._session.run([OUTPUT], {INPUT: batch})[0]
        return scores

    def close(self) -> None:
        """Free the session; reading afterwards is an error."""
        super().close()
        self._session = None


def _opened(model: Path, provider: Provider, load: Load, conv_search: str | None) -> Any:
    """Open a session and check that it computes on ``provider``."""
    widths = [rung for rung in LADDER if rung <= load.ceiling] or [load.ceiling]
    most = max(batch_size(rung, load.area, load.most) for rung in widths)

    def session(search: str, options: Any = None) -> Any:
        own = providers.options_of(provider, conv_search=search, height=_HEIGHT, most_lines=most, widths=widths)
        return _open_session(model, provider, own, options)

    if provider == "cpu":
        return session("")
    providers.require_built(provider)
    if conv_search is None and provider == "cuda":
        probed = [(batch_size(rung, load.area, load.most), rung) for rung in widths if rung in (128, 512, 1024)]
        conv_search = providers.fastest_conv_search(lambda search: _runner(session(search)), probed)
    chosen = conv_search or "HEURISTIC"
    providers.require_used(lambda options: session(chosen, options), provider, (1, 3, _HEIGHT, 128))
    return session(chosen)


def _runner(session: Any) -> Any:
    def run(shape: tuple[int, int]) -> object:
        lines, width = shape
        return session.run([OUTPUT], {INPUT: np.ones((lines, 3, _HEIGHT, width), np.float32)})

    return run


def _open_session(model: Path, provider: Provider, own: dict[str, str], options: Any = None) -> Any:
    options = options or onnxruntime.SessionOptions()
    # Batches run side by side, each on the thread that calls; more threads inside each would only get in their way.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # A memory pattern is planned for one shape; here every batch may have another.
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    wanted = providers.require_built(provider)
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=[(wanted, own)])
    except Exception as error:  # onnxruntime's exceptions share no base of their own
        if provider != "cpu":
            _open_session(model, "cpu", {})  # raises what is wrong with the file itself
            raise EngineUnavailable(f"{wanted} cannot run {model}: {reason(error)}.") from error
        raise ModelInvalid(f"{model} is not an ONNX model that can be opened: {reason(error)}.") from error
    providers.require_started(session, provider)
    return session


def _check_precision(said: str | None, wanted: str, model: Path) -> None:
    if wanted != "auto" and said not in _SAID_AS.get(wanted, ()):
        raise EngineUnavailable(
            f"{model} computes in {said or 'fp32'} under ONNX Runtime, not in {wanted}: export it in that precision, "
            f"or use --engine openvino."
        )
