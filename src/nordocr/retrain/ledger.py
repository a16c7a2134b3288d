"""The ledger of a retraining: a stage is skipped while what it reads and what it wrote are unchanged."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nordocr import __version__
from nordocr.files import write_whole
from nordocr.jsontext import load_json


def fingerprint(*parts: Any) -> str:
    """Return a checksum of plain values and of the contents of paths among them.

    Args:
        *parts: JSON-able values, paths, and lists and mappings of them. A file counts by its content, a folder by the
            content of its tables and texts and by the names and sizes of all other files.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(__version__.encode("utf-8"))
    for part in parts:
        digest.update(json.dumps(_plain(part), sort_keys=True, ensure_ascii=False).encode("utf-8"))
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        if value.is_file():
            return file_sha256(value)
        if not value.is_dir():
            return str(value)
        small = {".tsv", ".json", ".yaml", ".yml", ".txt", ".xml"}
        files = sorted(p for p in value.rglob("*") if p.is_file())
        return [
            [p.relative_to(value).as_posix(), file_sha256(p) if p.suffix.lower() in small else p.stat().st_size]
            for p in files
        ]
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    return value


class Ledger:
    """Runs stages and records them in ``stages.json``: the fingerprint of a stage's inputs, its outputs' checksums.

    Args:
        folder: The retraining's folder.
        say: Called with one line of progress at a time.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self._say = folder, say
        self._path = folder / "stages.json"
        try:
            self._held: dict[str, Any] = load_json(self._path.read_bytes())
        except (OSError, ValueError):
            self._held = {}

    def run(self, stage: str, inputs: Sequence[Any], outputs: Sequence[Path], work: Callable[[], str]) -> str:
        """Run a stage unless its inputs and outputs are as it left them.

        The ledger is written after the work, so that a stage that was interrupted is run again.

        Args:
            stage: The stage's name.
            inputs: What the stage depends on, see :func:`fingerprint`.
            outputs: Files that the work must leave behind.
            work: Does it and returns a short summary.

        Returns:
            The summary, of this run or of the recorded one.
        """
        key = fingerprint(list(inputs))
        held = self._held.get(stage)
        if (
            held is not None
            and held["inputs"] == key
            and all(
                (self.folder / name).is_file() and file_sha256(self.folder / name) == checksum
                for name, checksum in held["outputs"].items()
            )
        ):
            self._say(f"{stage:<10} unchanged: {held['said']}")
            return str(held["said"])
        self._say(f"{stage:<10} ...")
        started = time.monotonic()
        said = work()
        checksums = {path.relative_to(self.folder).as_posix(): file_sha256(path) for path in outputs}
        seconds = round(time.monotonic() - started, 1)
        self._held[stage] = {"inputs": key, "outputs": checksums, "said": said, "seconds": seconds}
        write_whole(self._path, json.dumps(self._held, indent=1, ensure_ascii=False) + "\n")
        self._say(f"{stage:<10} {seconds} s: {said}")
        return said
