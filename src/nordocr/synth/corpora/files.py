"""Corpus files: UTF-8 text, plain or gzip, one sentence a line, the language code at the start of the file's name."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from nordocr.charset import nfc
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable
from nordocr.synth.corpora.config import LANGUAGES
from nordocr.synth.corpora.inside import Inside

_SHORTEST_STRETCH: Final = 8
_LANGUAGE = re.compile(r"([a-z]{2})(?![A-Za-z])")
_WHITESPACE = re.compile(r"\s+")


def language_of(path: Path, known: Collection[str] = LANGUAGES) -> str:
    """Return the language code at the start of a corpus file's name.

    Args:
        path: The file; only its name is looked at.
        known: The codes that there are, by default those of rendered text.

    Raises:
        DataInvalid: If the name does not begin with one of them.
    """
    match = _LANGUAGE.match(path.name)
    if match is None or match.group(1) not in known:
        raise DataInvalid(
            f"The name of corpus {path} does not begin with a language code ({', '.join(known)}), as in sv.txt.gz."
        )
    return match.group(1)


def read_corpus(path: Path, inside: Inside, max_lines: int) -> list[str]:
    """Read the sentences of a corpus file, or the parts of them, that lie inside the charset.

    Text is put into NFC, runs of whitespace become one space, ends are stripped.

    Args:
        path: UTF-8 text, or gzip where the suffix is ``.gz``.
        inside: The charset's filter, which counts what is refused.
        max_lines: Lines read at most.

    Raises:
        InputMissing: If there is no such file.
        InputUnreadable: If it cannot be read or its gzip data are damaged.
        DataInvalid: If a line is not UTF-8, or no line is usable.
    """
    if not path.is_file():
        raise InputMissing(f"There is no corpus file {path}.")
    sentences: list[str] = []
    for number, raw in enumerate(_lines(path), start=1):
        if number > max_lines:
            inside.skipped[f"corpus {path.name} read no further than max_corpus_lines"] += 1
            break
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataInvalid(f"Line {number} of corpus {path} is not UTF-8: {error.reason}.") from error
        line = _WHITESPACE.sub(" ", nfc(line)).strip()
        if line:
            sentences.extend(inside.stretches(line, _SHORTEST_STRETCH))
        else:
            inside.skipped["corpus line empty"] += 1
    if not sentences:
        raise DataInvalid(f"Corpus {path} has no line inside charset {inside.charset.name!r}.")
    return sentences


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            yield from stream
    except (OSError, EOFError, zlib.error) as error:
        raise InputUnreadable(f"Corpus {path} cannot be read: {error}.") from error
