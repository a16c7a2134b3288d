"""Where the LineSpec of a model file is: in its metadata, in a file that the user names, or in a YAML beside it.

The last (``*_meta.yaml``) is what older models have, with the keys ``decoder``, ``blank_index``, ``charset_size``,
``num_classes``, ``stride``, ``input_height``, ``max_width_tested`` and ``normalization``. Files that nordocr writes say
the whole LineSpec there too, under ``linespec``; an OpenVINO IR also in its ``rt_info`` (:data:`RT_INFO`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from nordocr.charset import NORDIC_126
from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.invalid import first_fault
from nordocr.jsontext import load_json
from nordocr.linespec import LineSpec

METADATA_KEY: Final = "linespec"
"""The ONNX metadata key whose value is :meth:`LineSpec.to_json`."""

NAMED: Final = {f"nordic-{width}": LineSpec(max_width=width) for width in (768, 1024, 1792)}
"""LineSpecs that ``--linespec`` knows by name: nordic-126 at three widths. Logits or probabilities, the model shows."""

RT_INFO: Final = "nordocr"
"""The section of an OpenVINO model's ``rt_info`` that holds our metadata: ``["nordocr", "linespec"]`` and others."""


def find_linespec(model: Path, metadata: Mapping[str, str], explicit: Path | None) -> LineSpec | None:
    """Find the spec of a model.

    Args:
        model: The model file.
        metadata: The metadata in the file.
        explicit: A file with the spec that the user named, or a name of :data:`NAMED`.

    Returns:
        The spec of ``explicit``, else of the metadata, else of the YAML beside the model; None if there is none.

    Raises:
        ModelInvalid: A spec is not valid, or ``explicit`` contradicts the metadata.
        ModelMissing: ``explicit`` is not a file.
    """
    embedded = metadata.get(METADATA_KEY)
    inside = LineSpec.from_json(embedded, model) if embedded is not None else None
    if explicit is not None:
        named = read_linespec(explicit)
        if inside is not None:
            inside.require_same(named, explicit)
        return named
    if inside is not None:
        return inside
    sibling = sibling_meta(model)
    return read_linespec(sibling) if sibling is not None else None


def said_nothing(model: Path) -> str:
    """Return the sentence for a model without a LineSpec: what to add to the command, or to write beside the file."""
    return (
        f"{model} contains no LineSpec, and there is no *_meta.yaml beside it. If it was trained to 768 px with the "
        "charset nordic-126, add --linespec nordic-768 (or nordic-1024, nordic-1792), or write "
        f"{meta_path(model).name} beside it with the three lines 'num_classes: 126', 'input_height: 32' and "
        "'max_width_tested: 768'; else use --linespec FILE."
    )


def meta_path(model: Path) -> Path:
    """Return the path of a model's YAML: ``NAME_meta.yaml`` beside ``NAME.onnx``, ``NAME.xml`` or ``NAME.engine``."""
    return model.with_name(f"{model.stem}_meta.yaml")


def sibling_meta(model: Path) -> Path | None:
    """Find the YAML of a model: ``NAME_meta.yaml``, else the folder's only ``*_meta.yaml``, else None."""
    own = meta_path(model)
    if own.is_file():
        return own
    others = list(model.parent.glob("*_meta.yaml"))
    return others[0] if len(others) == 1 else None


def read_linespec(path: Path) -> LineSpec:
    """Read a LineSpec from JSON or YAML: its own keys, or those of a ``*_meta.yaml``. A name of :data:`NAMED` will do.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It does not describe a model that nordocr reads.
    """
    if not path.is_file():
        if str(path) in NAMED:
            return NAMED[str(path)]
        raise ModelMissing(f"There is no LineSpec file {path}; by name there are {', '.join(NAMED)}.")
    import yaml  # here: see nordocr.config

    from nordocr.yamlfile import load_yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
        values = load_json(text) if path.suffix.lower() == ".json" else load_yaml(text)
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise ModelInvalid(f"LineSpec file {path} cannot be parsed.") from error
    if not isinstance(values, dict):
        raise ModelInvalid(f"LineSpec file {path} contains no keys.")
    if isinstance(values.get("linespec"), dict):
        # A *_meta.yaml of ours says the whole LineSpec beside the older keys; the older keys alone would lose some.
        return LineSpec.from_json(json.dumps(values["linespec"]), path)
    if "num_classes" in values or "input_height" in values:
        values = _from_meta(values, path)
    try:
        return LineSpec.model_validate(values)
    except ValidationError as error:
        raise ModelInvalid(f"The LineSpec in {path} is not valid: {first_fault(error, 'the whole')}.") from error


def check_charset(spec: LineSpec, classes: int, source: object) -> None:
    """Raise :class:`ModelInvalid` unless there is a class for each character and a known name has its characters."""
    if spec.charset_name == NORDIC_126.name and spec.characters != NORDIC_126.characters:
        raise ModelInvalid(f"{source} calls its charset {NORDIC_126.name} but has other characters or another order.")
    wanted = spec.charset.num_classes
    if classes != wanted:
        raise ModelInvalid(f"{source} has {classes} classes where its charset {spec.charset_name} needs {wanted}.")


def _from_meta(values: dict[str, Any], path: Path) -> dict[str, Any]:
    """LineSpec's keys from a ``*_meta.yaml``; what the keys say beyond a LineSpec must be what nordocr does."""
    nordic = NORDIC_126.num_classes
    fixed = {
        "blank_index": (0,),
        "num_classes": (nordic,),
        "charset_size": (nordic - 1, nordic),
        "decoder": ("ctc", "rctc", "ctc_greedy", "greedy"),
    }
    for key, allowed in fixed.items():
        value = values.get(key, allowed[0])
        if (value.lower() if isinstance(value, str) else value) not in allowed:
            raise ModelInvalid(f"{path} has {key} {value!r} where {allowed[0]!r} is required; use --linespec FILE.")
    said = str(values.get("normalization", "pixel/127.5-1"))
    if not re.search(r"127\.5|-1(\.0)?\s*(,|to|\.\.)\s*\+?1|0\.5", said):
        raise ModelInvalid(f"{path} has normalization {said!r} where pixel/127.5-1 is required.")
    named = {"stride": "stride", "input_height": "height", "max_width_tested": "max_width", "output": "output"}
    return {ours: values[theirs] for theirs, ours in named.items() if theirs in values}
