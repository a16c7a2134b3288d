"""A queue between two threads that lies in a file: ten million addresses wait in it without taking memory."""

from __future__ import annotations

import json
import tempfile
import threading
from typing import Final

# The writer's buffer; smaller pieces would cost a call of the system each.
_BUFFER: Final = 1 << 20


class Spool:
    """First in, first out; one thread puts, one takes. The file has no name and goes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=_BUFFER)  # noqa: SIM115
        self._lock = threading.Lock()
        self._at = 0
        self._ahead: list[bytes] = []
        self.put_in = 0
        self.taken = 0

    def __len__(self) -> int:
        return self.put_in - self.taken

    def put(self, address: str, size: int | None) -> None:
        """Add a document."""
        line = json.dumps([address, size]).encode("ascii") + b"\n"  # escapes keep bytes that are not UTF-8
        with self._lock:
            self._file.seek(0, 2)
            self._file.write(line)
            self.put_in += 1

    def take(self) -> tuple[str, int | None] | None:
        """Return the next document, None where none waits now."""
        with self._lock:
            if not self._ahead:
                self._file.seek(self._at)
                self._ahead = self._file.readlines(_BUFFER)
                self._at = self._file.tell()
                self._ahead.reverse()
            if not self._ahead:
                return None
            self.taken += 1
            address, size = json.loads(self._ahead.pop())
        return address, size

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
