"""What a recogniser reads in a line, how sure it is, and how the line looks to it.

The vector of a line is the mean over its own steps of what the network feeds to its last layer, scaled to length 1:
lines in one face, or of one scanner, lie near each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime

from nordocr.batching import plan_batches
from nordocr.charset import BLANK
from nordocr.errors import ModelInvalid
from nordocr.families import family_of
from nordocr.linespec import LineSpec, PreparedLine, collate, prepare
from nordocr.recognize.base import Crop
from nordocr.recognize.contract import INPUT, OUTPUT
from nordocr.recognize.modelspec import find_linespec, said_nothing
from nordocr.recognize.temperature import find_temperature
from nordocr.tune.suggest.candidates import Vector

_AREA: Final = 8_192


@dataclass(frozen=True)
class Seen:
    """A line as a recogniser sees it; see :class:`~nordocr.tune.suggest.candidates.Candidate`."""

    text: str
    confidence: float
    characters: tuple[float, ...]
    margin: float
    vector: Vector


class FeatureReader:
    """Reads lines with an ONNX file of a recogniser, and gives the features before its last layer with them.

    Args:
        model: The file.
        threads: Threads; 0 for all cores.

    Raises:
        ModelInvalid: It is no model that nordocr exported, or its last layer is not found.
        UsageError: It is not of a family whose scores follow the line's columns.
    """

    def __init__(self, model: Path, threads: int = 0) -> None:
        proto = onnx.load(str(model))
        facts = {item.key: item.value for item in proto.metadata_props}
        spec = find_linespec(model, facts, None)
        if spec is None:
            raise ModelInvalid(said_nothing(model))
        self.spec: LineSpec = spec
        self._family = family_of(spec)
        self._family.require_columns("Looking at lines")
        self.temperature = find_temperature(model, facts)
        self._features = _before_last_layer(proto, model)
        proto.graph.output.append(onnx.helper.make_empty_tensor_value_info(self._features))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def read(self, crops: Sequence[Crop]) -> list[Seen]:
        """Read lines.

        Args:
            crops: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, any height.

        Returns:
            One for each crop, in the same order.
        """
        spec = self.spec
        lines = [prepare(crop, spec, spec.ladder[-1]) for crop in crops]
        found: dict[int, Seen] = {}
        for batch in plan_batches([line.width for line in lines], spec, area=_AREA):
            members = [lines[index] for index in batch.indices]
            pixels = collate(members, batch.width, spec)
            scores, features = self._session.run([OUTPUT, self._features], {INPUT: pixels})
            for index, line, own, inner in zip(batch.indices, members, scores, features, strict=True):
                found[index] = self._seen(line, own, inner)
        return [found[index] for index in range(len(lines))]

    def _seen(self, line: PreparedLine, scores: Vector, features: Vector) -> Seen:
        read = self._family.decode(scores, self.spec, line.width, self.temperature)
        mean = features[: read.steps].mean(axis=0)
        vector = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
        margin = _margin(scores[: read.steps] / self.temperature, [(s.start, s.end) for s in read.spans])
        return Seen(read.text, read.confidence, tuple(span.probability for span in read.spans), margin, vector)


def _margin(logits: Vector, spans: Sequence[tuple[int, int]]) -> float:
    """The least, over the characters, of the largest difference of the two best classes within the character."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    best = np.partition(shifted / shifted.sum(axis=-1, keepdims=True), -2, axis=-1)[:, -2:]
    differences = best[:, 1] - best[:, 0]
    if not spans:
        blank = logits.argmax(axis=-1) == BLANK
        return float(differences[blank].min(initial=1.0))
    return float(min(differences[start:end].max() for start, end in spans))


def _before_last_layer(proto: onnx.ModelProto, model: Path) -> str:
    """The name of what the product behind the graph's output multiplies."""
    held = {tensor.name for tensor in proto.graph.initializer}
    made = {name: node for node in proto.graph.node for name in node.output}
    node = made.get(OUTPUT)
    while node is not None and node.op_type not in {"MatMul", "Gemm"}:
        inner = [name for name in node.input if name not in held]
        node = made.get(inner[0]) if inner else None
    if node is None or not any(name in held for name in node.input):
        raise ModelInvalid(f"{model} has no last layer whose features could be taken.")
    return str(next(name for name in node.input if name not in held))
