"""A model file's temperature: where it is written, so that :mod:`nordocr.recognize.temperature` finds it."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
import yaml

from nordocr.errors import ModelInvalid, OutputUnwritable
from nordocr.evaluate.lines.temperature import Scorer
from nordocr.export.source import onnx_scorer
from nordocr.files import write_whole
from nordocr.linespec import LineSpec
from nordocr.recognize.modelspec import METADATA_KEY, find_linespec, said_nothing, sibling_meta
from nordocr.recognize.temperature import TEMPERATURE_KEY
from nordocr.yamlfile import load_yaml


def open_scorer(model: Path, linespec: Path | None = None) -> tuple[Scorer, LineSpec]:
    """Open an ONNX file: its raw scores and its LineSpec. Raises :class:`ModelInvalid` or :class:`ModelMissing`."""
    score = onnx_scorer(model)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    spec = find_linespec(model, dict(session.get_modelmeta().custom_metadata_map), linespec)
    if spec is None:
        raise ModelInvalid(said_nothing(model))
    return score, spec


def says_temperature(model: Path) -> bool:
    """Whether the metadata of an ONNX file says a temperature."""
    proto = onnx.load(str(model), load_external_data=False)
    return any(item.key == TEMPERATURE_KEY for item in proto.metadata_props)


def write_temperature(model: Path, output: Path, temperature: float) -> Path:
    """Write ``model`` with its temperature to ``output`` and give the file that says it.

    That is ``output`` itself, or the ``*_meta.yaml`` beside a model whose LineSpec is there: such a model is not
    copied, and ``output`` must be the model. Raises :class:`OutputUnwritable`.
    """
    proto = onnx.load(str(model), load_external_data=False)
    facts = {item.key: item.value for item in proto.metadata_props}
    try:
        if METADATA_KEY in facts:
            onnx.helper.set_model_props(proto, facts | {TEMPERATURE_KEY: repr(temperature)})
            return write_whole(output, proto.SerializeToString())
        sibling = sibling_meta(model)
        if sibling is None or output.resolve() != model.resolve():
            raise OutputUnwritable(f"{model} holds no metadata: its temperature goes into the *_meta.yaml beside it.")
        values = load_yaml(sibling.read_text(encoding="utf-8")) | {TEMPERATURE_KEY: temperature}
        return write_whole(sibling, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise OutputUnwritable(f"{output} cannot be written: {error.strerror or error}.") from error
