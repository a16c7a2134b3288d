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
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.linespec import CEILING

ALIASES: Final = {
    "recognize_engine_path": "recognizer",
    "recognize_max_input_width": "max_input_width",
    "recognize_max_seq_len": "max_seq_len",
}
"""Today's key names and the keys that they stand for."""


class Limits(BaseModel):
    """What one input may cost. Going over any of them is :class:`nordocr.errors.InputTooLarge`.

    ``max_bytes`` of a file, ``max_pixels`` of a page (width x height, checked before the page is decoded),
    ``max_pages`` of a file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=2 * 1024**3, ge=1)
    max_pixels: int = Field(default=200_000_000, ge=1)
    max_pages: int = Field(default=10_000, ge=1)


class ReadingConfig(BaseModel):
    """The keys of a reading run.

    ``recognizer``: a bundled model's name, a model file, or ``tesseract``. ``detector``: a detector's name.
    ``linespec``: a file with the LineSpec of a model that holds none.
    ``max_input_width`` (pixels) and ``max_seq_len`` (output steps) bound the recogniser's input, see :attr:`ceiling`.
    ``batch_area``: lines x width in pixels that go through the model together. ``threads``: 0 means all cores.
    ``device``: where models run. ``tess_lang`` and ``tessdata``: Tesseract's languages and the folder of their data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizer: str = "nano"
    linespec: Path | None = None
    max_input_width: int = Field(default=CEILING, ge=32, le=CEILING)
    max_seq_len: int | None = Field(default=None, ge=8)
    batch_area: int = Field(default=16_384, ge=1)
    threads: int = Field(default=0, ge=0)
    device: Literal["cpu", "cuda"] = "cpu"
    tess_lang: str = Field(default="swe+nor+dan+fin+isl+eng", min_length=1)
    tessdata: Path | None = None
    detector: str = "morphology"
    limits: Limits = Limits()

    @property
    def ceiling(self) -> int:
        """The widest input in pixels that the recogniser is asked to read.

        ``max_input_width``, or less where ``max_seq_len`` steps of 4 pixels do not reach that far.
        """
        if self.max_seq_len is None:
            return self.max_input_width
        return min(self.max_input_width, 4 * self.max_seq_len)


def parse_config(values: Mapping[str, Any], source: object) -> ReadingConfig:
    """A configuration from a mapping of keys; :class:`ConfigInvalid` names ``source`` and the key that is wrong."""
    plain: dict[str, Any] = {}
    for key, value in values.items():
        name = ALIASES.get(str(key), str(key))
        if name in plain:
            raise ConfigInvalid(f"{source} gives {name!r} twice, once as {key!r}.")
        plain[name] = value
    try:
        return ReadingConfig.model_validate(plain)
    except ValidationError as error:
        raise ConfigInvalid(_sentence(error, source)) from error


def load_config(path: Path) -> ReadingConfig:
    """Read a YAML file, or JSON by its suffix ``.json``.

    Paths inside are relative to the working directory. Raises :class:`InputMissing` or :class:`ConfigInvalid`.
    """
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
        values = {}
    if not isinstance(values, dict):
        raise ConfigInvalid(f"Configuration file {path} holds a {type(values).__name__}, not keys with values.")
    return parse_config(values, f"Configuration file {path}")


def _sentence(error: ValidationError, source: object) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{source} has {first['input']!r} for {key!r}: {first['msg'].lower()}."
    nested = len(first["loc"]) > 1
    known = [*Limits.model_fields] if nested else [*ReadingConfig.model_fields, *ALIASES]
    near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known keys are {', '.join(known)}."
    return f"{source} has an unknown key {key!r}{hint}"
