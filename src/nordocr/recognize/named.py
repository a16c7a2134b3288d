"""Models by name: those of the package, and those that were installed on this machine.

Installed models lie in one folder, ``$NORDOCR_MODELS`` or the user's own: ``NAME.onnx`` beside the weights and the
index that ``nordocr.export.store`` keeps there. Reading needs the ONNX file alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from nordocr.errors import ModelMissing
from nordocr.recognize.bundled import bundled_model, bundled_names

VARIABLE: Final = "NORDOCR_MODELS"
"""The environment variable that names the folder of installed models."""


def installed_folder() -> Path:
    """Return the folder of installed models, which need not exist."""
    told = os.environ.get(VARIABLE)
    if told:
        return Path(told)
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "nordocr" / "models"


def installed_names() -> list[str]:
    """Return the names of the installed models that can be read with, sorted."""
    return sorted(path.stem for path in installed_folder().glob("*.onnx") if path.stem not in bundled_names())


def named_model(name: str) -> Path:
    """Return the file of a bundled or installed model; :class:`ModelMissing` lists the names that exist."""
    if name not in bundled_names() and name in installed_names():
        return installed_folder() / f"{name}.onnx"
    try:
        return bundled_model(name)
    except ModelMissing as error:
        installed = installed_names()
        raise ModelMissing(f"{error} Installed: {', '.join(installed)}." if installed else str(error)) from error
