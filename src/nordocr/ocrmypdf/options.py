"""The plugin's options, and the reading settings that they and OCRmyPDF's own ones amount to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from ocrmypdf.exceptions import BadArgsError
from pydantic import BaseModel, Field

from nordocr.charset import LANGUAGES
from nordocr.config import ReadingConfig, settings
from nordocr.errors import NordocrError

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions

NAME: Final = "nordocr"
"""The engine's name for ``--ocr-engine``, and the prefix of its options."""

CODES: Final = {
    "swe": "sv",
    "nob": "nb",
    "nno": "nn",
    "nor": "no",
    "dan": "da",
    "fin": "fi",
    "isl": "is",
    "fao": "fo",
    "sme": "se",
    "eng": "en",
    "deu": "de",
    "fra": "fr",
    "spa": "es",
}
"""nordocr's languages by the codes that ``ocrmypdf -l`` takes, those of ISO 639-3 and Tesseract."""

# What OCRmyPDF says where the user names no language.
_DEFAULT: Final = ["eng"]


class NordocrOptions(BaseModel):
    """What ``--nordocr-...`` says."""

    model: Annotated[str | None, Field(description="A bundled model's name, a model file, or tesseract")] = None
    config: Annotated[str | None, Field(description="A file of reading settings, YAML or JSON")] = None
    threads: Annotated[int | None, Field(ge=1, description="Threads for each page")] = None
    share: Annotated[int | None, Field(ge=1, description="Threads that the number of workers leaves a page")] = None


def add_arguments(parser: ArgumentParser) -> None:
    """Add the plugin's options to OCRmyPDF's command line."""
    group = parser.add_argument_group("nordocr", "Reading with nordocr")
    for name, metavar, kind in (("model", "NAME|FILE", str), ("config", "FILE", str), ("threads", "N", int)):
        said = NordocrOptions.model_fields[name].description
        group.add_argument(f"--{NAME}-{name}", dest=f"{NAME}_{name}", metavar=metavar, type=kind, help=f"{said}.")
    for action in parser._actions:
        if "--ocr-engine" in action.option_strings and action.choices is not None:
            action.choices = list(dict.fromkeys([*action.choices, NAME]))


def check(options: OcrOptions) -> None:
    """Raise BadArgsError where the settings are wrong."""
    try:
        reading_config(options)
    except NordocrError as error:
        raise BadArgsError(str(error)) from error


def reading_config(options: OcrOptions) -> ReadingConfig:
    """Return the settings to read OCRmyPDF's page images with.

    Options override the file of settings. English alone is OCRmyPDF's default and restricts nothing.

    Raises:
        InputMissing: The file of settings does not exist.
        ConfigInvalid: A key or value is wrong.
    """
    own: NordocrOptions = options.nordocr
    path = Path(own.config) if own.config is not None else None
    keys: dict[str, Any] = {"recognizer": own.model, "threads": own.threads}
    if options.languages != _DEFAULT:
        keys["lang"] = [CODES.get(code, code) for code in options.languages]
    config = settings(path, keys)
    further: dict[str, Any] = {"pages_ahead": 0}
    if "threads" not in config.model_fields_set and own.share is not None:
        further["threads"] = own.share
    # Not model_fields_set: nobody asked for them, and an engine that does not know them is none the worse.
    return ReadingConfig.model_construct(_fields_set=config.model_fields_set, **{**dict(config), **further})


def supported() -> set[str]:
    """Return the codes that ``ocrmypdf -l`` may give."""
    return {*CODES, *LANGUAGES}


def tag(options: OcrOptions) -> str | None:
    """Return the text's language as a BCP 47 tag, None where the user named none."""
    first: str = options.languages[0]
    return None if options.languages == _DEFAULT else CODES.get(first, first)
