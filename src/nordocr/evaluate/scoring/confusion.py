"""Count which characters are read as which, on aligned texts and never by equal positions.

Texts are aligned by the edit operations of a shortest Levenshtein path (rapidfuzz). Where several paths are equally
short the library picks one, so a single count of a repeated letter may go to its neighbour; sums do not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

from nordocr.charset import NORDIC_LETTERS
from nordocr.evaluate.scoring.units import has_marks, units

Confusions = Counter[tuple[str, str]]
"""(reference, hypothesis) to count; "" as the reference is an insertion, as the hypothesis a deletion."""

TABLES: Final = ("aåä", "AÅÄ", "oöø", "OÖØ")
"""Letters that differ by a ring, dots or a stroke alone: what a recogniser trained on English confuses."""

OTHER: Final = "other"
"""Column of a table for letters read as something outside it."""

NOTHING: Final = ""
"""Column of a table for letters not read at all."""


class Confusion(BaseModel):
    """How often one character was read as another.

    Attributes:
        reference: The character printed; "" for an insertion.
        hypothesis: The character read; "" for a deletion.
        count: How often.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: str
    hypothesis: str
    count: int


class LetterScore(BaseModel):
    """One letter.

    Attributes:
        reference: How often it occurs in the references.
        hypothesis: How often it was read.
        correct: How often both at aligned places.
        recall: ``correct`` / ``reference``; None where that divides by zero.
        precision: ``correct`` / ``hypothesis``; None where that divides by zero.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: int
    hypothesis: int
    correct: int
    recall: float | None
    precision: float | None


def confusions(reference: Sequence[str], hypothesis: Sequence[str]) -> list[tuple[str, str]]:
    """Return the errors of one line, one per edit, in reading order.

    Args:
        reference: Units of the reference, as :func:`~nordocr.evaluate.scoring.units.unit_pair` returns them.
        hypothesis: Units of what was read.
    """
    found = []
    for edit in Levenshtein.editops(reference, hypothesis):
        source = "" if edit.tag == "insert" else reference[edit.src_pos]
        target = "" if edit.tag == "delete" else hypothesis[edit.dest_pos]
        found.append((source, target))
    return found


def most_common(counts: Confusions, limit: int) -> list[Confusion]:
    """Return the ``limit`` most frequent confusions, those of equal count in code point order."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(reference=r, hypothesis=h, count=n) for (r, h), n in ranked[:limit]]


def letter_scores(
    references: Iterable[str], hypotheses: Iterable[str], counts: Confusions, letters: str = NORDIC_LETTERS
) -> dict[str, LetterScore]:
    """Return recall and precision of each letter that occurs on either side.

    Case counts. A letter under a further combining mark is another unit and is not this letter.

    Args:
        references: Normalised references of some lines.
        hypotheses: What was read, normalised.
        counts: The confusions of these lines.
        letters: The letters wanted.
    """
    wanted, given = _occurrences(references, letters), _occurrences(hypotheses, letters)
    lost = _lost(counts)
    scores = {}
    for letter in letters:
        in_reference, in_hypothesis = wanted[letter], given[letter]
        if in_reference or in_hypothesis:
            correct = in_reference - lost[letter]
            scores[letter] = LetterScore(
                reference=in_reference,
                hypothesis=in_hypothesis,
                correct=correct,
                recall=correct / in_reference if in_reference else None,
                precision=correct / in_hypothesis if in_hypothesis else None,
            )
    return scores


def letter_tables(references: Iterable[str], counts: Confusions) -> dict[str, dict[str, dict[str, int]]]:
    """Return a table for each of :data:`TABLES`, named like "a/å/ä": reference letter to what was read to count.

    The diagonal holds the correct ones, :data:`OTHER` and :data:`NOTHING` what left the table; a row sums to the
    letter's count in the references.
    """
    wanted = _occurrences(references, "".join(TABLES))
    lost = _lost(counts)
    tables = {}
    for letters in TABLES:
        table = {row: {column: counts[row, column] for column in letters} for row in letters}
        for row in letters:
            table[row][NOTHING] = counts[row, ""]
            table[row][row] = wanted[row] - lost[row]
            table[row][OTHER] = lost[row] - sum(counts[row, c] for c in (*letters, ""))
        tables["/".join(letters)] = table
    return tables


def _lost(counts: Confusions) -> Counter[str]:
    """Count how often each unit of the references was read as something else or not at all."""
    lost: Counter[str] = Counter()
    for (reference, _), count in counts.items():
        lost[reference] += count
    return lost


def _occurrences(texts: Iterable[str], letters: str) -> dict[str, int]:
    joined = "\n".join(texts)
    counted: Counter[str] | str = Counter(units(joined)) if has_marks(joined) else joined
    return {c: counted[c] if isinstance(counted, Counter) else counted.count(c) for c in letters}
