"""Where the scan of a result lies now."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath


def find_scan(name: str, beside: Path, folder: Path | None = None) -> Path | None:
    """Return the file that a result was read from, None where it is not found.

    Args:
        name: What the result calls it: a path on whichever machine read it.
        beside: The result's file, or another file of the document.
        folder: A folder that is searched first.
    """
    if not name:
        return None
    base = PureWindowsPath(name).name  # takes both kinds of path apart
    candidates = [folder / base] if folder is not None else []
    candidates += [Path(name), beside.parent / name, beside.parent / base, beside.parent.parent / base]
    return next((path for path in candidates if path.is_file()), None)
