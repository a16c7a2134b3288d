from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from nordocr.batch.journal import Entry, Journal, document_id
from nordocr.batch.lock import only_one
from nordocr.batch.tasks import Outcome
from nordocr.errors import DataInvalid, UsageError


def test_a_document_is_running_then_done_or_failed(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        for address in ("/a", "/b", "/c"):
            journal.begin(address, "out")
        journal.finish("/a", Outcome(pages=3, size=10, sha256="x"))
        journal.finish("/b", Outcome("InputUnreadable", "broken", size=5))
        known = journal.entries([document_id(a) for a in ("/a", "/b", "/c", "/d")])
        assert known == {
            document_id("/a"): Entry("done", 10, 0),
            document_id("/b"): Entry("failed", 5, 0),
            document_id("/c"): Entry("running", None, 0),
        }
        assert journal.totals() == {"done": (1, 3), "failed": (1, 0)}
        assert journal.failures() == [("failed", "InputUnreadable", 1, "/b")]
        journal.begin("/b", "out")
        journal.finish("/b", Outcome(pages=1))
        assert journal.totals() == {"done": (2, 4)}
        assert journal.failures() == []


def test_what_was_written_is_there_for_another_process_at_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.begin("/a", "3fa/a")
    with Journal(tmp_path / "j.sqlite", read_only=True) as other:
        assert other.entries([document_id("/a")])[document_id("/a")].state == "running"
    journal.close()


def test_kills_are_counted_over_runs_until_pardoned(tmp_path: Path) -> None:
    for expected in (1, 2):
        with Journal(tmp_path / "j.sqlite") as journal:
            journal.begin("/a", "")
            assert journal.kill("/a") == expected
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.pardon("/a")
        assert journal.kill("/a") == 1


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.settle("settings", {"format": "json", "lm": "nordic"})
        journal.settle("settings", {"format": "json", "lm": "nordic"})
        with pytest.raises(UsageError, match=r"another format \('json', now 'pdf'\)"):
            journal.settle("settings", {"format": "pdf", "lm": "nordic"})


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "j.sqlite").write_bytes(b"no database, whatever its name says " * 40)
    with pytest.raises(DataInvalid):
        Journal(tmp_path / "j.sqlite")
    with sqlite3.connect(tmp_path / "old.sqlite") as base:
        base.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT)")
        base.execute("INSERT INTO about VALUES ('version', '0')")
    base.close()
    with pytest.raises(DataInvalid, match="version 0"):
        Journal(tmp_path / "old.sqlite")


def test_many_documents_are_looked_up_quickly(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        rows = ((document_id(str(i)), str(i), "done", 1, float(i)) for i in range(20_000))
        started = time.process_time()
        journal._base.execute("BEGIN")
        journal._base.executemany("INSERT INTO documents (id, input, state, pages, changed) VALUES (?,?,?,?,?)", rows)
        journal._base.execute("COMMIT")
        written = time.process_time()
        found = journal.entries([document_id(str(i)) for i in range(20_000)])
        assert len(found) == 20_000
        # One question a document would take some hundred times as long as one for many.
        assert time.process_time() - written < 10 * (written - started)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with only_one(tmp_path / "lock", "the folder"):  # noqa: SIM117
        with pytest.raises(UsageError, match="at work on the folder"), only_one(tmp_path / "lock", "the folder"):
            pass
    with only_one(tmp_path / "lock", "the folder"):
        pass
