"""What a reading run is told: one typed, frozen set of keys, every one of them read by something.

A configuration file is YAML, or JSON by its ``.json`` suffix. Unknown keys are refused with the nearest known one as
a suggestion. The key names of the system that nordocr takes over from are accepted beside ours (:data:`ALIASES`).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from nordocr.charset import LANGUAGES
from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.linespec import CEILING

ALIASES: Final = {
    "recognize_engine_path": "recognizer",
    "recognize_max_input_width": "max_input_width",
    "recognize_max_seq_len": "max_seq_len",
}
"""Today's key names and the keys that they stand for."""


PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Small batches stay in the cache and spread over the cores; rungs cost a quarter of a second each, once.
    "cpu": {"device": "cpu", "engine": "auto", "shapes": "rungs", "batch_area": 4096},
    # RTX A6000, sm_86: 32 lines of 768 px, at most 64 short ones.
    "a6000": {"device": "cuda", "batch_area": 32 * 768, "max_batch": 64, "max_input_width": 1792, "max_seq_len": 448},
    # RTX PRO 6000 Blackwell, sm_120: 64 lines of 768 px, at most 128 short ones.
    "blackwell": {
        "device": "cuda",
        "batch_area": 64 * 768,
        "max_batch": 128,
        "max_input_width": 1792,
        "max_seq_len": 448,
    },
}
"""What the key ``preset`` stands for; keys that are said beside it win."""


class Limits(BaseModel):
    """What one input may cost. Going over any of them is :class:`nordocr.errors.InputTooLarge`.

    ``max_bytes`` of a file, ``max_pixels`` of a page (width x height, checked before the page is decoded),
    ``max_pages`` of a file, ``max_seconds`` that drawing one page of a PDF may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=2 * 1024**3, ge=1)
    max_pixels: int = Field(default=200_000_000, ge=1)
    max_pages: int = Field(default=10_000, ge=1)
    max_seconds: float = Field(default=120.0, gt=0)


class ReadingConfig(BaseModel):
    """The keys of a reading run.

    ``recognizer``: a bundled model's name, a model file, or ``tesseract``. ``detector``: a detector's name.
    ``linespec``: a file with the LineSpec of a model that holds none.
    ``max_input_width`` (pixels) and ``max_seq_len`` (output steps) bound the recogniser's input, see :attr:`ceiling`.
    ``batch_area``: lines x width in pixels that go through the model together. ``threads``: 0 means all cores.
    ``char_boxes``: give every character its box. ``pages_ahead``: pages that are decoded while others are read; 0 does
    one thing after the other. ``turn_pages``: pages on a side or upside down are turned before they are read.
    ``drop_scribbles``: what reads as no text at all (signatures, dirt) is left out.
    ``pdf_password`` opens encrypted PDFs; it is never shown.
    ``engine``: what runs the model, None for what its file is made for (ONNX Runtime, OpenVINO, TensorRT, PyTorch);
    ``auto`` takes OpenVINO for an ONNX file where it is installed. ``device``: where models run. ``precision`` to
    compute in, ``auto`` for the file's own. ``provider``: ONNX Runtime's execution provider, None for the device's;
    ``cudnn_conv_algo_search``: how its CUDA provider chooses convolutions. ``shapes``: whether OpenVINO compiles the
    model once or for every rung. ``torch_mode``: how PyTorch runs it. ``max_batch``: lines of a batch at most.
    ``warm_up``: run every rung once before the first line. ``docs/engines.md`` says when to use which.
    ``lang``: the languages whose letters may be read, as ``sv,en`` or a list of codes; none or ``all`` for every
    letter of the model. ``lm``: the language model, ``nordic`` for the one in the package, a file, or ``none``.
    ``tess_lang`` and ``tessdata``: Tesseract's languages and the folder of their data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizer: str = "nano"
    linespec: Path | None = None
    max_input_width: int = Field(default=CEILING, ge=32, le=CEILING)
    max_seq_len: int | None = Field(default=None, ge=8)
    batch_area: int = Field(default=4096, ge=1)
    max_batch: int | None = Field(default=None, ge=1)
    threads: int = Field(default=0, ge=0)
    engine: Literal["auto", "onnx", "openvino", "tensorrt", "torch"] | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["auto", "f32", "bf16", "f16", "int8"] = "auto"
    provider: Literal["cpu", "cuda", "tensorrt", "openvino"] | None = None
    cudnn_conv_algo_search: Literal["measure", "exhaustive", "heuristic", "default"] = "measure"
    shapes: Literal["dynamic", "rungs"] = "dynamic"
    torch_mode: Literal["eager", "compiled", "graphs"] = "eager"
    warm_up: bool = False
    lang: tuple[str, ...] = ()
    lm: str = Field(default="nordic", min_length=1)
    tess_lang: str = Field(default="swe+nor+dan+fin+isl+eng", min_length=1)
    tessdata: Path | None = None
    detector: str = "morphology"
    char_boxes: bool = False
    pages_ahead: int = Field(default=2, ge=0, le=64)
    turn_pages: bool = True
    drop_scribbles: bool = True
    pdf_password: SecretStr | None = None
    limits: Limits = Limits()

    @field_validator("lang", mode="before")
    @classmethod
    def _languages(cls, value: object) -> object:
        codes = value.split(",") if isinstance(value, str) else value
        if isinstance(codes, list | tuple):  # YAML takes the Norwegians' code for a plain no
            codes = ["no" if code is False else code for code in codes]
        if not isinstance(codes, list | tuple) or not all(isinstance(code, str) for code in codes):
            return codes
        found = tuple(dict.fromkeys(code.strip().lower() for code in codes))
        if found == ("all",):
            return ()
        unknown = [code for code in found if code not in LANGUAGES]
        if unknown:
            raise ValueError(f"there is no language {unknown[0]!r}, only all, {', '.join(LANGUAGES)}")
        return found

    def password(self) -> str | None:
        """The password of PDFs in the clear."""
        return None if self.pdf_password is None else self.pdf_password.get_secret_value()

    @property
    def ceiling(self) -> int:
        """The widest input in pixels that the recogniser is asked to read.

        ``max_input_width``, or less where ``max_seq_len`` steps of 4 pixels do not reach that far.
        """
        if self.max_seq_len is None:
            return self.max_input_width
        return min(self.max_input_width, 4 * self.max_seq_len)


