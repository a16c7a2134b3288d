"""The lab's own engine: a checkpoint read by PyTorch, behind the same interface as every other recogniser."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch

from nordocr.batching import plan_batches
from nordocr.ctc import decode_batch
from nordocr.linespec import CEILING, LineSpec, PreparedLine, collate, prepare
from nordocr.model.network import SVTRv2
from nordocr.model.weights import load_model
from nordocr.recognize.base import Crop, LineText, line_text


class TorchRecognizer:
    """Reads line crops with a :class:`SVTRv2` in memory, in float32 or, with ``bf16``, under autocast.

    ``ceiling`` is the widest input in pixels; wider lines are squeezed to it and flagged.
    """

    name = "torch"

    def __init__(
        self, model: SVTRv2, spec: LineSpec, *, area: int = 16384, ceiling: int = CEILING, bf16: bool = False
    ) -> None:
        self.network = model
        self.spec = spec
        self.area = area
        self.ceiling = ceiling
        self.bf16 = bf16
        self.model = model.variant.name
        self.model_sha256 = ""

    @classmethod
    def from_file(cls, path: Path, *, area: int = 16384, ceiling: int = CEILING) -> TorchRecognizer:
        """Open a weights file written by training; :class:`ModelMissing` or :class:`ModelInvalid`."""
        model, weights = load_model(path)
        recognizer = cls(model, weights.spec, area=area, ceiling=ceiling)
        recognizer.model = str(path)
        recognizer.model_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return recognizer

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order."""
        return self.read_prepared([prepare(crop, self.spec, self.ceiling) for crop in crops])

    @torch.inference_mode()
    def read_prepared(self, lines: Sequence[PreparedLine]) -> list[LineText]:
        """Read lines that :func:`nordocr.linespec.prepare` has already resized."""
        was_training = self.network.training
        self.network.eval()
        device = next(self.network.parameters()).device
        found: list[LineText | None] = [None] * len(lines)
        for batch in plan_batches([line.width for line in lines], self.spec, area=self.area):
            members = [lines[i] for i in batch.indices]
            pixels = torch.from_numpy(collate(members, batch.width, self.spec)).to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=self.bf16):
                scores = self.network(pixels)
            decoded = decode_batch(scores.float().cpu().numpy(), self.spec, [m.width for m in members])
            for index, member, line in zip(batch.indices, members, decoded, strict=True):
                found[index] = line_text(line, ("squeezed",) if member.squeezed else ())
        self.network.train(was_training)
        return [line for line in found if line is not None]

    def close(self) -> None:
        """Nothing to free: the model belongs to its owner."""
