"""Measure the most memory that this process has held, where the system tells."""

from __future__ import annotations

import sys
from pathlib import Path


def reset_peak() -> bool:
    """Begin a new measurement; return False where the system cannot, so that the peak is the whole process's.

    Linux: "5" written to ``/proc/self/clear_refs`` resets the peak resident set size (proc(5)).
    """
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak_memory() -> int | None:
    """Return the peak resident memory in bytes since the start or :func:`reset_peak`; None on Windows."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, the others KiB
