"""A trained detector as one fp32 ONNX file with its spec inside, checked for parity: the same maps and boxes."""

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
from nordocr.detect.dbnet.map import MapModel
from nordocr.detect.dbnet.spec import INPUT, METADATA_KEY, OUTPUT, DetectorSpec
from nordocr.errors import ExportRejected, InputMissing, ModelInvalid
from nordocr.export.publish import partial_file
from nordocr.model.dbnet import DbNet
from nordocr.model.page_map import CELL, NetworkMap, detector_spec
from nordocr.synth.pages import PageRecipe, PageSynth
from nordocr.train.detector.labels import KEPT_HEIGHT

OPSET: Final = 17
TOLERANCE: Final = 1e-4
"""How far a probability may lie from PyTorch's."""

_PARITY_SEED: Final = 4_100


@dataclass(frozen=True)
class MapParity:
    """What a detector's parity check found."""

    pages: int
    """Pages that were compared."""
    difference: float
    """Largest difference of a probability."""
    cores: int
    """Cores of lines that the export found."""
    identical: int
    """Pages with the same boxes of cores."""

    def __str__(self) -> str:
        return (
            f"{self.identical} of {self.pages} pages with identical boxes ({self.cores} lines), probabilities within "
            f"{self.difference:.1e}"
        )


def export_detector(
    weights: Path, output: Path, *, long_side: int = 1280, pages: int = 4, card: str | None = None
) -> MapParity:
    """Write a detector's ONNX file.

    Args:
        weights: The weights that training kept.
        output: The file to write.
        long_side: The recipe's long side of a page, in pixels.
        pages: Synthetic pages that the parity check shows to both.
        card: A model card for the metadata, Markdown.

    Returns:
        What the parity check found.

    Raises:
        InputMissing: There are no such weights.
        ModelInvalid: They are not a detector's.
        ExportRejected: Maps or boxes differ.
    """
    network = load_weights(weights)
    sha = hashlib.sha256(weights.read_bytes()).hexdigest()
    spec = detector_spec(long_side, KEPT_HEIGHT, sha)
    shown = parity_pages(pages)
    with partial_file(output) as partial:
        onnx.save(graph(network, spec, card), str(partial))
        parity = compare(network, MapModel(partial, threads=1), shown)
        if parity.difference > TOLERANCE or parity.identical < parity.pages:
            raise ExportRejected(f"{output} is not written: {parity}, where all and {TOLERANCE:.0e} are wanted.")
        partial.replace(output)
    return parity


def load_weights(path: Path) -> DbNet:
    """Return the network of a weights file, in evaluation mode; :class:`InputMissing` or :class:`ModelInvalid`."""
    if not path.is_file():
        raise InputMissing(f"There is no weights file {path}.")
    network = DbNet()
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise ModelInvalid(f"{path} does not hold the weights of a detector.") from error
    return network.eval()


def graph(network: DbNet, spec: DetectorSpec, card: str | None) -> onnx.ModelProto:
    """Return the network as ONNX with batch, height and width open and ``spec`` in the metadata."""
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
    """Return the pages that the parity check shows: synthetic, of all sorts, 150 dpi."""
    synth = PageSynth(PageRecipe(dpi=((150, 1.0),)), _PARITY_SEED)
    return [synth.make(index).image for index in range(count)]


def compare(network: DbNet, model: MapModel, pages: Sequence[npt.NDArray[np.uint8]]) -> MapParity:
    """Show the same ``pages`` to the network and its export, and count what differs."""
    reference = NetworkMap(network, model.spec)
    worst, cores, identical = 0.0, 0, 0
    for page in pages:
        high, wide = page.shape
        scale = model.scale((high, wide), 0)
        found = model.probability(page, scale)
        wanted = reference.probability(page, scale)
        worst = max(worst, float(np.abs(found - wanted).max()))
        ours, theirs = find_cores(found, (high, wide)), find_cores(wanted, (high, wide))
        cores += len(ours)
        same = len(ours) == len(theirs)
        for name in ("left", "top", "right", "bottom"):
            same = same and np.array_equal(getattr(ours, name), getattr(theirs, name))
        identical += same
    return MapParity(len(pages), worst, cores, identical)


class _Probability(nn.Module):
    def __init__(self, network: DbNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, pages: Tensor) -> Tensor:
        return self.network.probability(pages)
