"""For which shapes a TensorRT engine is built, and the ``trtexec`` command that says the same.

The guide's single profile for sm_86 is min 1x3x32x32, opt 32x3x32x768, max 64x3x32x1792; sm_120 has twice the lines.
One profile a rung lets TensorRT choose its kernels for each width of the ladder; it takes longer to build and more
memory.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nordocr.batching import batch_size
from nordocr.errors import UsageError
from nordocr.linespec import LineSpec

Shape = tuple[int, int, int, int]
Profiles = Literal["single", "rungs"]

OPT_WIDTH: Final = 768


@dataclass(frozen=True)
class Preset:
    """``architecture``: compute capability as ``8.6``. ``opt`` and ``most``: lines of a batch, usually and at most."""

    architecture: str
    opt: int
    most: int


PRESETS: Final[Mapping[str, Preset]] = {"sm_86": Preset("8.6", 32, 64), "sm_120": Preset("12.0", 64, 128)}


@dataclass(frozen=True)
class Profile:
    """Shapes ``[B, 3, height, width]`` of one optimisation profile."""

    low: Shape
    opt: Shape
    high: Shape


def profiles_of(spec: LineSpec, preset: Preset, kind: Profiles) -> list[Profile]:
    """Return the guide's one profile, or one per rung: every width from the first rung to the ceiling is in one."""
    top, height = spec.ladder[-1], spec.height
    if kind == "single":
        low, opt, high = (1, spec.ladder[0]), (preset.opt, OPT_WIDTH), (preset.most, top)
        return [Profile(*((lines, 3, height, width) for lines, width in (low, opt, high)))]
    found = []
    least = spec.ladder[0]
    for rung in spec.ladder:
        opt_lines = batch_size(rung, preset.opt * OPT_WIDTH, preset.most)
        found.append(Profile((1, 3, height, least), (opt_lines, 3, height, rung), (preset.most, 3, height, rung)))
        least = rung + 1
    return found


def preset_for(name: str | None, architecture: str) -> Preset:
    """Return the preset of that name, else the one of this architecture, else sm_86's sizes for it.

    Raises :class:`UsageError` for an unknown name and for one of another GPU: engines are built where they run.
    """
    if name is not None and name not in PRESETS:
        raise UsageError(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.")
    if name is None:
        same = [preset for preset in PRESETS.values() if preset.architecture == architecture]
        smallest = PRESETS["sm_86"]
        return same[0] if same else Preset(architecture, smallest.opt, smallest.most)
    preset = PRESETS[name]
    if preset.architecture != architecture:
        here = f"sm_{architecture.replace('.', '')}"
        raise UsageError(f"The preset {name} is not for this GPU, {here}: build the engine where it will run.")
    return preset


def trtexec_command(
    graph: Path, output: Path, profile: Profile, version: str, *, cache: Path | None, hardware_compatible: bool
) -> str:
    """Return the ``trtexec`` command line that builds the same engine from an fp16 graph, for a named TensorRT version.

    ``--stronglyTyped`` is needed by TensorRT 10 and says nothing new from 11 on, where every network is; ``--fp16`` no
    longer exists there. Raises :class:`UsageError` for a version before 10.12 or what is no version.
    """
    parts = version.split(".")
    if not all(part.isdigit() for part in parts):
        raise UsageError(f"{version!r} is no TensorRT version; say for example 10.13 or 11.4.")
    number = tuple(int(part) for part in [*parts, "99"][:2])
    if number < (10, 12):
        raise UsageError(f"TensorRT {version} is too old: 10.12 or newer is needed.")
    words = ["trtexec", f"--onnx={graph}", f"--saveEngine={output}"]
    words += ["--stronglyTyped"] if number[0] == 10 else []
    for option, shape in (("minShapes", profile.low), ("optShapes", profile.opt), ("maxShapes", profile.high)):
        words.append(f"--{option}=input:{'x'.join(map(str, shape))}")
    words += [f"--timingCacheFile={cache}"] if cache is not None else []
    words += ["--hardwareCompatibilityLevel=ampere+"] if hardware_compatible else []
    return shlex.join([*words, "--skipInference"])
