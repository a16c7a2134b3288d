"""Corpus files: UTF-8 text, plain or gzip, one sentence a line, the language at the head of the file's name."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nordocr.charset import nfc
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable
from nordocr.synth.corpora.config import LANGUAGES
from nordocr.synth.corpora.inside import Inside

_SHORTEST_STRETCH: Final = 8
_LANGUAGE = re.compile(r"([a-z]{2})(?![A-Za-z])")
_WHITESPACE = re.compile(r"\s+")


def language_of(path: Path) -> str:
    """The language code at the head of a corpus file's name; :class:`DataInvalid` where it is none of ours."""
    match = _LANGUAGE.match(path.name)
    if match is None or match.group(1) not in LANGUAGES:
        raise DataInvalid(
            f"The name of corpus {path} does not begin with a language code ({', '.join(LANGUAGES)}), as in sv.txt.gz."
        )
    return match.group(1)


def read_corpus(path: Path, inside: Inside, max_lines: int) -> list[str]:
    """Sentences of one corpus file inside the charset: NFC, whitespace runs as one space, ends stripped.

    At most ``max_lines`` lines are read. What is refused is counted in ``inside.skipped``. Raises
    :class:`InputMissing`, :class:`InputUnreadable` for a damaged gzip file, :class:`DataInvalid` for a line that is
    not UTF-8 and for a file without one usable line.
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
