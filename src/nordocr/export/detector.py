"""A trained detector as one fp32 ONNX file with its spec inside, behind a gate: the same maps and the same boxes."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from nordocr.detect.dbnet.cores import find_cores
from nordocr.detect.dbnet.map import FloatArray, MapModel
from nordocr.detect.dbnet.spec import INPUT, METADATA_KEY, OUTPUT, DetectorSpec
from nordocr.errors import ExportRejected, InputMissing, ModelInvalid
from nordocr.export.publish import partial_file
from nordocr.model.dbnet import DbNet
from nordocr.synth.pages import PageRecipe, PageSynth
from nordocr.train.detector.crops import STRIDE
from nordocr.train.detector.labels import KEPT_HEIGHT

OPSET: Final = 17
CELL: Final = 32
TOLERANCE: Final = 1e-4
"""How far a probability may lie from PyTorch's."""

_GATE_SEED: Final = 4_100


@dataclass(frozen=True)
class MapParity:
    """``pages`` compared, the largest ``difference`` of a probability, ``cores`` found on both sides, and how many
    pages have the same boxes of cores."""

    pages: int
    difference: float
    cores: int
    identical: int

    def __str__(self) -> str:
        return (
            f"{self.identical} of {self.pages} pages with identical boxes ({self.cores} lines), probabilities within "
            f"{self.difference:.1e}"
        )


def export_detector(
    weights: Path, output: Path, *, long_side: int = 1280, pages: int = 4, card: str | None = None
) -> MapParity:
    """Write ``output`` from the ``weights`` that training kept; ``long_side``: its recipe's, in pixels.

    The gate shows both ``pages`` synthetic pages. Raises :class:`InputMissing`, :class:`ModelInvalid` where the
    weights are not a detector's, and :class:`ExportRejected` where maps or boxes differ.
    """
    network = load_weights(weights)
    sha = hashlib.sha256(weights.read_bytes()).hexdigest()
    spec = DetectorSpec(long_side=long_side, stride=STRIDE, cell=CELL, kept_height=KEPT_HEIGHT, sha256=sha)
    shown = parity_pages(pages)
    with partial_file(output) as partial:
        onnx.save(graph(network, spec, card), str(partial))
        agreement = compare(network, MapModel(partial, threads=1), shown)
        if agreement.difference > TOLERANCE or agreement.identical < agreement.pages:
            raise ExportRejected(f"{output} is not written: {agreement}, where all and {TOLERANCE:.0e} are wanted.")
        partial.replace(output)
    return agreement


def load_weights(path: Path) -> DbNet:
    """The network of a weights file, in evaluation mode; :class:`InputMissing` or :class:`ModelInvalid`."""
    if not path.is_file():
        raise InputMissing(f"There is no weights file {path}.")
    network = DbNet()
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise ModelInvalid(f"{path} does not hold the weights of a detector.") from error
    return network.eval()


def graph(network: DbNet, spec: DetectorSpec, card: str | None) -> onnx.ModelProto:
    """The network as ONNX with batch, height and width open and ``spec`` in the metadata."""
    held = io.BytesIO()
    with warnings.catch_warnings():
        # The tracing exporter on purpose, as for recognisers.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            _Probability(network).eval(),
            (torch.ones(1, 1, 2 * CELL, 3 * CELL),),
            held,  # type: ignore[arg-type]
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "batch", 2: "height", 3: "width"}, OUTPUT: {0: "batch", 2: "rows", 3: "columns"}},
            opset_version=OPSET,
            dynamo=False,
        )
    proto = onnx.load_model_from_string(held.getvalue())
    entries = {METADATA_KEY: spec.model_dump_json(), "precision": "fp32"} | ({"card": card} if card else {})
    onnx.helper.set_model_props(proto, entries)
    return proto


def parity_pages(count: int) -> list[npt.NDArray[np.uint8]]:
    """The pages that the gate shows: synthetic, of all sorts, 150 dpi."""
    synth = PageSynth(PageRecipe(dpi=((150, 1.0),)), _GATE_SEED)
    return [synth.make(index).image for index in range(count)]


def compare(network: DbNet, model: MapModel, pages: Sequence[npt.NDArray[np.uint8]]) -> MapParity:
    """Show the same ``pages`` to both."""
    worst, cores, identical = 0.0, 0, 0
    for page in pages:
        high, wide = page.shape
        scale = model.scale((high, wide), 0)
        found = model.probability(page, scale)
        wanted = _reference(network, model.scaled(page, scale))[: found.shape[0], : found.shape[1]]
        worst = max(worst, float(np.abs(found - wanted).max()))
        ours, theirs = find_cores(found, (high, wide)), find_cores(wanted, (high, wide))
        cores += len(ours)
        same = len(ours) == len(theirs)
        for name in ("left", "top", "right", "bottom"):
            same = same and np.array_equal(getattr(ours, name), getattr(theirs, name))
        identical += same
    return MapParity(len(pages), worst, cores, identical)


def _reference(network: DbNet, small: npt.NDArray[np.uint8]) -> FloatArray:
    high, wide = small.shape
    padded = np.full((-(-high // CELL) * CELL, -(-wide // CELL) * CELL), 255, np.uint8)
    padded[:high, :wide] = small
    with torch.inference_mode():
        maps: FloatArray = network.probability(torch.from_numpy(padded / np.float32(127.5) - 1)[None, None])[
            0, 0
        ].numpy()
    return maps


class _Probability(nn.Module):
    def __init__(self, network: DbNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pages: Tensor) -> Tensor:
        return self.network.probability(pages)
