"""The keywords of :class:`nordocr.Reader`: the keys of a reading run's configuration, typed for the user's editor."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import SecretStr

from nordocr.config import PRESETS, Limits, ReadingConfig, load_config, parse_config

StrPath = str | os.PathLike[str]


class Options(TypedDict, total=False):
    """The keys of :class:`nordocr.config.ReadingConfig`, and ``preset``; ``docs/configuration.md`` explains each."""

    preset: str
    recognizer: str
    linespec: StrPath | None
    max_input_width: int
    max_seq_len: int | None
    batch_area: int | None
    max_batch: int | None
    threads: int
    engine: str | None
    device: Literal["cpu", "cuda"]
    precision: Literal["auto", "f32", "bf16", "f16", "int8"]
    provider: Literal["cpu", "cuda", "tensorrt", "openvino"] | None
    cudnn_conv_algo_search: Literal["measure", "exhaustive", "heuristic", "default"]
    shapes: Literal["dynamic", "rungs"]
    torch_mode: Literal["eager", "compiled", "graphs"]
    warm_up: bool
    lang: str | Sequence[str]
    lm: str
    tess_lang: str
    tessdata: StrPath | None
    detector: str
    char_boxes: bool
    pages_ahead: int
    turn_pages: bool
    drop_scribbles: bool
    keep_dropped: bool
    pdf_password: str | SecretStr | None
    limits: Limits | Mapping[str, Any]


def configured(config: ReadingConfig | StrPath | None, options: Mapping[str, Any]) -> ReadingConfig:
    """Return a configuration with keywords over it.

    Args:
        config: A configuration, or the YAML or JSON file that holds one.
        options: Keys and values that override it; the keys of a preset among them override only what it does not set.

    Raises:
        InputMissing: There is no such file.
        ConfigInvalid: A key is unknown or a value is out of range.
    """
    told = parse_config(options, "The Reader")
    if config is None:
        return told
    base = config if isinstance(config, ReadingConfig) else load_config(Path(config))
    if not options:
        return base
    suggested = set(PRESETS.get(str(options.get("preset")), {})) - base.model_fields_set
    over = {key: getattr(told, key) for key in told.model_fields_set | suggested}
    return ReadingConfig.model_construct(
        _fields_set=base.model_fields_set | told.model_fields_set, **{**dict(base), **over}
    )
