"""Worker processes that end with the process that started them, even where that was killed."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process as soon as the one that started it through :mod:`multiprocessing` is gone; call it in a worker.

    A worker that waits for work would wait for ever: it holds both ends of its own queue. In a process that nobody
    started so, nothing happens.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, name="nordocr-parent", daemon=True).start()
