"""Entry of a decoding process, run as a script by :mod:`nordocr.pages.isolated.worker`; imports nothing of nordocr.

    python child.py SCRIPT PARENT MEMORY

``SCRIPT`` is a module of this folder with a function ``handle(request) -> (answer, pixels)``. Requests come as lines of
JSON on standard input. Each gets one line of JSON on standard output and the pixels, if any, behind it. What ``handle``
refuses with :class:`Refused` gives ``{"error": KIND, "message": TEXT}``.

The process ends with the process ``PARENT``, whatever it is doing: when standard input ends, on Linux also by a signal
of the system. The system refuses it more than ``MEMORY`` bytes of addresses, and ends it when one request has used more
processor time than its ``seconds``, where the system has such limits.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

Handle = Callable[[dict[str, Any]], "tuple[dict[str, Any], bytes | memoryview]"]

# Of processor time beyond what the parent waits by the clock: several threads may decode at the same time.
_GRACE: Final = 5
_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG, linux/prctl.h


def main(script: str, parent: int, memory: int) -> None:
    """Answer requests until there are no more."""
    _end_with(parent)
    _limit(memory)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    answers = os.fdopen(os.dup(1), "wb")
    # A decoder that prints must not print into the answers.
    os.dup2(2, 1)
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    handle: Handle = runpy.run_path(str(Path(__file__).with_name(script)))["handle"]
    while True:
        request = json.loads(requests.get())
        _allow(request["seconds"])
        pixels: bytes | memoryview = b""
        try:
            answer, pixels = handle(request)
        except MemoryError:
            answer = {"error": "large", "message": "needs more memory than is available"}
        except Exception as error:
            if not hasattr(error, "kind"):
                raise
            answer = {"error": error.kind, "message": str(error)}
        answers.write(json.dumps(answer).encode("utf-8") + b"\n")
        answers.write(pixels)
        answers.flush()
        del answer, pixels


def _listen(requests: queue.SimpleQueue[bytes]) -> None:
    """Hand requests on; end the process when there can be no more, also in the middle of a drawing."""
    # Not sys.stdin: the interpreter waits at its end for whoever reads from that.
    with os.fdopen(os.dup(0), "rb") as stream:
        for line in stream:
            requests.put(line)
    os._exit(0)


def _end_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the signal was asked for
        os._exit(0)


def _limit(memory: int) -> None:
    """Let the system refuse memory rather than give all that it has, where it has such a limit."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow(seconds: float) -> None:
    """Let the next request use so much processor time, and no more: the parent may be gone and not end it."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(time.process_time() + seconds) + _GRACE
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
