"""A worker ends with the process that started it, though that was killed and could not say so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import multiprocessing, os, time
from nordocr.orphans import end_with_parent

def work():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(1000)

if __name__ == "__main__":
    end_with_parent()  # of nobody: nothing happens
    multiprocessing.get_context("spawn").Process(target=work).start()
    time.sleep(1000)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(tmp_path / "program.py")], stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        # The pipe ends when nobody holds it any more: the worker has it too.
        assert parent.stdout.read() == b""
        for _ in range(1000):
            try:
                os.kill(worker, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError("the worker goes on")
    finally:
        parent.kill()
        parent.communicate()
