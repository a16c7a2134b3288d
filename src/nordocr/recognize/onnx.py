"""The recogniser on ONNX Runtime: crops in, text out, one rung of the width ladder at a time.

The model file has one input ``input`` float32 ``[batch, 3, height, width]`` and one output ``output`` float32
``[batch, T, classes]`` with T = ceil(width / 4); batch and width are dynamic. Preparing, batching and decoding are
those of :mod:`nordocr.linespec`, :mod:`nordocr.batching` and :mod:`nordocr.ctc`; there is no second version here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from nordocr.batching import plan_batches
from nordocr.ctc import decode_batch
from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing
from nordocr.linespec import CEILING, LineSpec, PreparedLine, collate, prepare
from nordocr.recognize.base import Crop, LineText, line_text
from nordocr.recognize.modelspec import check_charset, find_linespec
from nordocr.recognize.wide import join_pieces, split_wide

INPUT: Final = "input"
OUTPUT: Final = "output"
_PROVIDERS: Final = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
# Not a multiple of the stride, so that a model which floors T instead of rounding it up is found out.
_PROBE_WIDTH: Final = 33


class OnnxRecognizer:
    """A :class:`nordocr.recognize.base.Recognizer` that runs one ONNX file.

    ``threads``: 0 means all cores. ``max_input_width``: the ceiling in pixels; wider lines are split at a gap (flag
    ``split``) or squeezed (flag ``squeezed``). ``batch_area``: lines x width in pixels of one batch.
    ``linespec``: a file that says the LineSpec where the model does not. Raises :class:`ModelMissing`,
    :class:`ModelInvalid` or, for a device that is not here, :class:`EngineUnavailable`.
    """

    name = "onnx"

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 0,
        max_input_width: int = CEILING,
        batch_area: int = 16_384,
        linespec: Path | None = None,
        device: str = "cpu",
    ) -> None:
        if not model.is_file():
            raise ModelMissing(f"There is no model file {model}.")
        self.model = model.name
        self.model_sha256 = _sha256(model)
        self._path = model
        self._session: Any = _open_session(model, threads, device)
        _check_names(self._session, model)
        self.spec = self._checked_spec(linespec)
        self._ceiling = min(max_input_width, self.spec.ladder[-1])
        self._batch_area = batch_area

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order; each line's text is independent of the others."""
        pieces = [split_wide(crop, self.spec, self._ceiling) for crop in crops]
        lines = [prepare(piece.pixels, self.spec, self._ceiling) for parts in pieces for piece in parts]
        texts = iter(self._read_prepared(lines))
        return [join_pieces(parts, [next(texts) for _ in parts]) for parts in pieces]

    def close(self) -> None:
        """Free the session; reading afterwards is an error."""
        self._session = None

    def _read_prepared(self, lines: Sequence[PreparedLine]) -> list[LineText]:
        texts: dict[int, LineText] = {}
        for batch in plan_batches([line.width for line in lines], self.spec, area=self._batch_area):
            members = [lines[i] for i in batch.indices]
            scores = self._run(collate(members, batch.width, self.spec))
            decoded = decode_batch(scores, self.spec, [line.width for line in members])
            for index, line, found in zip(batch.indices, members, decoded, strict=True):
                texts[index] = line_text(found, ("squeezed",) if line.squeezed else ())
        return [texts[i] for i in range(len(lines))]

    def _run(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        scores: npt.NDArray[np.floating] = self._session.run([OUTPUT], {INPUT: batch})[0]
        return scores

    def _checked_spec(self, linespec: Path | None) -> LineSpec:
        """The model's spec, proven against what the model really gives for one small white input."""
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        found = find_linespec(self._path, metadata, linespec)
        if found is None:
            raise ModelInvalid(f"{self._path} holds no LineSpec and has no *_meta.yaml beside it; say --linespec FILE.")
        white = np.ones((1, 3, found.height, _PROBE_WIDTH), dtype=np.float32)
        try:
            scores = self._run(white)
        except Exception as error:  # onnxruntime's exceptions share no base of their own
            raise ModelInvalid(f"{self._path} cannot run on an input of {white.shape}: {_reason(error)}.") from error
        steps = found.time_steps(_PROBE_WIDTH)
        if scores.ndim != 3 or scores.shape[:2] != (1, steps):
            raise ModelInvalid(
                f"{self._path} gives {scores.shape} for a {_PROBE_WIDTH} px line, not (1, {steps}, classes)."
            )
        check_charset(found, scores.shape[2], self._path)
        return self._with_output_kind(found, scores, said="linespec" in metadata or linespec is not None)

    def _with_output_kind(self, spec: LineSpec, scores: npt.NDArray[np.floating], *, said: bool) -> LineSpec:
        """A spec that does not say logits or probabilities itself (``*_meta.yaml``) is told by the scores."""
        sums = scores.astype(np.float64).sum(axis=-1)
        kind = "probabilities" if scores.min() >= 0 and np.allclose(sums, 1.0, atol=1e-2) else "logits"
        if said and kind != spec.output:
            raise ModelInvalid(f"{self._path} gives {kind} where its LineSpec says {spec.output}.")
        return spec if kind == spec.output else spec.model_copy(update={"output": kind})


def _open_session(model: Path, threads: int, device: str) -> Any:
    provider = _PROVIDERS[device]
    if provider not in onnxruntime.get_available_providers():
        raise EngineUnavailable(f"This ONNX Runtime has no {provider}, which device {device!r} needs.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle threads that spin starve the page decoding that runs beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A memory pattern is planned for one shape; here every batch may have another.
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=[provider])
    except Exception as error:  # onnxruntime's exceptions share no base of their own
        raise ModelInvalid(f"{model} is not an ONNX model that can be opened: {_reason(error)}.") from error


def _check_names(session: Any, model: Path) -> None:
    inputs, outputs = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if inputs != [INPUT] or OUTPUT not in outputs:
        raise ModelInvalid(
            f"{model} has inputs {inputs} and outputs {outputs} where [{INPUT!r}] and [{OUTPUT!r}] are wanted."
        )


def _reason(error: Exception) -> str:
    """The first sentence of what the runtime says, without its code prefix."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.split(" : ", 2)[-1].rstrip(".")[:200]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
