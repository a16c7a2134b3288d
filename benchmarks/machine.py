"""What every row of a benchmark says of where it was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent


def per_cent(share: float | None, digits: int = 2) -> str:
    return "" if share is None else f"{100 * share:.{digits}f}"


def hardware() -> str:
    """The processor's name and the number of cores, as far as the system tells."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        named = [line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        name = named[0].partition(":")[2].strip() if named else name
    return f"{name}, {os.cpu_count()} cores"


def revision() -> str:
    """The git revision that was measured, "+" behind it where the working tree differs from it."""
    git = ["git", "-C", str(HERE)]
    done = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, encoding="utf-8", check=False)
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--", "../src"], capture_output=True, encoding="utf-8", check=False
    )
    return done.stdout.strip() + ("+" if changed.stdout.strip() else "")


def our_versions() -> str:
    """The versions that the speed of reading depends on."""
    return f"nordocr {version('nordocr')}, ONNX Runtime {version('onnxruntime')}, Python {platform.python_version()}"
