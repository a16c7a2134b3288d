"""What the lines of a training depend on beside the recipe, as checksums: a resumed training must see the same."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from nordocr.charset import Charset
from nordocr.data.foreign import foreign_table
from nordocr.data.labels import TABLE
from nordocr.data.lmdb import DATA_FILE, LmdbLines, is_lmdb
from nordocr.errors import InputMissing
from nordocr.synth.fonts.cache import verified
from nordocr.synth.fonts.discover import font_files
from nordocr.synth.recipe import SynthRecipe


def synth_fingerprint(recipe: SynthRecipe, charset: Charset) -> dict[str, str]:
    """Return checksums of a stream's recipe, of its corpora and of its fonts.

    Where files lie does not count: the same fonts and corpora in another folder are the same data.
    """
    values = recipe.model_dump(mode="json")
    values["text"]["corpora"] = [Path(path).name for path in recipe.text.corpora]
    values["fonts"]["folders"] = []
    values["charset"] = charset.characters
    fonts = {
        f"{record.identity} {record.index} {record.digest}"
        for _, record in verified(font_files(recipe.fonts.folders), charset.characters)
        if not record.refused
    }
    return {
        "synthetic recipe": _digest(json.dumps(values, sort_keys=True)),
        "corpora": _digest(*(_file_digest(Path(path)) for path in recipe.text.corpora)),
        "fonts": _digest(*sorted(fonts)),
    }


def lines_fingerprint(folder: Path) -> str:
    """Return a checksum of a labels folder's table, or of an LMDB's labels and size; :class:`InputMissing`."""
    if not is_lmdb(folder):
        foreign = None if (folder / TABLE).is_file() else foreign_table(folder)
        if foreign is not None:
            return _digest(*(f"{line.filename}\t{line.text}" for line in foreign.lines))
        return _file_digest(folder / TABLE)
    store = LmdbLines(folder)
    size = (folder / DATA_FILE).stat().st_size
    try:
        ends = [store.image(index) for index in {0, len(store) - 1} if len(store)]
        return _digest(str(len(store)), str(size), *(hashlib.sha256(data).hexdigest() for data in ends))
    finally:
        store.close()


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputMissing(f"{path} cannot be read: {error.strerror}.") from error


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def git_revision() -> str:
    """Return the source's git revision, with ``+`` where files are changed; empty outside a checkout."""
    here = Path(__file__).parent
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=here, capture_output=True, text=True, encoding="utf-8", check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()