def parse_config(values: Mapping[str, Any], source: object) -> ReadingConfig:
    """A configuration from a mapping of keys; :class:`ConfigInvalid` names ``source`` and the key that is wrong.

    The key ``preset`` names one of :data:`PRESETS`.
    """
    plain = _our_names(values, source)
    preset = plain.pop("preset", None)
    if preset is not None:
        if preset not in PRESETS:
            raise ConfigInvalid(f"{source} has {preset!r} for 'preset': there are {', '.join(PRESETS)}.")
        plain = {**PRESETS[preset], **plain}
    try:
        return ReadingConfig.model_validate(plain)
    except ValidationError as error:
        raise ConfigInvalid(_sentence(error, source)) from error


def load_config(path: Path) -> ReadingConfig:
    """Read a YAML file, or JSON by its suffix ``.json``.

    Paths inside are relative to the working directory. Raises :class:`InputMissing` or :class:`ConfigInvalid`.
    """
    return parse_config(_values_of(path), f"Configuration file {path}")


def settings(path: Path | None, options: Mapping[str, Any]) -> ReadingConfig:
    """A configuration file, where there is one, and over it the options of a command line that are not None.

    A preset named in the options stands below the file's own keys. Raises as :func:`load_config`.
    """
    values: dict[str, Any] = {}
    if path is not None:
        values = _our_names(_values_of(path), f"Configuration file {path}")
        parse_config(values, f"Configuration file {path}")  # what is wrong with the file is said of the file
    return parse_config(values | {k: v for k, v in options.items() if v is not None}, "The command line")


def _our_names(values: Mapping[str, Any], source: object) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in values.items():
        name = ALIASES.get(str(key), str(key))
        if name in plain:
            raise ConfigInvalid(f"{source} gives {name!r} twice, once as {key!r}.")
        plain[name] = value
    return plain


def _values_of(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputMissing(f"There is no configuration file {path}.")
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"Configuration file {path} is not UTF-8.") from error
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigInvalid(f"Configuration file {path} cannot be parsed: {reason}.") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigInvalid(f"Configuration file {path} holds a {type(values).__name__}, not keys with values.")
    return values


def _sentence(error: ValidationError, source: object) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{source} has {first['input']!r} for {key!r}: {first['msg'].lower()}."
    nested = len(first["loc"]) > 1
    known = [*Limits.model_fields] if nested else [*ReadingConfig.model_fields, "preset", *ALIASES]
    near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known keys are {', '.join(known)}."
    return f"{source} has an unknown key {key!r}{hint}"
