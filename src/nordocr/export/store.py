"""Models too large for the package: a folder of weights files and an index that says what they are.

``index.json`` lists each model's name, file, SHA-256, variant, LineSpec and card. A model is pulled from another such
folder: on disk, at an HTTP address, or in a Hugging Face repository. A file is only ever there whole and checked; the
ONNX file that engines read is built beside it from the fp16 weights.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nordocr.errors import (
    ConfigInvalid,
    InputMissing,
    InputUnreadable,
    ModelInvalid,
    ModelMissing,
    UsageError,
)
from nordocr.files import replacing, write_whole
from nordocr.invalid import first_fault
from nordocr.linespec import LineSpec

INDEX: Final = "index.json"
_HUGGING_FACE: Final = "https://huggingface.co/"
_TIMEOUT_S: Final = 60
_CHUNK: Final = 1 << 20


class StoredModel(BaseModel):
    """One entry of the index. ``file`` and ``card`` (a Markdown file, or empty) lie in the index's own folder.

    ``temperature``: what ``nordocr calibrate`` fitted for the confidences; 1 for none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    variant: str
    spec: LineSpec
    card: str = ""
    temperature: float = Field(default=1.0, gt=0)

    @field_validator("name", "file", "card")
    @classmethod
    def _plain(cls, name: str) -> str:
        # An index from elsewhere must not make us write outside its folder.
        if name and (Path(name).name != name or "\\" in name or name in {".", ".."}):
            raise ValueError(f"{name!r} is no plain file name")
        return name


