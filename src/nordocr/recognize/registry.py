"""From a recogniser's name to an open engine. :data:`ENGINES` is the only place that lists the engines."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nordocr.config import ReadingConfig
from nordocr.errors import ConfigInvalid, EngineUnavailable, ModelMissing, UsageError
from nordocr.lm.file import open_language_model
from nordocr.recognize.base import Recognizer
from nordocr.recognize.named import named_model
from nordocr.recognize.sniff import refuse_what_is_no_model

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineEntry:
    """What the registry knows of an engine before its module is imported.

    Attributes:
        name: The value of the key ``engine``.
        module: The module that defines the engine's class.
        recognizer: The class. Its class method ``from_config(model: Path, config: ReadingConfig)`` opens it.
        package: The package that must be installed.
        extra: The extra of nordocr that brings the package, None where nordocr always brings it.
        suffixes: The suffixes of the model files that it runs; empty for an engine with models of its own, which is
            opened by its name.
        keys: The configuration keys that it supports, of those that only some engines support.
        preferred: The key's value ``auto`` takes this engine where it is installed.
        devices: The values of the key ``device`` that it supports.
        trials: What ``nordocr doctor`` tries on a model: a label, and the keys that ask for it.
    """

    name: str
    module: str
    recognizer: str
    package: str
    extra: str | None
    suffixes: tuple[str, ...]
    keys: frozenset[str]
    preferred: bool = False
    devices: tuple[str, ...] = ("cpu",)
    trials: tuple[tuple[str, Mapping[str, Any]], ...] = ()


_BATCHES: Final = frozenset(
    {"max_input_width", "max_seq_len", "batch_area", "max_batch", "threads", "warm_up", "lang", "lm"}
)
"""The keys that every engine on :class:`nordocr.recognize.engine.LineRecognizer` supports."""

ENGINES: Final[Mapping[str, EngineEntry]] = {
    entry.name: entry
    for entry in (
        EngineEntry(
            name="onnx",
            module="nordocr.recognize.onnx",
            recognizer="OnnxRecognizer",
            package="onnxruntime",
            extra=None,
            suffixes=(".onnx",),
            keys=_BATCHES | {"linespec", "provider", "precision", "cudnn_conv_algo_search"},
            devices=("cpu", "cuda"),
            trials=(
                ("onnx", {}),
                ("onnx, provider cuda", {"provider": "cuda"}),
                ("onnx, provider tensorrt", {"provider": "tensorrt"}),
                ("onnx, provider openvino", {"provider": "openvino"}),
            ),
        ),
        EngineEntry(
            name="openvino",
            module="nordocr.recognize.openvino",
            recognizer="OpenVinoRecognizer",
            package="openvino",
            extra="openvino",
            suffixes=(".onnx", ".xml"),
            keys=_BATCHES | {"linespec", "precision", "shapes"},
            preferred=True,
            trials=(
                ("openvino f32", {}),
                ("openvino bf16", {"precision": "bf16"}),
                ("openvino f16", {"precision": "f16"}),
            ),
        ),
        EngineEntry(
            name="tensorrt",
            module="nordocr.recognize.tensorrt",
            recognizer="TensorRTRecognizer",
            package="tensorrt",
            extra="tensorrt",
            suffixes=(".engine", ".plan"),
            keys=_BATCHES | {"linespec"},
            devices=("cuda",),
        ),
        # The lab's engine: opened by name, so that reading imports neither torch nor the lab.
        EngineEntry(
            name="torch",
            module="nordocr.model.recognizer",
            recognizer="TorchRecognizer",
            package="torch",
            extra="train",
            suffixes=(".safetensors",),
            keys=_BATCHES | {"precision", "torch_mode"},
            devices=("cpu", "cuda"),
        ),
        EngineEntry(
            name="tesseract",
            module="nordocr.recognize.tesseract",
            recognizer="TesseractRecognizer",
            package="tesserocr",
            extra="tesseract",
            suffixes=(),
            keys=frozenset({"threads", "tess_lang", "tessdata"}),
        ),
    )
}
"""Every engine by its name; of those that run a kind of model file the usual one first."""

SUFFIXES: Final = tuple(dict.fromkeys(suffix for entry in ENGINES.values() for suffix in entry.suffixes))
"""The suffixes of model files."""

ENGINE_KEYS: Final = frozenset({"device"}).union(*(entry.keys for entry in ENGINES.values()))
"""The configuration keys that not every engine supports."""


def open_recognizer(name: str, config: ReadingConfig, *, shared: bool = False) -> Recognizer:
    """Open a recogniser on the engine that the configuration asks for.

    Args:
        name: ``tesseract``, a model file, or the name of a bundled or installed model.
        config: The settings.
        shared: The settings are for several recognisers: a key that this one does not support is left to the others.

    Returns:
        The open recogniser, warmed up where the settings ask for it. Its owner closes it.

    Raises:
        ModelMissing: There is no such model.
        ModelInvalid: The model file cannot be used.
        EngineUnavailable: The engine, or something that it needs, is not on this machine.
        UsageError: The engine cannot run the model, or does not support a key that the user set.
        ConfigInvalid: There is no such engine.
    """
    path = _located(name)
    entry = choose_engine(_kind(name), name, config, shared=shared)
    started = time.perf_counter()
    try:
        engine: Any = getattr(importlib.import_module(entry.module), entry.recognizer)
        recognizer: Recognizer = engine.from_config(path, config)
    except ImportError as error:
        missing = error.name or entry.package
        wanted = "nordocr" if entry.extra is None else f"nordocr[{entry.extra}]"
        raise EngineUnavailable(f'The engine {entry.name} needs {missing}: pip install "{wanted}".') from error
    if "lm" in entry.keys:
        _guide(recognizer, config, shared=shared)
    if config.warm_up and "warm_up" in entry.keys:
        recognizer.warm_up()  # type: ignore[attr-defined]
    _log.debug("opened %s on the engine %s in %.2f s", name, entry.name, time.perf_counter() - started)
    return recognizer


def _guide(recognizer: Any, config: ReadingConfig, *, shared: bool) -> None:
    """Say what is known of the texts. A family whose scores cannot be searched reads without a language model, unless
    the user asked for one for it alone."""
    asked = "lm" in config.model_fields_set and not shared
    usable = recognizer.family.columns or (asked and config.lm is not None)
    recognizer.guide(config.lang, open_language_model(config.lm) if usable else None)


def refuse_unused(names: Sequence[str], config: ReadingConfig) -> None:
    """Refuse settings for several recognisers of which none supports a key that the user set.

    Args:
        names: The recognisers, as :func:`open_recognizer` takes them.
        config: Their settings.

    Raises:
        UsageError: No engine supports the key.
    """
    entries = [choose_engine(_kind(name), name, config, shared=True) for name in names]
    _refuse_unsupported(entries, config)


def choose_engine(suffix: str, model: object, config: ReadingConfig, *, shared: bool = False) -> EngineEntry:
    """Return the engine that runs a model.

    Args:
        suffix: The suffix of the model file; for an engine that is opened by its name, that name.
        model: The model, for errors.
        config: The settings; the keys in ``model_fields_set`` must be supported.
        shared: See :func:`open_recognizer`.

    Raises:
        UsageError: The engine asked for cannot run the model or does not support a key.
        ConfigInvalid: There is no such engine.
    """
    possible = [entry for entry in ENGINES.values() if suffix in entry.suffixes or suffix == entry.name]
    wanted = config.engine
    if wanted is not None and wanted != "auto" and wanted not in ENGINES:
        raise ConfigInvalid(f"There is no engine {wanted!r}; the engines are auto, {', '.join(ENGINES)}.")
    if wanted == "auto":
        least = min(len(unsupported(entry, config)) for entry in possible)
        fitting = [entry for entry in possible if len(unsupported(entry, config)) == least]
        faster = [entry for entry in fitting if entry.preferred and importlib.util.find_spec(entry.package)]
        chosen = (faster or fitting)[0]
    elif wanted is None or (shared and wanted not in {entry.name for entry in possible}):
        chosen = possible[0]
    else:
        found = [entry for entry in possible if entry.name == wanted]
        if not found:
            able = " or ".join(entry.name for entry in possible)
            raise UsageError(f"The engine {wanted} cannot run {model}; {able} can.")
        chosen = found[0]
    if not shared:
        _refuse_unsupported([chosen], config)
    return chosen


def unsupported(entry: EngineEntry, config: ReadingConfig) -> list[str]:
    """Return the keys, sorted, that the user set and the engine does not support."""
    told = {key for key in config.model_fields_set & ENGINE_KEYS if getattr(config, key) is not None} - {"device"}
    ignored = told - entry.keys
    if config.device not in entry.devices and ("device" in config.model_fields_set or config.device != "cpu"):
        ignored.add("device")
    return sorted(ignored)


def _refuse_unsupported(entries: list[EngineEntry], config: ReadingConfig) -> None:
    """Raise :class:`UsageError` for a key that the user set and that none of the engines supports."""
    ignored = set(ENGINE_KEYS).intersection(*(unsupported(entry, config) for entry in entries))
    for key in sorted(ignored):
        value = getattr(config, key)
        able = [e.name for e in ENGINES.values() if (value in e.devices if key == "device" else key in e.keys)]
        names = " and ".join(entry.name for entry in entries)
        who = f"The engine {names} does" if len(entries) == 1 else f"The engines {names} do"
        others = f"{' and '.join(able)} {'does' if len(able) == 1 else 'do'}" if able else "no engine does"
        raise UsageError(f"{who} not support {key} ({value}); {others}.")


def _kind(name: str) -> str:
    """Return the suffix of a model's file; an engine with models of its own is its own kind."""
    if name in ENGINES and not ENGINES[name].suffixes:
        return name
    suffix = Path(name).suffix.lower()
    return suffix if suffix in SUFFIXES else ".onnx"


def _located(name: str) -> Path:
    """Return the path of a model; :class:`ModelMissing` or :class:`ModelInvalid` where it is none."""
    path = Path(name)
    if _kind(name) == name:
        return path
    if path.suffix.lower() in SUFFIXES:
        if not path.is_file():
            raise ModelMissing(f"There is no model file {path}.")
        refuse_what_is_no_model(path)
        return path
    if path.exists():
        raise ModelMissing(f"{name} is not a model file: its suffix must be one of {', '.join(SUFFIXES)}.")
    return named_model(name)
