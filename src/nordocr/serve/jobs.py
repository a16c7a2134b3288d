"""Jobs in an SQLite file: one that was accepted is read, whatever happens to the service in between."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nordocr.batch.tasks import Outcome
from nordocr.errors import OutputUnwritable

State = Literal["waiting", "running", "done", "failed"]

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  selection TEXT,
  language TEXT,
  state TEXT NOT NULL,
  pages INTEGER NOT NULL DEFAULT 0,
  failed_pages INTEGER NOT NULL DEFAULT 0,
  error_class TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  created REAL NOT NULL,
  ended REAL
);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, created);
"""
_COLUMNS: Final = (
    "id, owner, name, format, selection, language, state, pages, failed_pages, error_class, error, created, ended"
)


@dataclass(frozen=True)
class Job:
    """One job, as its row says; ``created`` and ``ended`` in seconds since 1970."""

    id: str
    owner: str
    name: str
    format: str
    selection: str | None
    language: str | None
    state: State
    pages: int
    failed_pages: int
    error_class: str
    error: str
    created: float
    ended: float | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {"done", "failed"}


class JobStore:
    """The jobs of one state folder; may be used by several threads.

    Args:
        folder: The folder; each job's input and results lie in a folder of its own below it.

    Raises:
        OutputUnwritable: The folder or the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(folder / "jobs.sqlite", isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")  # a job that was accepted survives a power cut
            self._base.executescript(_TABLE)
        except (sqlite3.OperationalError, OSError) as error:
            raise OutputUnwritable(f"The state folder {folder} cannot be written: {error}.") from error
        self._base.execute("UPDATE jobs SET state = 'waiting' WHERE state = 'running'")
        self._forget_uploads()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def new_folder(self) -> tuple[str, Path]:
        """Return the id and the folder of a job to be; the id cannot be guessed."""
        key = secrets.token_urlsafe(16)
        return key, self.folder_of(key)

    def folder_of(self, job: str) -> Path:
        """Return where a job's files lie."""
        return self._folder / "jobs" / job

    def accept(
        self, job: str, *, owner: str, name: str, format: str, selection: str | None, language: str | None
    ) -> Job:
        """Accept a job whose input is in its folder; when this returns, the disk has it."""
        row = (job, owner, name, format, selection, language, time.time())
        with self._lock:
            self._base.execute(
                "INSERT INTO jobs (id, owner, name, format, selection, language, state, created) "
                "VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)",
                row,
            )
        found = self.get(job)
        assert found is not None
        return found

    def get(self, job: str) -> Job | None:
        """Return a job, None if there is none."""
        with self._lock:
            row = self._base.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job,)).fetchone()
        return None if row is None else Job(*row)

    def next(self) -> Job | None:
        """Take the job that has waited longest; it is then running."""
        with self._lock:
            row = self._base.execute(
                "UPDATE jobs SET state = 'running' WHERE id = (SELECT id FROM jobs WHERE state = 'waiting' "
                f"ORDER BY created LIMIT 1) RETURNING {_COLUMNS}"
            ).fetchone()
        return None if row is None else Job(*row)

    def page_read(self, job: str, pages: int) -> None:
        """Say how many pages of a running job have been read."""
        with self._lock:
            self._base.execute("UPDATE jobs SET pages = MAX(pages, ?) WHERE id = ?", (pages, job))

    def end(self, job: str, outcome: Outcome) -> None:
        """Say what became of a job. One with single pages that could not be read is done if others could."""
        state = "done" if outcome.done or (outcome.pages and not outcome.cut) else "failed"
        row = (state, outcome.pages, outcome.failed_pages, outcome.error_class, outcome.error, time.time(), job)
        with self._lock:
            self._base.execute(
                "UPDATE jobs SET state = ?, pages = ?, failed_pages = ?, error_class = ?, error = ?, ended = ? "
                "WHERE id = ?",
                row,
            )

    def put_back(self, job: str) -> None:
        """Let a job that was not finished wait again."""
        with self._lock:
            self._base.execute("UPDATE jobs SET state = 'waiting' WHERE id = ? AND state = 'running'", (job,))

    def unfinished(self) -> int:
        """Return how many jobs wait or are running."""
        with self._lock:
            row = self._base.execute("SELECT COUNT(*) FROM jobs WHERE state IN ('waiting', 'running')").fetchone()
        return int(row[0])

    def delete(self, job: str) -> None:
        """Forget a job with its files."""
        with self._lock:
            self._base.execute("DELETE FROM jobs WHERE id = ?", (job,))
        shutil.rmtree(self.folder_of(job), ignore_errors=True)

    def delete_old(self, before: float) -> int:
        """Forget jobs that ended before a time in seconds since 1970; return how many."""
        with self._lock:
            rows = self._base.execute("SELECT id FROM jobs WHERE ended < ?", (before,)).fetchall()
        for (job,) in rows:
            self.delete(job)
        return len(rows)

    def _forget_uploads(self) -> None:
        """Remove the folders of uploads that a killed service had not accepted yet."""
        known = {row[0] for row in self._base.execute("SELECT id FROM jobs")}
        with contextlib.suppress(FileNotFoundError):
            for folder in (self._folder / "jobs").iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder, ignore_errors=True)
