"""Where the guide keeps its files, and the command that writes each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nordocr.linespec import FIRST_FAMILY

ROOT: Final = Path("models")
"""The guide's folder of models, relative to where its commands are run."""

DICTIONARY: Final = Path("training/recognize/nordic_dict.txt")
"""Where the guide keeps the dictionary file."""


def onnx_place(width: int, root: Path = ROOT, family: str = FIRST_FAMILY) -> Path:
    """Return ``models/svtrv2-1024/recognize_svtrv2.onnx`` for a model trained to ``width`` pixels."""
    return root / f"{family}-{width}" / f"recognize_{family}.onnx"


def engine_place(width: int, architecture: str, root: Path = ROOT) -> Path:
    """Return ``models/recognize_svtrv2_1024_sm86.engine`` for a width in pixels and a compute capability as ``8.6``."""
    return root / f"recognize_svtrv2_{width}_sm{architecture.replace('.', '')}.engine"


def is_root(output: Path) -> bool:
    """Decide whether an output names a folder of models, in which the guide's names are used, and not a file."""
    return output.is_dir() or not output.suffix


def layout(width: int, root: Path = ROOT) -> list[tuple[Path, str]]:
    """Return every file of the guide's layout with the command that writes it.

    Args:
        width: The width in pixels that the model is trained to.
        root: The folder of models.
    """
    model = onnx_place(width, root)
    at = "" if root == ROOT else f" --output {root.as_posix()}"
    built = f"nordocr export tensorrt --onnx {model.as_posix()}{at}"
    return [
        (DICTIONARY, f"nordocr dict --output {DICTIONARY.as_posix()}"),
        (model, f"nordocr export onnx --checkpoint runs/base-{width}/best.safetensors{at}"),
        (model.with_name("recognize_svtrv2_meta.yaml"), "written with it"),
        (engine_place(width, "8.6", root), f"{built} on an sm_86 card (RTX A6000)"),
        (engine_place(width, "12.0", root), f"{built} on an sm_120 card (Blackwell)"),
    ]
