"""The lab's own engine: a checkpoint read by PyTorch, behind the same interface as every other recogniser."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch

from nordocr.batching import AREA
from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable
from nordocr.linespec import CEILING, FloatArray, LineSpec, PreparedLine
from nordocr.model.base import LineNetwork
from nordocr.model.running import Mode, autocast_of, device_of, runner
from nordocr.model.weights import load_model
from nordocr.recognize.base import LineText
from nordocr.recognize.engine import LineRecognizer, Load, Scores


class TorchRecognizer(LineRecognizer):
    """Reads line crops with a network in memory, in float32 or under autocast.

    ``area``: lines x width in pixels of one batch, ``most`` lines of it at most; ``ceiling``: the widest input in
    pixels; ``mode``: how the network is run, see :mod:`nordocr.model.running`. The network stays where it is and goes
    back to training afterwards if it was in training.
    """

    name = "torch"

    def __init__(
        self,
        model: LineNetwork,
        spec: LineSpec,
        *,
        area: int = 16384,
        ceiling: int = CEILING,
        most: int | None = None,
        bf16: bool = False,
        autocast: torch.dtype | None = None,
        mode: Mode = "eager",
    ) -> None:
        self.network = model
        self.autocast = torch.bfloat16 if bf16 else autocast
        self._device = next(model.parameters()).device
        if mode == "graphs" and not model.FIXED_WORK:
            raise EngineUnavailable(
                f"{model.variant.name} computes as long as its texts are: no CUDA graph records it."
            )
        self._run = runner(model, mode, self._device)
        super().__init__(model.variant.name, "", spec, Load(ceiling, area, most))

    @classmethod
    def from_config(cls, model: Path, config: ReadingConfig) -> TorchRecognizer:
        """Open a weights file as the configuration says."""
        return cls.from_file(
            model,
            area=config.batch_area or AREA,
            ceiling=config.ceiling,
            most=config.max_batch,
            device=config.device,
            precision=config.precision,
            mode=config.torch_mode,
            threads=config.threads,
        )

    @classmethod
    def from_file(
        cls,
        path: Path,
        *,
        area: int = 16384,
        ceiling: int = CEILING,
        most: int | None = None,
        device: str = "cpu",
        precision: str = "auto",
        mode: Mode = "eager",
        threads: int = 0,
    ) -> TorchRecognizer:
        """Open a weights file written by training.

        ``threads`` of PyTorch in this process, 0 leaves them as they are. Raises :class:`ModelMissing`,
        :class:`ModelInvalid`, or :class:`EngineUnavailable` for a device, precision or mode that does not work here.
        """
        place = device_of(device)
        autocast = autocast_of(precision, place)
        model, weights = load_model(path)
        if threads:
            torch.set_num_threads(threads)
        model = model.to(place).eval()
        recognizer = cls(model, weights.spec, area=area, ceiling=ceiling, most=most, autocast=autocast, mode=mode)
        recognizer.model = str(path)
        recognizer.model_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return recognizer

    def read_prepared(self, lines: Sequence[PreparedLine]) -> list[LineText]:
        """Read lines that :func:`nordocr.linespec.prepare` has already resized."""
        was_training = self.network.training
        self.network.eval()
        try:
            return super().read_prepared(lines)
        finally:
            self.network.train(was_training)

    @torch.inference_mode()
    def scores(self, batch: FloatArray) -> Scores:
        """Return the scores ``[B, T, classes]`` of a batch, float32 ``[B, 3, height, rung]``."""
        pixels = torch.from_numpy(batch).to(self._device)
        with torch.autocast(self._device.type, self.autocast or torch.bfloat16, enabled=self.autocast is not None):
            found = self._run(pixels)
        scores: Scores = found.float().cpu().numpy()
        return scores
