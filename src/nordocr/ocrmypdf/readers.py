"""The readers of one process: a model is opened once, on the first page, and serves all of the process's threads.

OCRmyPDF's workers are threads by default and forked processes with ``use_threads=False``. A fork takes the memory of an
opened model along but none of its threads, so a child opens its own; what it inherited is kept and left alone, because
freeing it would wait for threads that are not there.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from nordocr.config import ReadingConfig
from nordocr.pipeline.reader import Reader

_opened: dict[tuple[ReadingConfig, frozenset[str]], Reader] = {}
_lock = threading.Lock()
_inherited: Final[list[object]] = []


def reader_for(config: ReadingConfig) -> Reader:
    """Return this process's reader with the settings ``config``, opened when it is first asked for.

    Raises:
        NordocrError: What opening the model raises.
    """
    key = (config, frozenset(config.model_fields_set))
    with _lock:
        if key not in _opened:
            _opened[key] = Reader(config)
        return _opened[key]


def _forget() -> None:
    global _opened, _lock
    _inherited.append(_opened)
    _opened, _lock = {}, threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_forget)
