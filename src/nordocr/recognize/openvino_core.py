"""The one OpenVINO core of this process.

OpenVINO's CPU plugin (seen in 2026.4) gives the calling thread a stack for signals while a core lives, and puts the one
before back when it goes. Where two cores do not go in the reverse order of their coming, that is memory which has been
freed, and the next signal (Ctrl-C, the end of a child process) ends the process with a segmentation fault. So there is
one core, and it stays.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def shared_core() -> Any:
    """Return the ``openvino.Core`` of this process; ImportError if OpenVINO is not installed."""
    import openvino

    return openvino.Core()
