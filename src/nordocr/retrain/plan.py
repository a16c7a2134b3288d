"""What ``nordocr retrain`` is told, and the ledger by which a stage is skipped when its inputs have not changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nordocr import __version__
from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.files import write_whole


class RetrainPlan(BaseModel):
    """The keys of a retraining's YAML file; paths are relative to the working directory.

    ``recipe`` (bundled name or file) with ``settings`` (``key=value``) laid over it, started from the weights
    ``init``; ``max_width`` in pixels, which the recipe must have. ``data``: labels folders that are checked.
    ``pages``: files or folders to compare on, with their truth in ``reference``, or ``vlm`` to ask the model
    ``vlm_model`` at ``vlm_url``, ``workers`` questions at a time. ``in_use``: the recogniser in production (a bundled
    name or model file), read with the settings file ``config``. ``tesseract``: its languages, none to leave Tesseract
    out. ``fewest_lines``: see :func:`nordocr.evaluate.compare.gate.gate`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str
    settings: tuple[str, ...] = ()
    init: Path | None = None
    max_width: int | None = Field(default=None, ge=32)
    threads: int = Field(default=0, ge=0)
    data: tuple[Path, ...] = ()
    pages: tuple[Path, ...] = Field(min_length=1)
    reference: Path
    vlm_url: str = ""
    vlm_model: str = ""
    workers: int = Field(default=8, ge=1)
    in_use: str = "nano"
    config: Path | None = None
    tesseract: str | None = "swe+nor+dan+fin+isl+eng"
    fewest_lines: int = Field(default=200, ge=1)

    @property
    def asks(self) -> bool:
        """Whether a vision-language model is the reference."""
        return str(self.reference) == "vlm"

    @model_validator(mode="after")
    def _whom_to_ask(self) -> Self:
        if self.asks and not (self.vlm_url and self.vlm_model):
            raise ValueError("reference: vlm needs vlm_url and vlm_model")
        return self


def load_plan(path: Path) -> RetrainPlan:
    """Read a plan; :class:`InputMissing` or :class:`ConfigInvalid` naming the key."""
    if not path.is_file():
        raise InputMissing(f"There is no retraining file {path}.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    try:
        return RetrainPlan.model_validate(values if values is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigInvalid(": ".join(filter(None, [str(path), where, first["msg"]])) + ".") from error


def fingerprint(*parts: Any) -> str:
    """64 hexadecimal digits of plain values and of what paths among them hold.

    A file counts by its content; a folder by the content of its tables and texts, and the names and sizes of all else.
    """
    digest = hashlib.sha256(__version__.encode("utf-8"))
    for part in parts:
        digest.update(json.dumps(_plain(part), sort_keys=True, ensure_ascii=False).encode("utf-8"))
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        if value.is_file():
            return file_sha256(value)
        if not value.is_dir():
            return str(value)
        small = {".tsv", ".json", ".yaml", ".yml", ".txt", ".xml"}
        files = sorted(p for p in value.rglob("*") if p.is_file())
        return [
            [p.relative_to(value).as_posix(), file_sha256(p) if p.suffix.lower() in small else p.stat().st_size]
            for p in files
        ]
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    return value


class Ledger:
    """``stages.json`` of a retraining: for each stage the fingerprint of its inputs and its outputs' checksums."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self._say = folder, say
        self._path = folder / "stages.json"
        try:
            self._held: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._held = {}

    def run(self, stage: str, inputs: Sequence[Any], outputs: Sequence[Path], work: Callable[[], str]) -> str:
        """Do ``work``, or nothing where inputs and outputs are as they were; gives the stage's word on what it did.

        ``work`` must leave ``outputs`` behind (files). The ledger is written after it, so that a stage which was
        interrupted is done again.
        """
        key = fingerprint(list(inputs))
        held = self._held.get(stage)
        if (
            held is not None
            and held["inputs"] == key
            and all(
                (self.folder / name).is_file() and file_sha256(self.folder / name) == checksum
                for name, checksum in held["outputs"].items()
            )
        ):
            self._say(f"{stage:<10} unchanged: {held['said']}")
            return str(held["said"])
        self._say(f"{stage:<10} ...")
        started = time.monotonic()
        said = work()
        checksums = {path.relative_to(self.folder).as_posix(): file_sha256(path) for path in outputs}
        seconds = round(time.monotonic() - started, 1)
        self._held[stage] = {"inputs": key, "outputs": checksums, "said": said, "seconds": seconds}
        write_whole(self._path, json.dumps(self._held, indent=1, ensure_ascii=False) + "\n")
        self._say(f"{stage:<10} {seconds} s: {said}")
        return said
