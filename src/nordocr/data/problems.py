"""What can be wrong with labels, counted and named: nothing is passed over in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final


class Problem(StrEnum):
    """What can be wrong with a row. Rows with one of :data:`UNUSABLE` are left out of ``Labels.rows``."""

    COLUMN_COUNT = "wrong number of columns"
    BAD_FILENAME = "filename empty or outside images/"
    DUPLICATE = "filename used before"
    MISSING_IMAGE = "image missing"
    UNREADABLE_IMAGE = "image unreadable"
    BAD_LABEL = "label missing or not UTF-8"
    EMPTY_TEXT = "empty text"
    NOT_NFC = "not NFC, normalised"
    OUTSIDE_CHARSET = "characters outside the charset"
    LOOKS_QUOTED = "looks CSV-quoted, kept as it is"
    BAD_NUMBER = "confidence or width is no number, left out"


UNUSABLE: Final = frozenset(
    {
        Problem.COLUMN_COUNT,
        Problem.BAD_FILENAME,
        Problem.DUPLICATE,
        Problem.MISSING_IMAGE,
        Problem.UNREADABLE_IMAGE,
        Problem.BAD_LABEL,
    }
)
"""Problems without a line to read or a text to trust; of duplicates the first row stays.

Images are not opened when a table is read: who opens them adds ``UNREADABLE_IMAGE`` by :meth:`LabelReport.add`.
"""


@dataclass(frozen=True)
class Issue:
    """One problem of one row: the row's line number and filename ("" where there is none) and what exactly is wrong."""

    problem: Problem
    row: int
    filename: str
    detail: str = ""

    def __str__(self) -> str:
        name = f" ({self.filename})" if self.filename else ""
        return f"row {self.row}{name}: {self.problem}{f': {self.detail}' if self.detail else ''}"


@dataclass
class LabelReport:
    """What reading a labels folder met: ``total`` data rows, ``usable`` of them, every issue, unknown columns.

    ``table``: the name of the file in ``folder`` that holds the labels.
    """

    folder: Path
    total: int = 0
    usable: int = 0
    issues: list[Issue] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    outside: Counter[str] = field(default_factory=Counter)
    table: str = "labels.tsv"

    def add(self, problem: Problem, row: int, filename: str, detail: str = "") -> None:
        """Note one problem of one row."""
        self.issues.append(Issue(problem, row, filename, detail))

    def count(self, problem: Problem) -> int:
        """Count the rows that have ``problem``."""
        return sum(issue.problem is problem for issue in self.issues)

    def sentences(self, named: int = 3) -> list[str]:
        """Return a sentence per kind of problem, with its count and first ``named`` rows; empty where all is well."""
        lines = [
            f"{self.folder / self.table}: column {name!r} is not known and not read." for name in self.unknown_columns
        ]
        for problem in Problem:
            rows = [issue for issue in self.issues if issue.problem is problem]
            if rows:
                shown = "; ".join(_name(issue) for issue in rows[:named])
                more = f"; and {len(rows) - named} more" if len(rows) > named else ""
                left_out = " (left out)" if problem in UNUSABLE else ""
                lines.append(f"{self.folder / self.table}: {len(rows)} x {problem}{left_out}: {shown}{more}.")
        return lines

    def to_dict(self) -> dict[str, object]:
        """Return the report as plain values for JSON, every issue named."""
        return {
            "folder": self.folder.name,
            "rows": self.total,
            "usable": self.usable,
            "unknown_columns": list(self.unknown_columns),
            "outside_charset": dict(self.outside.most_common()),
            "counts": {str(p): n for p in Problem if (n := self.count(p))},
            "issues": [str(issue) for issue in self.issues],
        }


def _name(issue: Issue) -> str:
    name = f"row {issue.row}" + (f" {issue.filename}" if issue.filename else "")
    return f"{name}, {issue.detail}" if issue.detail else name
