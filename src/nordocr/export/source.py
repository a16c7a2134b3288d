"""What an export starts from: a checkpoint, or an ONNX file whose checkpoint is no longer at hand.

Either way there is an fp32 graph to convert, a scorer that the result is compared with, and facts that travel along.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from nordocr import __version__
from nordocr.charset import CHARSETS, read_dict_file
from nordocr.errors import ConfigInvalid, ModelInvalid, ModelMissing, UsageError
from nordocr.export.parity import Scorer, Scores
from nordocr.families import family_of
from nordocr.linespec import LineSpec
from nordocr.recognize.contract import INPUT, OUTPUT, prove
from nordocr.recognize.modelspec import METADATA_KEY

if TYPE_CHECKING:
    from nordocr.model.base import LineNetwork

OPSET: Final = 17


@dataclass(frozen=True)
class Source:
    """``proto``: the fp32 ONNX graph. ``reference``: what the original gives. ``facts``: metadata as strings.

    ``memory`` estimates the bytes that attention scores take for (lines, width in pixels), where that is known.
    """

    path: Path
    proto: onnx.ModelProto
    spec: LineSpec
    reference: Scorer
    facts: Mapping[str, str]
    memory: Callable[[int, int], int] | None = None


def from_checkpoint(
    checkpoint: Path,
    *,
    max_width: int | None = None,
    dictionary: Path | None = None,
    append_space: bool = False,
    charset: str | None = None,
) -> Source:
    """Trace weights to ONNX, opset 17, dynamic batch and width; PyTorch is the reference.

    Args:
        checkpoint: A weights file of ours (``.safetensors``) or a ``.pth`` of OpenOCR or PyTorch.
        max_width: The width in pixels that the weights were trained to. Ours say it themselves and must agree; for a
            ``.pth`` it is taken as true (1024 where it is not given).
        dictionary: The dictionary file that a ``.pth`` was trained with; without one the bundled charset that has as
            many classes.
        append_space: The ``.pth`` was trained with ``use_space_char``.
        charset: A bundled charset to cut the head to, with which the model's own must begin.

    Returns:
        The source.

    Raises:
        ConfigInvalid: The weights were trained to another width, or the head cannot be cut so.
        UsageError: No charset is known for a ``.pth``.
        ModelMissing: There is no such file.
        ModelInvalid: It does not hold weights of a variant of ours.
    """
    from nordocr.model.head import cut_charset
    from nordocr.model.weights import parameter_count

    model, spec, history = _opened(checkpoint, max_width, dictionary, append_space)
    if max_width is not None and max_width != spec.max_width:
        raise ConfigInvalid(f"{checkpoint} was trained to {spec.max_width} px, not to {max_width} px.")
    if charset is not None:
        if charset not in CHARSETS:
            raise ConfigInvalid(f"There is no charset {charset!r}; there are {', '.join(CHARSETS)}.")
        model, spec = cut_charset(model, spec, CHARSETS[charset])
    facts = {
        "family": spec.family,
        "variant": model.variant.name,
        "parameters": str(parameter_count(model)),
        "checkpoint_sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        "history": json.dumps(history, ensure_ascii=False),
    }
    return Source(checkpoint, trace(model), spec, torch_scorer(model), facts, model.attention_bytes)


def _opened(
    checkpoint: Path, max_width: int | None, dictionary: Path | None, append_space: bool
) -> tuple[LineNetwork, LineSpec, Mapping[str, Any]]:
    """The model of a weights file in evaluation mode, its LineSpec and its history."""
    from nordocr.model.network import family_of_variant
    from nordocr.model.openocr import PICKLED, read_openocr
    from nordocr.model.transfer import classes_of, start_from, variant_of
    from nordocr.model.weights import load_model

    if checkpoint.suffix.lower() not in PICKLED:
        model, weights = load_model(checkpoint)
        return model, weights.spec, weights.history
    tensors = read_openocr(checkpoint)
    variant = variant_of(tensors, "base")
    if variant is None:
        raise ModelInvalid(f"{checkpoint} holds the weights of no variant that nordocr knows.")
    classes = classes_of(tensors, variant)
    if dictionary is not None:
        charset = read_dict_file(dictionary, append_space=append_space)
    else:
        fitting = [held for held in CHARSETS.values() if held.num_classes == classes]
        if not fitting:
            raise UsageError(f"{checkpoint} has {classes} classes and holds no charset: name its dictionary (--dict).")
        charset = fitting[0]
    spec = LineSpec(
        max_width=max_width or 1024,
        charset_name=charset.name,
        characters=charset.characters,
        family=family_of_variant(variant).name,
    )
    model, _ = start_from(checkpoint, variant, spec, dictionary=charset)
    return model.eval(), spec, {"from": checkpoint.name}


def from_onnx(path: Path, linespec: Path | None = None, *, half: bool = False) -> Source:
    """Take an fp32 ONNX file as it is, external weight data and all; ONNX Runtime on the CPU is the reference.

    Its LineSpec is proven as for reading: whether a model without one gives logits or probabilities is found out.

    Args:
        path: The ONNX file.
        linespec: The LineSpec of a file without metadata and without a ``*_meta.yaml`` beside it.
        half: Take a mixed-precision file too.

    Returns:
        The source.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is not a model that can be exported.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}.")
    try:
        proto = onnx.load(str(path))
        onnx.checker.check_model(proto)
    except Exception as error:  # protobuf's, onnx's and the file system's errors share no base
        raise ModelInvalid(f"{path} is not an ONNX model that can be read: {first_line(error)}.") from error
    facts = {item.key: item.value for item in proto.metadata_props}
    scorer = onnx_scorer(path)
    spec = prove(path, facts, linespec, scorer)
    kinds = {tensor.data_type for tensor in proto.graph.initializer}
    if kinds & {onnx.TensorProto.INT8, onnx.TensorProto.UINT8} or (onnx.TensorProto.FLOAT16 in kinds and not half):
        raise ModelInvalid(f"{path} holds fp16 or int8 weights already; export from the fp32 file or checkpoint.")
    facts.pop(METADATA_KEY, None)
    facts.setdefault("source_sha256", hashlib.sha256(path.read_bytes()).hexdigest())
    return Source(path, proto, spec, scorer, facts)


