"""How a batch is run, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nordocr.batch.lister import Listed
from nordocr.batch.tasks import error_of
from nordocr.errors import NordocrError


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is run.

    Attributes:
        output: The folder for results and the journal.
        formats: The formats of the results.
        language: The language that formats name, as a BCP 47 tag.
        workers: Worker processes.
        memory: Bytes that a worker may hold before it is replaced; None for no ceiling.
        limit: Seconds a document may take; None for no limit.
        retries: Times that a document is tried again after a failure that may pass.
        shard: ``(k, n)``: read the k-th of n parts, counted from 1.
        retry_failed: Read documents again that failed or were set aside in an earlier run.
        fields: Find dates, amounts and numbers with check digits.
        journal: The journal's file, where it shall not lie in the output folder.
    """

    output: Path
    formats: Sequence[str] = ("json",)
    language: str | None = None
    workers: int = 1
    memory: int | None = None
    limit: float | None = 600.0
    retries: int = 2
    shard: tuple[int, int] = (1, 1)
    retry_failed: bool = False
    fields: bool = False
    journal: Path | None = None

    @property
    def journal_file(self) -> Path:
        """The journal's file: one for each shard, because only one process may write it."""
        if self.journal is not None:
            return self.journal
        number, of = self.shard
        return self.output / ("journal.sqlite" if of == 1 else f"journal-{number}-of-{of}.sqlite")


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        documents: Documents that were read whole.
        failed: Documents that were not, or not wholly.
        aside: Documents that were set aside.
        pages: Pages that were read.
        waiting: Documents that are known to be left.
        in_hand: Documents that are being read.
        listing: More may still be found.
        listed: What was found.
        replaced: Workers that were replaced: they died, hung or had grown.
        seconds: Seconds since the first worker was ready.
        first_error: Error class and message of the first document that failed.
    """

    documents: int = 0
    failed: int = 0
    aside: int = 0
    pages: int = 0
    waiting: int = 0
    in_hand: int = 0
    listing: bool = True
    listed: Listed = field(default_factory=Listed)
    replaced: int = 0
    seconds: float = 0.0
    first_error: tuple[str, str] | None = None


def failure_of(progress: Progress) -> NordocrError | None:
    """Return the first failure of a run as an exception, None where everything was read."""
    if progress.listed.failures:
        return progress.listed.failures[0]
    return None if progress.first_error is None else error_of(*progress.first_error)
