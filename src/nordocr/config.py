"""The settings of a reading run: one typed, frozen set of keys.

A configuration file is YAML, or JSON if its suffix is ``.json``. An unknown key is an error that suggests the nearest
known one. The key names of the system that nordocr replaces are accepted beside ours (:data:`ALIASES`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from nordocr.charset import LANGUAGES
from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.jsontext import load_json
from nordocr.limits import Limits as Limits
from nordocr.linespec import CEILING

ALIASES: Final = {
    "recognize_engine_path": "recognizer",
    "recognize_max_input_width": "max_input_width",
    "recognize_max_seq_len": "max_seq_len",
}
"""Key names of the system in use today, and the keys that they stand for."""


PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Rungs cost a quarter of a second each, once.
    "cpu": {"device": "cpu", "engine": "auto", "shapes": "rungs"},
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
"""Keys that the key ``preset`` stands for; keys that are given beside it override them."""


class ReadingConfig(BaseModel):
    """The settings of a reading run. ``docs/configuration.md`` is generated from the fields.

    ``model_fields_set`` holds the keys that the user set. An engine that does not support one of them refuses to open
    (:mod:`nordocr.recognize.registry`); the keys of a preset are suggestions and are not among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizer: str = Field(
        default="nano",
        description="The model that reads lines: a bundled or installed model's name, a model file, or `tesseract`.",
    )
    linespec: Path | None = Field(
        default=None,
        description="The LineSpec of a model file that contains none: a file, or `nordic-768`, `nordic-1024` or "
        "`nordic-1792`.",
    )
    max_input_width: int = Field(
        default=CEILING,
        ge=32,
        le=CEILING,
        description="The widest line in pixels, at the recogniser's height, that the model is given. "
        "Wider lines are split at a gap between words, or squeezed where there is none.",
    )
    max_seq_len: int | None = Field(
        default=None,
        ge=8,
        description="The same limit in output steps of 4 pixels; the lower of the two applies. Default: no limit.",
    )
    batch_area: int | None = Field(
        default=None,
        ge=1,
        description="Size of a batch: number of lines times their width in pixels. "
        "Default: 1024 for ONNX Runtime and OpenVINO on a CPU, else 4096.",
    )
    max_batch: int | None = Field(default=None, ge=1, description="Most lines in a batch. Default: no limit.")
    threads: int = Field(
        default=0,
        ge=0,
        description="Batches that are read at the same time, each on its own thread. "
        "0 is one for each core on a CPU, and two on a GPU.",
    )
    engine: str | None = Field(
        default=None,
        description="The engine that runs the model (see docs/engines.md). `auto` uses OpenVINO for an ONNX file where "
        "it is installed and supports the other keys. Default: the usual engine for the model file's suffix.",
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="The device that models run on.")
    precision: Literal["auto", "f32", "bf16", "f16", "int8"] = Field(
        default="auto", description="The precision to compute in; `auto` is the model file's own."
    )
    provider: Literal["cpu", "cuda", "tensorrt", "openvino"] | None = Field(
        default=None, description="ONNX Runtime's execution provider. Default: the one for `device`."
    )
    cudnn_conv_algo_search: Literal["measure", "exhaustive", "heuristic", "default"] = Field(
        default="measure",
        description="How ONNX Runtime's CUDA provider chooses convolutions; `measure` tries all of them on opening.",
    )
    shapes: Literal["dynamic", "rungs"] = Field(
        default="dynamic",
        description="Whether OpenVINO compiles the model once, or once for each width of the ladder: about a tenth "
        "faster, a quarter of a second each to compile.",
    )
    torch_mode: Literal["eager", "compiled", "graphs"] = Field(
        default="eager",
        description="How PyTorch runs the model: as it is, with `torch.compile`, or as a CUDA graph for each shape.",
    )
    warm_up: bool = Field(
        default=False, description="Run a batch of each width when the model is opened, so that the first page is fast."
    )
    lang: tuple[str, ...] = Field(
        default=(),
        description="Languages whose letters may be read, as `sv,en` or a list. Default: every letter of the model.",
    )
    lm: str = Field(
        default="nordic",
        min_length=1,
        description="The language model: `nordic`, the one in the package, a file, or `none`.",
    )
    tess_lang: str = Field(
        default="swe+nor+dan+fin+isl+eng", min_length=1, description="Tesseract's languages, joined by `+`."
    )
    tessdata: Path | None = Field(
        default=None,
        description="The folder of Tesseract's `*.traineddata` files. "
        "Default: `TESSDATA_PREFIX`, then the usual places.",
    )
    detector: str = Field(
        default="morphology",
        description="The line detector: `morphology`, `dbnet`, or a detector's model file (.onnx).",
    )
    char_boxes: bool = Field(default=False, description="Give each character a box in JSON.")
    pages_ahead: int = Field(
        default=2,
        ge=0,
        le=64,
        description="Pages that are decoded and searched for lines while others are read; 0 does one after the other.",
    )
    turn_pages: bool = Field(
        default=True, description="Turn pages that lie on a side or upside down before they are read."
    )
    keep_dropped: bool = Field(default=False, description="List in JSON what was left out, with the reason.")
    drop_scribbles: bool = Field(
        default=True, description="Leave out what does not read as text, such as signatures and dirt."
    )
    pdf_password: SecretStr | None = Field(
        default=None,
        description="The password of encrypted PDFs; never shown. Prefer `--password-file` or `NORDOCR_PDF_PASSWORD`.",
    )
    limits: Limits = Field(default=Limits(), description="What one input may cost; see below.")

    @field_validator("lang", mode="before")
    @classmethod
    def _languages(cls, value: object) -> object:
        codes = value.split(",") if isinstance(value, str) else value
        if isinstance(codes, list | tuple):  # YAML reads the code of Norwegian as a plain no
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
        """Return the password of PDFs in the clear, None where none is set."""
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
    """Return the configuration that a mapping of keys describes.

    Args:
        values: Keys and values; the key ``preset`` names one of :data:`PRESETS`.
        source: Where they come from, for errors.

    Returns:
        The configuration, without the preset's keys in ``model_fields_set``.

    Raises:
        ConfigInvalid: A key is unknown or a value is out of range.
    """
    plain = _our_names(values, source)
    preset = plain.pop("preset", None)
    below: Mapping[str, Any] = {}
    if preset is not None:
        if preset not in PRESETS:
            raise ConfigInvalid(f"{source} has {preset!r} for 'preset'; the presets are {', '.join(PRESETS)}.")
        below = PRESETS[preset]
    try:
        whole = ReadingConfig.model_validate({**below, **plain})
    except ValidationError as error:
        raise ConfigInvalid(_sentence(error, source)) from error
    return ReadingConfig.model_construct(_fields_set=set(plain), **dict(whole))


