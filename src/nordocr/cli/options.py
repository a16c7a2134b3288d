"""Options that several verbs share: one definition of names, short forms, defaults and help.

A verb that reads takes one parameter ``reading`` and gets the whole group::

    @reading_options
    def evaluate(data: ..., reading: LineOptions) -> None:
        config = reading.settings()

:class:`LineOptions` is for verbs that read line crops, :class:`PageOptions` for verbs that read pages. A verb
that needs only some of the options uses the annotated types (:data:`Recognizer`, :data:`LineSpecFile` ...).
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from nordocr.config import PRESETS, ReadingConfig, settings
from nordocr.errors import InputMissing

PASSWORD_VARIABLE: Final = "NORDOCR_PDF_PASSWORD"
"""The environment variable that may hold the password of PDFs; other users of a machine can see a command line."""

LEVELS: Final = ("debug", "info", "warning", "error")
"""Values of ``--log-level``."""


def _default(key: str) -> object:
    return ReadingConfig.model_fields[key].default


Recognizer = Annotated[
    str | None,
    typer.Option(
        "--recognizer",
        "--model",
        "-m",
        help="Model to read with: a name (models list), a file (.onnx, .xml, .engine, .safetensors) or tesseract "
        f"(default: {_default('recognizer')}).",
    ),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", help="Read settings from this YAML or JSON file; options override it.")
]
Preset = Annotated[str | None, typer.Option(help=f"Use the settings for a machine: {', '.join(PRESETS)}.")]
EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine", help="Run the model on auto, onnx, openvino, tensorrt or torch (default: by the file's suffix)."
    ),
]
Precision = Annotated[
    str | None, typer.Option(help="Compute in auto, f32, bf16, f16 or int8 (default: auto, the model's own).")
]
Device = Annotated[str | None, typer.Option(help=f"Run models on cpu or cuda (default: {_default('device')}).")]
LineSpecFile = Annotated[
    Path | None, typer.Option("--linespec", help="LineSpec of a model that contains none: a file, or nordic-768.")
]
Threads = Annotated[int | None, typer.Option(help="Number of threads; 0 uses all cores (default: 0).")]
Languages = Annotated[
    str | None, typer.Option("--lang", help="Read only the letters of these languages: sv,en (default: all).")
]
NoLanguageModel = Annotated[bool, typer.Option("--no-lm", help="Read without the language model.")]
TessLang = Annotated[str | None, typer.Option(help=f"Tesseract's languages (default: {_default('tess_lang')}).")]
TessData = Annotated[Path | None, typer.Option(help="Folder with Tesseract's *.traineddata files.")]
Detector = Annotated[
    str | None,
    typer.Option(help=f"Line detector: morphology, dbnet or an .onnx file (default: {_default('detector')})."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help=f"File whose first line is the password of PDFs (default: ${PASSWORD_VARIABLE})."),
]
LogLevel = Annotated[str, typer.Option(help=f"Log to standard error from this level on: {', '.join(LEVELS)}.")]
OutputFolder = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")]
"""A required folder; verbs with other words for it define ``--output``, ``-o`` themselves."""


@dataclass(frozen=True)
class LineOptions:
    """The options of a verb that reads line crops. None stands for an option that was not given."""

    recognizer: Recognizer = None
    config: ConfigFile = None
    preset: Preset = None
    engine: EngineName = None
    precision: Precision = None
    device: Device = None
    linespec: LineSpecFile = None
    threads: Threads = None
    lang: Languages = None
    no_lm: NoLanguageModel = False
    tess_lang: TessLang = None
    tessdata: TessData = None

    def settings(self, **further: object) -> ReadingConfig:
        """Return the configuration file's settings with the options over them.

        Args:
            **further: Configuration keys that the verb sets by itself; None for keys to leave alone.

        Returns:
            The configuration; its ``model_fields_set`` holds the keys that the user set.

        Raises:
            InputMissing: The configuration or password file does not exist.
            ConfigInvalid: A key or value is wrong.
        """
        return settings(self.config, self._keys() | further)

    def _keys(self) -> dict[str, Any]:
        keys = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "config"}
        return keys | {"lm": "none" if keys.pop("no_lm") else None}


@dataclass(frozen=True)
class PageOptions(LineOptions):
    """The options of a verb that reads pages."""

    detector: Detector = None
    password_file: PasswordFile = None

    def _keys(self) -> dict[str, Any]:
        keys = super()._keys()
        return keys | {"pdf_password": read_password(keys.pop("password_file"))}


def reading_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Replace the parameter ``reading`` of a verb by the options of its class, :class:`LineOptions` or a subclass.

    Args:
        verb: A function for typer whose parameter ``reading`` is annotated with the class.

    Returns:
        A function that takes the options as keywords and hands ``verb`` an instance of the class.
    """
    signature = inspect.signature(verb, eval_str=True)
    group: type[LineOptions] = signature.parameters["reading"].annotation
    hints = get_type_hints(group, include_extras=True)
    names = [field.name for field in fields(group)]

    @functools.wraps(verb)
    def expanded(**given: Any) -> None:
        reading = group(**{name: given.pop(name) for name in names if name in given})
        verb(**given, reading=reading)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [p.replace(kind=keyword) for p in signature.parameters.values() if p.name != "reading"]
    parameters += [
        inspect.Parameter(f.name, keyword, default=f.default, annotation=hints[f.name]) for f in fields(group)
    ]
    expanded.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
    del expanded.__wrapped__  # typing.get_type_hints would look there
    return expanded


def read_password(path: Path | None) -> str | None:
    """Return the password of PDFs from a file's first line, or from the environment where no file is given.

    Raises:
        InputMissing: The file cannot be read.
    """
    if path is None:
        return os.environ.get(PASSWORD_VARIABLE) or None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissing(f"The password file {path} cannot be read.") from error
    return (text.splitlines() or [""])[0]
