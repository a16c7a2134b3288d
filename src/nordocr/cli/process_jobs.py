"""What ``nordocr process`` is to read, and where each result goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nordocr.errors import InputMissing, NordocrError, UsageError
from nordocr.pages import SUFFIXES


@dataclass(frozen=True)
class Job:
    """One input, and the files its result goes to, one a format (none is stdout).

    ``pictures``: the path that the pages' pictures are called after, as ``PICTURES-0001.png``; None for no pictures.
    """

    source: Path
    targets: tuple[Path, ...]
    pictures: Path | None = None

    def picture(self, index: int) -> Path | None:
        """Where the picture of the page ``index`` (from 0) goes."""
        return self.pictures and self.pictures.with_name(f"{self.pictures.name}-{index + 1:04d}.png")


def plan(
    inputs: list[Path], output: Path | None, suffixes: Sequence[str], pictures: Path | None = None
) -> tuple[list[Job], list[NordocrError]]:
    """The files to read, folders searched, and the failures among ``inputs``.

    A result is called like its source with each of ``suffixes`` for the source's own; of two sources that differ in
    their suffix only, the second keeps it in the result's name, and so do all pictures. Raises :class:`UsageError`
    where two results would still go to one file.
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
                failures.append(InputMissing(f"There is no file to read in the folder {given}."))
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
