"""Which files ``nordocr process`` reads, and where each result goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nordocr.errors import InputMissing, NordocrError, UsageError
from nordocr.pages import SUFFIXES


@dataclass(frozen=True)
class Job:
    """One input and the places of its results.

    Attributes:
        source: The file to read.
        targets: The file to write the result to in each format; empty for stdout.
        pictures: The path that pictures of pages are named after, as ``PICTURES-0001.png``; None for no pictures.
    """

    source: Path
    targets: tuple[Path, ...]
    pictures: Path | None = None

    def picture(self, index: int) -> Path | None:
        """Return the path for the picture of the page ``index`` (from 0), None for no picture."""
        return self.pictures and self.pictures.with_name(f"{self.pictures.name}-{index + 1:04d}.png")


def plan(
    inputs: list[Path], output: Path | None, suffixes: Sequence[str], pictures: Path | None = None
) -> tuple[list[Job], list[NordocrError]]:
    """Find the files to read and decide where each result goes.

    A result is named like its input with each of ``suffixes`` instead of the input's own. Of two inputs that differ
    only in their suffix, the second keeps it in the result's name, and so do all pictures.

    Args:
        inputs: Files, and folders to search.
        output: The folder for results; None for stdout.
        suffixes: The suffix of results in each format, with its dot.
        pictures: The folder for pictures of pages; None for no pictures.

    Returns:
        The jobs, and the failures among the inputs.

    Raises:
        UsageError: Two results would be written to one file.
    """
    jobs: list[Job] = []
    failures: list[NordocrError] = []
    taken: set[Path] = set()
    drawn: set[Path] = set()
    for given in inputs:
        found = [given]
        if not given.exists():
            failures.append(InputMissing(f"There is no file or folder {given}."))
            continue
        if given.is_dir():
            found = sorted(p for p in given.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                failures.append(InputMissing(f"The folder {given} contains no file to read."))
        for source in found:
            inner = source.relative_to(given) if given.is_dir() else Path(source.name)
            targets = _targets(inner, output, suffixes, taken) if output is not None else ()
            jobs.append(Job(source, targets, _pictures(inner, pictures, drawn) if pictures is not None else None))
    return jobs, failures


def _targets(inner: Path, output: Path, suffixes: Sequence[str], taken: set[Path]) -> tuple[Path, ...]:
    for stem in (inner.stem, inner.name):
        names = [inner.with_name(stem + suffix) for suffix in suffixes]
        if taken.isdisjoint(names):
            taken.update(names)
            return tuple(output / name for name in names)
    raise UsageError(f"Two inputs called {inner} would both be written to {output / inner.with_suffix(suffixes[0])}.")


def _pictures(inner: Path, folder: Path, drawn: set[Path]) -> Path:
    if inner in drawn:
        raise UsageError(f"The pictures of two inputs called {inner} would both be written to {folder}.")
    drawn.add(inner)
    return folder / inner