def load_config(path: Path) -> ReadingConfig:
    """Return the configuration in a YAML file, or in a JSON file if its suffix is ``.json``.

    Args:
        path: The file. Paths in it are relative to the working directory.

    Raises:
        InputMissing: There is no such file.
        ConfigInvalid: The file cannot be parsed, a key is unknown or a value is out of range.
    """
    return parse_config(_values_of(path), f"Configuration file {path}")


def settings(path: Path | None, options: Mapping[str, Any]) -> ReadingConfig:
    """Return a configuration file's settings with the options of a command line over them.

    Args:
        path: The configuration file, None for none.
        options: Keys and values; those that are None were not given. A preset among them stands below the file's keys.

    Raises:
        InputMissing: There is no such file.
        ConfigInvalid: The file cannot be parsed, a key is unknown or a value is out of range.
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
    import yaml  # here: most runs read no YAML, and it takes a twentieth of a start

    from nordocr.yamlfile import load_yaml

    if not path.is_file():
        raise InputMissing(f"There is no configuration file {path}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = load_json(text) if path.suffix.lower() == ".json" else load_yaml(text)
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"Configuration file {path} is not UTF-8.") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigInvalid(f"Configuration file {path} cannot be parsed: {reason}.") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        kind = type(values).__name__
        raise ConfigInvalid(f"Configuration file {path} contains a {kind}, not a mapping of keys to values.")
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