class _Index(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[StoredModel, ...] = ()


def read_index(folder: Path) -> list[StoredModel]:
    """Read the models of a folder; :class:`InputMissing` without an index, :class:`ModelInvalid` for a damaged one."""
    path = folder / INDEX
    try:
        return _parsed(path.read_bytes(), path)
    except OSError as error:
        raise InputMissing(f"There is no model index {path}.") from error


def add_to_index(folder: Path, model: StoredModel) -> None:
    """Write ``model`` into the folder's index, in place of one of that name; :class:`OutputUnwritable`."""
    held = read_index(folder) if (folder / INDEX).is_file() else []
    models = sorted([*(m for m in held if m.name != model.name), model], key=lambda m: m.name)
    text = json.dumps(_Index(models=tuple(models)).model_dump(mode="json"), indent=2, ensure_ascii=False)
    write_whole(folder / INDEX, text + "\n")


def add_weights(folder: Path, weights: Path, name: str, card: str = "", temperature: float = 1.0) -> StoredModel:
    """Copy a weights file of training into ``folder`` as model ``name`` and index it.

    Raises what reading weights raises, :class:`ConfigInvalid` for a name or card that is no plain file name or a
    temperature that is none, and :class:`OutputUnwritable`.
    """
    from nordocr.model.weights import read_weights

    held = read_weights(weights)
    file, sha256 = f"{name}.safetensors", sha256_of(weights)
    try:
        model = StoredModel(
            name=name,
            file=file,
            sha256=sha256,
            variant=held.variant,
            spec=held.spec,
            card=card,
            temperature=temperature,
        )
    except ValidationError as error:
        raise ConfigInvalid(f"The model cannot be added: {first_fault(error)}.") from error
    with weights.open("rb") as stream:
        _store(stream, folder / file, model.sha256, weights)
    add_to_index(folder, model)
    return model


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; :class:`ModelMissing` where it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(f"There is no model file {path}.") from error


def verify(folder: Path, name: str | None = None) -> list[tuple[StoredModel, str]]:
    """Check every model of a folder (or the one called ``name``): give each with what is wrong, "" where nothing is."""
    found = []
    for model in _chosen(read_index(folder), name, folder):
        path = folder / model.file
        if not path.is_file():
            problem = f"{path} is missing"
        elif (digest := sha256_of(path)) != model.sha256:
            problem = f"{path} has SHA-256 {digest[:12]}... where the index says {model.sha256[:12]}..."
        else:
            problem = ""
        found.append((model, problem))
    return found


def pull(source: str, folder: Path, name: str | None = None) -> list[StoredModel]:
    """Bring the models of ``source`` (or the one called ``name``) into ``folder``, checksums verified.

    ``source``: a folder, an ``http(s)://`` address of one, ``https://huggingface.co/OWNER/REPOSITORY`` or
    ``hf:OWNER/REPOSITORY``. A file that is there already and right is not fetched again. Raises
    :class:`InputMissing`, :class:`InputUnreadable`, :class:`ModelMissing`, :class:`ModelInvalid` where a checksum
    differs, :class:`OutputUnwritable`.
    """
    base = resolve(source)
    with _opened(base, INDEX) as stream:
        models = _chosen(_parsed(stream.read(), f"{base}/{INDEX}"), name, base)
    folder.mkdir(parents=True, exist_ok=True)
    for model in models:
        target = folder / model.file
        if not (target.is_file() and sha256_of(target) == model.sha256):
            with _opened(base, model.file) as stream:
                _store(stream, target, model.sha256, f"{base}/{model.file}")
        if model.card:
            with _opened(base, model.card) as stream:
                _store(stream, folder / model.card, None, f"{base}/{model.card}")
        add_to_index(folder, model)
    return models


def resolve(source: str) -> str:
    """Return where the files of ``source`` lie: a folder or an address without a slash at its end."""
    source = source.rstrip("/")
    if source.startswith("hf:"):
        source = _HUGGING_FACE + source.removeprefix("hf:")
    if source.startswith(_HUGGING_FACE):
        parts = source.removeprefix(_HUGGING_FACE).split("/")
        if len(parts) == 2 and all(parts):
            return f"{source}/resolve/main"
        if len(parts) >= 4 and parts[2] in {"resolve", "tree"}:
            return _HUGGING_FACE + "/".join([*parts[:2], "resolve", *parts[3:]])
        raise UsageError(f"{source} is no Hugging Face repository; write hf:OWNER/REPOSITORY.")
    return source


def build_onnx(folder: Path, model: StoredModel) -> Path:
    """Export the ONNX file of a stored model, checked for parity; an up-to-date one is left as it is.

    A file without a temperature, as one has that was cut short behind the export, gets the stored one.
    """
    from nordocr.export.onnx import export_onnx
    from nordocr.export.temperature import says_temperature, write_temperature

    weights = folder / model.file
    output = weights.with_suffix(".onnx")
    if not output.is_file() or output.stat().st_mtime_ns < weights.stat().st_mtime_ns:
        export_onnx(weights, output)
    if model.temperature != 1.0 and not says_temperature(output):
        write_temperature(output, output, model.temperature)
    return output


def _chosen(models: list[StoredModel], name: str | None, source: object) -> list[StoredModel]:
    chosen = [model for model in models if name in (None, model.name)]
    if name is not None and not chosen:
        raise ModelMissing(f"There is no model {name!r} in {source}; there are {', '.join(m.name for m in models)}.")
    return chosen


def _parsed(data: bytes, source: object) -> list[StoredModel]:
    try:
        return list(_Index.model_validate_json(data).models)
    except ValidationError as error:
        raise ModelInvalid(f"The model index {source} is not valid: {first_fault(error, 'the whole')}.") from error


@contextmanager
def _opened(base: str, name: str) -> Iterator[IO[bytes]]:
    if not base.startswith(("http://", "https://")):
        path = Path(base) / name
        if not path.is_file():
            raise InputMissing(f"There is no {path}.")
        with path.open("rb") as file:
            yield file
        return
    address = f"{base}/{name}"
    try:
        response: Any = urllib.request.urlopen(address, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise InputMissing(f"{address} answers {error.code} {error.reason}.") from error
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise InputUnreadable(f"{address} cannot be reached: {getattr(error, 'reason', error)}.") from error
    with response:
        yield response


def _store(stream: IO[bytes], target: Path, sha256: str | None, source: object) -> None:
    """Write the stream to ``target``: whole and with the right checksum, or not at all."""
    digest = hashlib.sha256()
    with replacing(target) as partial:
        with partial.open("wb") as file:
            for chunk in _chunks(stream, source):
                digest.update(chunk)
                file.write(chunk)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise ModelInvalid(f"{source} has SHA-256 {digest.hexdigest()}, where its index says {sha256}.")


def _chunks(stream: IO[bytes], source: object) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK):
            yield chunk
    except (OSError, HTTPException) as error:
        raise InputUnreadable(f"{source} broke off: {error}.") from error