def trace(model: Any) -> onnx.ModelProto:
    """Trace a :class:`torch.nn.Module` to an ONNX graph with the names, dynamic axes and opset of the design."""
    import torch

    # A width that is no multiple of 4 keeps the tracer from taking W / 4 for a whole number.
    example = torch.zeros(2, 3, 32, 101)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "traced.onnx"
        # The tracing exporter is chosen on purpose: its graph is right at odd widths, as the parity check proves.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        torch.onnx.export(
            model,
            (example,),
            str(held),
            opset_version=OPSET,
            dynamo=False,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "batch", 3: "width"}, OUTPUT: {0: "batch", 1: "seq_len"}},
        )
        traced: onnx.ModelProto = onnx.load(str(held))
    return traced


def torch_scorer(model: Any) -> Scorer:
    """Return the checkpoint's own answers, in float32."""
    import torch

    @torch.inference_mode()
    def score(batch: npt.NDArray[np.float32]) -> Scores:
        scores: Scores = model(torch.from_numpy(batch)).numpy()
        return scores

    return score


def onnx_scorer(model: Path | bytes, *, threads: int = 0) -> Scorer:
    """Return an ONNX file's answers (or a serialised model's) on the CPU, with ONNX Runtime's own optimisations all on.

    Raises :class:`ModelInvalid` where ONNX Runtime cannot open it, or it has other inputs and outputs.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    name = "The exported model" if isinstance(model, bytes) else str(model)
    held = model if isinstance(model, bytes) else str(model)
    try:
        session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base of their own
        raise ModelInvalid(f"{name} cannot be opened by ONNX Runtime: {first_line(error)}.") from error
    if [i.name for i in session.get_inputs()] != [INPUT] or OUTPUT not in [o.name for o in session.get_outputs()]:
        raise ModelInvalid(f"{name} does not have the one input {INPUT!r} and the output {OUTPUT!r}.")

    def score(batch: npt.NDArray[np.float32]) -> Scores:
        scores: Scores = session.run([OUTPUT], {INPUT: batch})[0]
        return scores

    return score


def described(source: Source, proto: onnx.ModelProto, precision: str, card: str | None) -> onnx.ModelProto:
    """Put the metadata into ``proto``: LineSpec, charset, precision, checksum, history, model card; checked by onnx."""
    facts = {
        **source.facts,
        METADATA_KEY: source.spec.to_json(),
        "charset": source.spec.charset_name,
        "precision": precision,
        "nordocr": __version__,
        "model_card": card or source.facts.get("model_card") or default_card(source),
    }
    onnx.helper.set_model_props(proto, facts)
    onnx.checker.check_model(proto)
    return proto


def default_card(source: Source) -> str:
    """Write a short model card, Markdown, of what the file itself knows, where no other was given."""
    spec, facts, family = source.spec, source.facts, family_of(source.spec)
    variant = f", variant {facts['variant']}" if "variant" in facts else ""
    lines = [
        f"# {source.path.stem}",
        "",
        f"{family.title}{variant}. Reads one text line.",
        "",
        f"- charset: {spec.charset_name}, {spec.charset.num_classes} classes, {family.first_class} first",
        f"- decoding: {family.reading}",
        f"- input: [batch, 3, {spec.height}, width] float32 {spec.channels}, {spec.normalization}, white padding",
        f"- output: [batch, {family.rows_said(spec)}, {spec.charset.num_classes}] {spec.output}",
        f"- trained to {spec.max_width} px; resize {spec.interpolation}; crops framed: {spec.framing}",
    ]
    lines += [f"- {name}: {facts[key]}" for name, key in _CARD_FACTS.items() if key in facts]
    return "\n".join(lines) + "\n"


_CARD_FACTS: Final = {
    "parameters": "parameters",
    "checkpoint SHA-256": "checkpoint_sha256",
    "source SHA-256": "source_sha256",
    "training": "history",
}


def first_line(error: Exception) -> str:
    """Return the first line of what a library says, short and without its full stop, to go into a sentence of ours."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:200]
