"""Trainable weights from an fp32 ONNX file that nordocr exported: the bundled model has no other form in a package.

The tracing exporter leaves most parameters under their own names. Two things are different: weights of matrix products
lie transposed under names of the exporter's, and each batch norm of the patch embedding is folded into the convolution
before it. Products are found again by their nodes, which are named after the modules. A folded norm becomes one that
does nothing but add the folded bias; :func:`measure_norms` then gives it statistics without changing what it computes.
Nothing is taken on trust: the model must give the file's own logits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor

from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.families import FAMILIES
from nordocr.families.columns import SVTRV2
from nordocr.linespec import LineSpec
from nordocr.model.base import LineNetwork
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.svtrv2 import ConvNorm
from nordocr.model.variants import VARIANTS
from nordocr.recognize.modelspec import METADATA_KEY

_CLOSE: Final = 5e-4
"""Largest difference of a logit between the file and the model that is read back; the folding rounds once more."""

_FOLDED: Final = re.compile(r"encoder\.pope\.patch_embed\.\d+\.norm\.(weight|running_\w+|num_batches_tracked)")
"""What is left of a batch norm without its bias."""

_TWICE: Final = re.compile(r"\b(\w+)\.\1\.(\d+)")


def model_from_onnx(path: Path) -> tuple[LineNetwork, LineSpec, dict[str, str]]:
    """Read an exported recogniser back as a model.

    Args:
        path: An fp32 ONNX file that nordocr exported from a checkpoint.

    Returns:
        The model, in evaluation mode, its LineSpec, and the file's metadata.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is no such export, or not of SVTRv2: metadata or weights are missing, or the model's logits are
            not the file's.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}.")
    try:
        proto = onnx.load(str(path))
    except Exception as error:  # protobuf's, onnx's and the file system's errors share no base
        raise ModelInvalid(f"{path} is not an ONNX model that can be read: {type(error).__name__}.") from error
    facts = {item.key: item.value for item in proto.metadata_props}
    variant = facts.get("variant", "")
    family = FAMILIES.get(facts.get("family", ""), SVTRV2)
    if family is not SVTRV2:
        said = f"{path} is of the family {family.name}, whose weights cannot be read back from ONNX"
        raise ModelInvalid(f"{said}: start from the weights file (.safetensors) that it was exported from.")
    if variant not in VARIANTS or METADATA_KEY not in facts:
        raise ModelInvalid(f"{path} says no variant and LineSpec: only nordocr's own exports can be trained on.")
    if facts.get("precision", "fp32") != "fp32":
        raise ModelInvalid(f"{path} holds {facts['precision']} weights; only an fp32 export can be trained on.")
    spec = LineSpec.from_json(facts[METADATA_KEY], path)
    model = build_model(variant, spec.charset.num_classes).eval()
    found = dict(_parameters(proto))
    state = model.state_dict()
    for name, tensor in state.items():
        if name not in found and _FOLDED.fullmatch(name):
            found[name] = _neutral(name, tensor)
        if name not in found or found[name].shape != tensor.shape:
            raise ModelInvalid(f"{path} holds no {name} of the shape that a {variant!r} has.")
    model.load_state_dict({name: found[name] for name in state})
    _require_same_logits(model, spec, path)
    return model, spec, facts


def history_of(facts: dict[str, str]) -> dict[str, Any]:
    """Return the history in an export's metadata; nothing where there is none that can be read."""
    try:
        held = json.loads(facts.get("history", "{}"))
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def measure_norms(model: LineNetwork, batches: Sequence[Tensor]) -> None:
    """Give batch norms the statistics of some lines, and change scale and shift so that the model computes the same.

    A norm that was folded away has no statistics, and training that goes by those of its batches would begin as
    another function.

    Args:
        model: The model, which is changed.
        batches: Lines as training sees them, each float32 ``[B, 3, 32, W]`` in [-1, 1].
    """
    if not isinstance(model, SVTRv2):  # no other family has batch norms
        return
    embedding = model.encoder.pope.patch_embed
    training = model.training
    model.eval()
    with torch.no_grad():
        for number, layer in enumerate(embedding):
            assert isinstance(layer, ConvNorm)
            columns = [layer.conv(embedding[:number](batch)).transpose(0, 1).flatten(1) for batch in batches]
            values = torch.cat(columns, dim=1).double()
            norm = layer.norm
            assert norm.running_mean is not None and norm.running_var is not None
            scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
            shift = norm.bias.double() - norm.running_mean.double() * scale
            mean, variance = values.mean(dim=1), values.var(dim=1)
            norm.weight.copy_(scale * (variance + norm.eps).sqrt())
            norm.bias.copy_(shift + mean * scale)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
    model.train(training)


def _parameters(proto: onnx.ModelProto) -> Iterator[tuple[str, Tensor]]:
    """The parameters that the file holds, by the names that they have in the model."""
    held = {tensor.name: tensor for tensor in proto.graph.initializer}
    named = {name for name in held if name.startswith(("encoder.", "decoder."))}
    yield from ((name, _tensor(held[name])) for name in sorted(named))
    for node in proto.graph.node:
        # Of tensors that are equal the file holds one, and the others' names are outputs of identities.
        if node.op_type == "Identity" and node.input[0] in held:
            yield node.output[0], _tensor(held[node.input[0]])
            continue
        # A layer of a sequence is named with the sequence's name twice: mixer/mixer.0.
        module = _TWICE.sub(r"\1.\2", node.name.strip("/").replace("/", ".").rpartition(".")[0])
        anonymous = [held[name] for name in node.input if name in held and name not in named]
        if not anonymous or not module:
            continue
        if node.op_type == "MatMul":
            yield f"{module}.weight", _tensor(anonymous[0]).T.contiguous()
        elif node.op_type == "Conv":
            yield f"{module}.weight", _tensor(anonymous[0])
            if len(anonymous) > 1 and module.endswith(".conv"):
                yield f"{module.removesuffix('conv')}norm.bias", _tensor(anonymous[1])


def _tensor(held: onnx.TensorProto) -> Tensor:
    return torch.from_numpy(np.array(numpy_helper.to_array(held)))


def _neutral(name: str, like: Tensor) -> Tensor:
    """A buffer or scale of a batch norm that leaves its input as it is: (x - 0) / sqrt(1 + eps) * sqrt(1 + eps)."""
    kind = name.rpartition(".")[2]
    if kind == "weight":
        return torch.full_like(like, (1.0 + torch.nn.BatchNorm2d(1).eps) ** 0.5)
    return torch.ones_like(like) if kind == "running_var" else torch.zeros_like(like)


def _require_same_logits(model: LineNetwork, spec: LineSpec, path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    for width in (spec.ladder[0], 101):
        pixels = np.random.default_rng(width).uniform(-1, 1, (2, 3, spec.height, width)).astype(np.float32)
        wanted = session.run(None, {session.get_inputs()[0].name: pixels})[0]
        with torch.inference_mode():
            given = model(torch.from_numpy(pixels)).numpy()
        worst = float(np.abs(wanted - given).max()) if wanted.shape == given.shape else float("inf")
        if not worst <= _CLOSE:
            raise ModelInvalid(f"The weights in {path} cannot be read back: a logit is {worst:.1e} off the file's own.")
