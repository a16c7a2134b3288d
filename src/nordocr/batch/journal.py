"""What has become of each document, in an SQLite file that survives the end of the process at any moment.

Only the supervisor writes, one transaction an event: in WAL mode that costs no wait for the disk, a killed process
loses nothing that it has written, and a power cut the last moments, which are then read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from nordocr.batch.tasks import Outcome
from nordocr.errors import DataInvalid, OutputUnwritable, UsageError
from nordocr.files import shown

State = Literal["running", "done", "failed", "skipped"]
"""``running`` is also what a killed run leaves behind; ``skipped`` is set aside: it killed its worker twice."""

_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  id BLOB PRIMARY KEY,
  input TEXT NOT NULL,
  state TEXT NOT NULL,
  error_class TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  output TEXT NOT NULL DEFAULT '',
  size INTEGER,
  sha256 TEXT NOT NULL DEFAULT '',
  pages INTEGER NOT NULL DEFAULT 0,
  failed_pages INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  kills INTEGER NOT NULL DEFAULT 0,
  seconds REAL NOT NULL DEFAULT 0,
  changed REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_not_done ON documents (state, error_class) WHERE state != 'done';
CREATE TABLE IF NOT EXISTS totals (state TEXT PRIMARY KEY, documents INTEGER NOT NULL, pages INTEGER NOT NULL);
"""
_ASKED_AT_ONCE: Final = 500


class Entry(NamedTuple):
    """What the journal knows of a document: its state, its input's size in bytes, how often it killed its worker."""

    state: State
    size: int | None
    kills: int


def document_id(address: str) -> bytes:
    """Return the 16 bytes that stand for a document in the journal and in the names of its results."""
    return hashlib.sha256(os.fsencode(address)).digest()[:16]


class Journal:
    """The journal of one output folder, or of one shard of it. Use as a context manager.

    Args:
        path: The file; it is made where there is none.
        read_only: Open it beside the process that writes it.

    Raises:
        OutputUnwritable: The file cannot be opened.
        DataInvalid: It is no journal, or one of another version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            # Ids are spread over the whole file: without this every look-up would read several pages of it.
            self._base.execute("PRAGMA mmap_size = 4294967296")
            if not read_only:
                self._base.executescript(_TABLES)
                self._base.execute("INSERT OR IGNORE INTO about VALUES ('version', ?)", (str(_VERSION),))
            version = self.about("version")
        except (sqlite3.OperationalError, OSError) as error:
            raise OutputUnwritable(f"The journal {path} cannot be opened: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise DataInvalid(f"{path} is no journal: {error}.") from error
        if version != str(_VERSION):
            raise DataInvalid(f"The journal {path} is of version {version}, not {_VERSION}.")

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def about(self, key: str) -> str | None:
        """Return what :meth:`settle` has written under a key, None where it has not."""
        row = self._base.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def settle(self, part: str, settings: dict[str, Any]) -> None:
        """Write down settings that results depend on, or compare them with those of the runs before.

        Args:
            part: Which settings, as there are some that are known later than others.
            settings: Keys and values that JSON can hold.

        Raises:
            UsageError: They differ, so that the folder would hold results of two kinds.
        """
        text = json.dumps(settings, sort_keys=True)
        self._base.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (part, text))
        before = self.about(part) or ""
        if before != text:
            old = json.loads(before)
            keys = sorted(key for key in {*old, *settings} if old.get(key) != settings.get(key))
            key = keys[0]
            raise UsageError(
                f"The results beside {self.path} were made with another {key} ({old.get(key)!r}, now "
                f"{settings.get(key)!r}): give another output folder, or the same settings."
            )

    def entries(self, ids: Sequence[bytes]) -> dict[bytes, Entry]:
        """Return what is known of some documents; those that are not known are left out."""
        found: dict[bytes, Entry] = {}
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            some = ids[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._base.execute(f"SELECT id, state, size, kills FROM documents WHERE id IN ({marks})", some)
            found.update((row[0], Entry(row[1], row[2], row[3])) for row in rows)
        return found

    def begin(self, address: str, output: str) -> None:
        """Say that a document is being read. What is known of an earlier try stays, but for its state."""
        row = (document_id(address), shown(address), shown(output), time.time())
        with self._transaction():
            self._uncount(row[0])
            self._base.execute(
                "INSERT INTO documents (id, input, state, output, attempts, changed) VALUES (?, ?, 'running', ?, 1, ?) "
                "ON CONFLICT (id) DO UPDATE SET state = 'running', attempts = attempts + 1, changed = excluded.changed",
                row,
            )

    def finish(self, address: str, outcome: Outcome) -> None:
        """Say what became of a document that was begun: done or failed."""
        self._end(address, "done" if outcome.done else "failed", outcome)

    def kill(self, address: str) -> int:
        """Say that a document's worker died; return how often one has. It may be tried again."""
        key = document_id(address)
        self._base.execute("UPDATE documents SET kills = kills + 1 WHERE id = ?", (key,))
        return int(self._base.execute("SELECT kills FROM documents WHERE id = ?", (key,)).fetchone()[0])

    def set_aside(self, address: str, outcome: Outcome) -> None:
        """Say that a document is not to be tried again."""
        self._end(address, "skipped", outcome)

    def pardon(self, address: str) -> None:
        """Forget how often a document killed its worker."""
        self._base.execute("UPDATE documents SET kills = 0 WHERE id = ?", (document_id(address),))

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return for each state how many documents and pages are in it."""
        return {row[0]: (row[1], row[2]) for row in self._base.execute("SELECT * FROM totals WHERE documents > 0")}

    def failures(self) -> list[tuple[str, str, int, str]]:
        """Return state, error class, number of documents and one of them, for whatever is failed or skipped."""
        rows = self._base.execute(
            "SELECT state, error_class, COUNT(*), MIN(input) FROM documents "
            "WHERE state != 'done' AND state != 'running' GROUP BY 1, 2 ORDER BY 1, 3 DESC"
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def _end(self, address: str, state: State, outcome: Outcome) -> None:
        key = document_id(address)
        with self._transaction():
            self._base.execute(
                "UPDATE documents SET state = ?, error_class = ?, error = ?, size = ?, sha256 = ?, pages = ?, "
                "failed_pages = ?, seconds = ?, changed = ? WHERE id = ?",
                (
                    state,
                    outcome.error_class,
                    shown(outcome.error)[:2000],
                    outcome.size,
                    outcome.sha256,
                    outcome.pages,
                    outcome.failed_pages,
                    outcome.seconds,
                    time.time(),
                    key,
                ),
            )
            self._count(state, 1, outcome.pages)

    def _uncount(self, key: bytes) -> None:
        row = self._base.execute("SELECT state, pages FROM documents WHERE id = ?", (key,)).fetchone()
        if row is not None and row[0] != "running":
            self._count(row[0], -1, -row[1])

    def _count(self, state: str, documents: int, pages: int) -> None:
        self._base.execute(
            "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (state) DO UPDATE SET "
            "documents = documents + excluded.documents, pages = pages + excluded.pages",
            (state, documents, pages),
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise OutputUnwritable(f"The journal {self.path} cannot be written: {error}.") from error
