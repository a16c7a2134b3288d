"""Where font files are: the folders of Linux, macOS and Windows, or folders that were named."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nordocr.errors import InputMissing
from nordocr.synth.fonts.config import SYSTEM

SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})
"""Outline fonts that both FreeType and fontTools read; Type 1 (.pfb) and web fonts are left out."""

_MAX_COLLECTION: Final = 64


def system_folders() -> list[Path]:
    """Return the font folders of this operating system that exist, the user's own included."""
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local"))
        windows = os.environ.get("SYSTEMROOT", "C:\\Windows")
        folders = [Path(windows) / "Fonts", Path(local) / "Microsoft" / "Windows" / "Fonts"]
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    else:
        data = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
        # Debian keeps Latin Modern and TeX Gyre under texmf, reached from /usr/share/fonts by links only at times.
        shared = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts"]
        folders = [*map(Path, shared), Path(data) / "fonts", home / ".fonts"]
    return [folder for folder in folders if folder.is_dir()]


def font_files(folders: Iterable[str]) -> list[Path]:
    """Return every font file below ``folders`` (none: the system's), resolved, once each, sorted.

    Links to folders are followed; each real folder is entered once.

    Raises:
        InputMissing: If a named folder does not exist.
    """
    roots: list[Path] = []
    for name in tuple(folders) or (SYSTEM,):
        if name == SYSTEM:
            roots.extend(system_folders())
            continue
        root = Path(name).expanduser()
        if not root.is_dir():
            raise InputMissing(f"There is no font folder {root}.")
        roots.append(root)
    files: set[Path] = set()
    entered: set[str] = set()
    for root in roots:
        for here, below, names in os.walk(root, followlinks=True):
            real = os.path.realpath(here)
            if real in entered:
                below.clear()
                continue
            entered.add(real)
            candidates = (Path(here) / name for name in names if Path(name).suffix.lower() in SUFFIXES)
            files.update(path.resolve() for path in candidates if path.is_file())
    return sorted(files)


def face_count(head: bytes) -> int:
    """Return the number of faces in a font file from its first 12 bytes: 1, or numFonts of a ``ttcf`` collection."""
    if head[:4] == b"ttcf" and len(head) >= 12:
        return min(int(struct.unpack(">I", head[8:12])[0]), _MAX_COLLECTION)
    return 1
