"""The thread that looks for what is to be read, while what it has found is being read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nordocr.batch.journal import Entry, Journal, document_id
from nordocr.batch.layout import in_shard
from nordocr.batch.listing import Found, documents
from nordocr.batch.spool import Spool
from nordocr.errors import NordocrError

_TOGETHER: Final = 500
# The first documents shall not wait until as many are found.
_TOGETHER_AT_FIRST: Final = 8


@dataclass
class Listed:
    """How many documents were found; ``left``: failed or set aside before, and not asked for again."""

    found: int = 0
    done: int = 0
    left: int = 0
    failures: list[NordocrError] = field(default_factory=list)


class Lister(threading.Thread):
    """Lists the inputs, leaves out what the journal has, and puts the rest into a spool.

    Args:
        inputs: What :func:`nordocr.batch.listing.documents` lists.
        journal: The journal's path; it is read through a connection of this thread's own.
        spool: Where documents to read go.
        output: The folder for results, which is not searched.
        shard: Only documents of this shard, ``(k, n)``.
        retry: Documents that failed or were set aside are to be read again.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        journal: Path,
        spool: Spool,
        output: Path,
        shard: tuple[int, int] = (1, 1),
        *,
        retry: bool = False,
    ) -> None:
        super().__init__(name="nordocr-lister", daemon=True)
        self.listed = Listed()
        self.complete = False
        self._inputs, self._journal, self._spool, self._output = inputs, journal, spool, output
        self._shard, self._retry = shard, retry
        self._stopped = False
        self._error: BaseException | None = None

    def run(self) -> None:
        """List until the end, or until :meth:`stop`."""
        try:
            with Journal(self._journal, read_only=True) as journal:
                self._list(journal)
        except BaseException as error:  # told to the thread that waits
            self._error = error
        self.complete = True

    def stop(self) -> None:
        """List no further."""
        self._stopped = True

    def check(self) -> None:
        """Raise what ended the thread."""
        if self._error is not None:
            raise self._error

    def _list(self, journal: Journal) -> None:
        some: list[tuple[bytes, Found]] = []
        for found in documents(self._inputs, self.listed.failures.append, self._output):
            if self._stopped:
                return
            key = document_id(found[0])
            if not in_shard(key, self._shard):
                continue
            some.append((key, found))
            if len(some) >= (_TOGETHER if self.listed.found else _TOGETHER_AT_FIRST):
                self._sort_out(journal, some)
                some = []
        self._sort_out(journal, some)

    def _sort_out(self, journal: Journal, some: list[tuple[bytes, Found]]) -> None:
        known = journal.entries([key for key, _ in some])
        for key, (address, size) in some:
            entry = known.get(key)
            self.listed.found += 1
            if entry is None or self._again(entry, size):
                self._spool.put(address, size)
            elif entry.state == "done":
                self.listed.done += 1
            else:
                self.listed.left += 1

    def _again(self, entry: Entry, size: int | None) -> bool:
        changed = size is not None and entry.size is not None and size != entry.size
        return entry.state == "running" or changed or (entry.state != "done" and self._retry)
