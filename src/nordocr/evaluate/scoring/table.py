"""The scored table: every line compared with its reference once, for whoever needs a figure of it.

Metrics, paired differences, the promotion gate, the console and the report all read this table. None of them compares
or classifies a text again, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from nordocr.charset import NORDIC_LETTERS
from nordocr.evaluate.scoring.confusion import confusions
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify_normalised
from nordocr.evaluate.scoring.units import normalise, unit_pair

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: its reference and what was read.

    Attributes:
        reference: The true text.
        hypothesis: The text that was read.
        width: Pixels at a height of 32; None if unknown.
        source: The document that the line comes from; None if unknown.
        page: The page that the line comes from; None if unknown.
        confidence: In [0, 1]; None if unknown.
    """

    reference: str
    hypothesis: str
    width: int | None = None
    source: str | None = None
    page: str | None = None
    confidence: float | None = None


class ScoredTable:
    """Lines and how each compares with its reference, one row per line in the order given.

    Attributes:
        pairs: The lines.
        references: Their references in normal form (:func:`~nordocr.evaluate.scoring.units.normalise`).
        hypotheses: What was read, in normal form.
        classes: The error class of each line.
        errors: For each row that is not exact, its character edits in reading order, as (reference, hypothesis).
        edits: Character edits, int64 ``[lines]``.
        characters: Units of the references, int64 ``[lines]``.
        characters_read: Units of the hypotheses, int64 ``[lines]``.
        word_edits: Word edits, int64 ``[lines]``.
        words: Words of the references, int64 ``[lines]``.
    """

    def __init__(self, pairs: Iterable[Pair | tuple[str, str]]) -> None:
        """Score ``pairs``; a tuple is (reference, hypothesis)."""
        self.pairs: list[Pair] = [pair if isinstance(pair, Pair) else Pair(*pair) for pair in pairs]
        self.references = [normalise(pair.reference) for pair in self.pairs]
        self.hypotheses = [normalise(pair.hypothesis) for pair in self.pairs]
        self.classes: list[ErrorClass] = []
        self.errors: dict[int, list[tuple[str, str]]] = {}
        rows: list[tuple[int, int, int, int, int]] = []
        for i, (reference, hypothesis) in enumerate(zip(self.references, self.hypotheses, strict=True)):
            self.classes.append(classify_normalised(reference, hypothesis))
            rows.append(self._row(i, reference, hypothesis))
        columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
        self.edits, self.characters, self.characters_read, self.word_edits, self.words = columns

    @classmethod
    def join(cls, tables: Sequence[ScoredTable]) -> ScoredTable:
        """Return the lines of several tables as one, without scoring them again."""
        joined = cls([])
        for table in tables:
            offset = len(joined)
            joined.errors |= {offset + row: errors for row, errors in table.errors.items()}
            joined.pairs += table.pairs
            joined.references += table.references
            joined.hypotheses += table.hypotheses
            joined.classes += table.classes
        for name in ("edits", "characters", "characters_read", "word_edits", "words"):
            setattr(joined, name, np.concatenate([np.zeros(0, np.int64), *(getattr(t, name) for t in tables)]))
        return joined

    def __len__(self) -> int:
        return len(self.pairs)

    def in_class(self, *kinds: ErrorClass) -> Ints:
        """Return 1 for each line of one of these error classes and 0 for each other one, int64 ``[lines]``."""
        return np.fromiter((c in kinds for c in self.classes), dtype=np.int64, count=len(self.classes))

    @property
    def cer(self) -> float:
        """CER over all lines, from 0; references without a character count as one."""
        return int(self.edits.sum()) / max(1, int(self.characters.sum()))

    @cached_property
    def exact(self) -> Ints:
        """1 for each line that was read exactly, int64 ``[lines]``."""
        return self.in_class(ErrorClass.EXACT)

    @cached_property
    def letters(self) -> tuple[Ints, Ints]:
        """The Nordic letters of each line: in the reference, and read correctly; int64 ``[lines, letters]`` each.

        Columns follow :data:`~nordocr.charset.NORDIC_LETTERS`. A letter under a further combining mark is another
        unit and is not counted.
        """
        wanted = np.zeros((len(self), len(NORDIC_LETTERS)), dtype=np.int64)
        for i, reference in enumerate(self.references):
            if not reference.isascii():
                found, _ = unit_pair(reference, self.hypotheses[i])
                wanted[i] = [found.count(letter) for letter in NORDIC_LETTERS]
        correct = wanted.copy()
        place = {letter: i for i, letter in enumerate(NORDIC_LETTERS)}
        for row, errors in self.errors.items():
            for was, _ in errors:
                if was in place:
                    correct[row, place[was]] -= 1
        return wanted, correct

    def _row(self, index: int, reference: str, hypothesis: str) -> tuple[int, int, int, int, int]:
        words = reference.split(" ") if reference else []
        r, h = unit_pair(reference, hypothesis)
        if reference == hypothesis:
            return 0, len(r), len(h), 0, len(words)
        errors = confusions(r, h)
        self.errors[index] = errors
        read = hypothesis.split(" ") if hypothesis else []
        return len(errors), len(r), len(h), Levenshtein.distance(words, read), len(words)


def scored(lines: ScoredTable | Iterable[Pair | tuple[str, str]]) -> ScoredTable:
    """Return the table of ``lines``; a table is returned as it is."""
    return lines if isinstance(lines, ScoredTable) else ScoredTable(lines)


def same_lines(first: ScoredTable, second: ScoredTable) -> bool:
    """Decide whether two tables hold the same references in the same order."""
    return len(first) == len(second) and _references(first.pairs) == _references(second.pairs)


def _references(pairs: Sequence[Pair]) -> list[str]:
    return [pair.reference for pair in pairs]
