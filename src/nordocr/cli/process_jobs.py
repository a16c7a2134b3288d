"""Which files ``nordocr process`` reads, and where each result goes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nordocr.errors import InputMissing, InputUnreadable, NordocrError, UsageError
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
    inputs: Sequence[Path], output: Path | None, suffixes: Sequence[str], pictures: Path | None = None
) -> tuple[list[Job], list[NordocrError]]:
    """Find the files to read and decide where each result goes.

    A result is named like its input with each of ``suffixes`` instead of the input's own. Of two inputs that differ
    only in their suffix, the second keeps it in the result's name, and so do all pictures. Inputs of one name keep as
    many of their folders in it as tell them apart.

    Args:
        inputs: Files, and folders to search.
        output: The folder for results; None for stdout.
        suffixes: The suffix of results in each format, with its dot.
        pictures: The folder for pictures of pages; None for no pictures.

    Returns:
        The jobs, and the failures among the inputs.

    Raises:
        UsageError: Two results would be written to one file, or a result would overwrite an input.
    """
    found: list[tuple[Path, Path]] = []
    failures: list[NordocrError] = []
    for given in inputs:
        files, wrong = _files(given)
        found += [(source, source.relative_to(given) if source != given else Path(given.name)) for source in files]
        failures += wrong
    if output is not None or pictures is not None:
        found = _told_apart(found)
    jobs: list[Job] = []
    taken: set[Path] = set()
    drawn: set[Path] = set()
    for source, inner in found:
        targets = _targets(inner, output, suffixes, taken) if output is not None else ()
        jobs.append(Job(source, targets, _pictures(inner, pictures, drawn) if pictures is not None else None))
    _refuse_overwriting(jobs)
    return jobs, failures


def _files(given: Path) -> tuple[list[Path], list[NordocrError]]:
    """Return the files of an input: itself, or those in a folder that may be pages, sorted; and what cannot be read."""
    failures: list[NordocrError] = []

    def note(error: OSError) -> None:
        failures.append(InputUnreadable(f"{error.filename or given} cannot be read: {error.strerror}."))

    try:
        if not given.exists():
            return [], [InputMissing(f"There is no file or folder {given}.")]
        if not given.is_dir():
            return [given], []
    except OSError as error:  # a name that is too long, a folder that may not be entered
        note(error)
        return [], failures
    files: list[Path] = []
    for folder, _, names in os.walk(given, onerror=note):
        for path in (Path(folder) / name for name in names):
            try:
                if path.suffix.lower() in SUFFIXES and path.is_file():
                    files.append(path)
            except OSError as error:
                note(error)
    if not files and not failures:
        failures.append(InputMissing(f"The folder {given} contains no file to read."))
    return sorted(files), failures


def _told_apart(found: Sequence[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Give files of one name names of their own, by as many of the folders that they lie in as are needed."""
    names: dict[Path, list[Path]] = {}
    for source, inner in found:
        names.setdefault(inner, []).append(source)
    own: dict[Path, Path] = {}
    for inner, sources in names.items():
        # Not resolve(): links keep the names that they were given by.
        whole = [Path(os.path.abspath(source)) for source in sources]  # noqa: PTH100
        if len(set(whole)) < len(whole):
            raise UsageError(f"{inner} is given twice: both results would be written to one file.")
        for depth in range(len(inner.parts), max(len(path.parts) for path in whole)):
            short = [Path(*path.parts[1:][-depth:]) for path in whole]
            if len(set(short)) == len(short):
                own.update(zip(sources, short if len(short) > 1 else [inner], strict=True))
                break
    return [(source, own.get(source, inner)) for source, inner in found]


def _refuse_overwriting(jobs: Sequence[Job]) -> None:
    """Raise :class:`UsageError` where a result or picture would take the place of an input."""
    sources = {identity for job in jobs if (identity := _identity(job.source)) is not None}
    for job in jobs:
        for target in job.targets:
            if _identity(target) in sources:
                raise UsageError(f"The result of {job.source} would overwrite {target}, which is an input.")
        if job.pictures is not None:
            name = re.compile(re.escape(job.pictures.name) + r"-\d{4,}\.png", re.IGNORECASE)
            for other in jobs:
                if name.fullmatch(other.source.name) and _same_folder(other.source.parent, job.pictures.parent):
                    raise UsageError(f"A picture of {job.source} would overwrite {other.source}, which is an input.")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, whatever it is called; None where there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _same_folder(one: Path, other: Path) -> bool:
    return _identity(one) is not None and _identity(one) == _identity(other)


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
