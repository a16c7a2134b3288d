"""Facts of a TensorRT engine and of this machine (library, GPU), and whether the two fit.

An engine runs only on the GPU architecture and with the TensorRT version that it was built for. Both are written into
``NAME_meta.yaml`` beside ``NAME.engine`` under ``engine``, because a TensorRT plan itself cannot carry metadata.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from nordocr.errors import EngineMismatch, EngineUnavailable, ModelInvalid
from nordocr.invalid import first_fault
from nordocr.recognize.modelspec import meta_path
from nordocr.yamlfile import load_yaml

LIBRARY_FOLDER: Final = "TENSORRT_LIB_DIR"
"""The environment variable that names the folder of TensorRT's libraries, with or without a slash at its end."""

OLDEST: Final = (10, 12)
"""The first TensorRT whose strongly typed networks this is written for."""

Compatibility = Literal["none", "ampere_plus", "same_compute_capability"]


class EngineFacts(BaseModel):
    """What an engine was built on and for; unknown keys are refused.

    ``architecture``: compute capability as ``8.6``. ``driver``: the driver's version. ``compatibility``: TensorRT's
    hardware compatibility level. ``profiles``: how many optimisation profiles. ``engine_sha256``: of the engine file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    architecture: str
    gpu: str
    driver: str
    tensorrt: str
    compatibility: Compatibility = "none"
    profiles: int
    precision: str
    onnx_sha256: str
    engine_sha256: str

    def require_fit(self, machine: Machine, engine: Path) -> None:
        """Raise :class:`EngineMismatch` unless ``engine`` can run on this machine."""
        if self.tensorrt != machine.tensorrt:
            raise EngineMismatch(
                f"{engine} was built with TensorRT {self.tensorrt}, and this machine has {machine.tensorrt}; "
                "build it here with nordocr export tensorrt."
            )
        fits = self.architecture == machine.architecture or (
            self.compatibility == "ampere_plus" and _capability(machine.architecture) >= (8, 0)
        )
        if not fits:
            raise EngineMismatch(
                f"{engine} was built for {_sm(self.architecture)} ({self.gpu}), and this machine has "
                f"{_sm(machine.architecture)} ({machine.gpu}); build it here with nordocr export tensorrt."
            )


class Machine(BaseModel):
    """This machine's GPU (compute capability as ``8.6``, name), driver and TensorRT version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    architecture: str
    gpu: str
    driver: str
    tensorrt: str


def load_tensorrt() -> Any:
    """Import ``tensorrt``, with its libraries from ``TENSORRT_LIB_DIR`` if that is set.

    Raises:
        EngineUnavailable: It is not installed or too old, or the folder does not exist.
    """
    folder = os.environ.get(LIBRARY_FOLDER)
    if folder:
        _preload(Path(folder))
    try:
        module = importlib.import_module("tensorrt")
    except ImportError as error:
        raise EngineUnavailable(
            f'TensorRT is not installed ({error}): pip install "nordocr[tensorrt]", or set {LIBRARY_FOLDER}.'
        ) from error
    version = tuple(int(part) for part in str(module.__version__).split(".")[:2])
    if version < OLDEST:
        raise EngineUnavailable(f"TensorRT {module.__version__} is too old: 10.12 or newer is needed.")
    return module


def load_cuda() -> Any:
    """Import ``cuda.bindings.runtime``; :class:`EngineUnavailable` if it is not installed."""
    try:
        return importlib.import_module("cuda.bindings.runtime")
    except ImportError as error:
        raise EngineUnavailable('TensorRT engines need cuda-bindings: pip install "nordocr[tensorrt]".') from error


def checked(cuda: Any, result: tuple[Any, ...], what: str) -> Any:
    """Return the value of a CUDA call, which gives (error, value...); :class:`EngineUnavailable` for an error."""
    error, *values = result
    if int(error) != 0:
        name = cuda.cudaGetErrorName(error)[1]
        said = name.decode() if isinstance(name, bytes) else str(name)
        raise EngineUnavailable(f"CUDA cannot {what}: {said}.")
    return values[0] if values else None


def this_machine(trt: Any, cuda: Any) -> Machine:
    """Describe this machine; :class:`EngineUnavailable` if it has no usable GPU."""
    device = checked(cuda, cuda.cudaGetDevice(), "find a GPU")
    properties = checked(cuda, cuda.cudaGetDeviceProperties(device), "ask the GPU what it is")
    name = properties.name.decode() if isinstance(properties.name, bytes) else str(properties.name)
    return Machine(
        architecture=f"{properties.major}.{properties.minor}",
        gpu=name.rstrip("\0"),
        driver=_driver(cuda),
        tensorrt=str(trt.__version__),
    )


def read_facts(engine: Path) -> EngineFacts | None:
    """Read the facts of an engine from its ``*_meta.yaml``; None if there are none.

    Raises:
        ModelInvalid: They are malformed or belong to another file.
    """
    path = meta_path(engine)
    if not path.is_file():
        return None
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
        held = values.get("engine") if isinstance(values, dict) else None
        facts = None if held is None else EngineFacts.model_validate(held)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ModelInvalid(f"{path} cannot be parsed.") from error
    except ValidationError as error:
        raise ModelInvalid(f"{path} has an engine section that is not valid: {first_fault(error)}.") from error
    if facts is not None and facts.engine_sha256 != hashlib.sha256(engine.read_bytes()).hexdigest():
        raise ModelInvalid(f"{path} belongs to another engine than {engine.name}: their checksums differ.")
    return facts


def _driver(cuda: Any) -> str:
    """Return the driver's version by nvidia-smi, else the CUDA version that it supports."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", timeout=20).stdout.split()
    except (OSError, subprocess.SubprocessError):
        said = []
    if said:
        return said[0]
    version = int(checked(cuda, cuda.cudaDriverGetVersion(), "ask the driver's version"))
    return f"CUDA {version // 1000}.{version % 1000 // 10}"


def _preload(folder: Path) -> None:
    if not folder.is_dir():
        raise EngineUnavailable(f"{LIBRARY_FOLDER} is {folder}, which is not a folder.")
    if sys.platform == "win32":
        os.add_dll_directory(str(folder.resolve()))
        return
    for name in ("libnvinfer.so", "libnvinfer_plugin.so", "libnvonnxparser.so"):
        for library in sorted(folder.glob(f"{name}*"))[:1]:
            try:
                ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
            except OSError as error:
                raise EngineUnavailable(f"{library} cannot be loaded: {error}.") from error


def _sm(architecture: str) -> str:
    return f"sm_{architecture.replace('.', '')}"


def _capability(architecture: str) -> tuple[int, ...]:
    return tuple(int(part) for part in architecture.split("."))
