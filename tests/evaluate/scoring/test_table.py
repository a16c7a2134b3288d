from __future__ import annotations

import random

import numpy as np
from tests.evaluate.golden import golden_pairs

from nordocr.charset import NORDIC_LETTERS
from nordocr.evaluate.scoring.metrics import Pair, score
from nordocr.evaluate.scoring.shown import breakdown, percent, percent_range
from nordocr.evaluate.scoring.table import ScoredTable, same_lines, scored
from nordocr.evaluate.scoring.taxonomy import ErrorClass

LINES = [
    ("Årets resultat", "Arets resultat"),
    ("12, 13", "12,13"),
    ("ö  ö", "ö ö"),
    ("Summa skulder", ""),
    ("", "x y"),
    ("q\u0323ä", "qä"),
]


def test_columns_by_hand() -> None:
    table = ScoredTable(LINES)
    assert table.references == ["Årets resultat", "12, 13", "ö ö", "Summa skulder", "", "q\u0323ä"]
    assert [str(c) for c in table.classes] == ["minor", "space_only", "exact", "missed", "spurious", "minor"]
    assert table.edits.tolist() == [1, 1, 0, 13, 3, 1]
    assert table.characters.tolist() == [14, 6, 3, 13, 0, 2]
    assert table.characters_read.tolist() == [14, 5, 3, 0, 3, 2]
    assert table.word_edits.tolist() == [1, 2, 0, 2, 2, 1]
    assert table.words.tolist() == [2, 2, 2, 2, 0, 1]
    assert table.errors[0] == [("Å", "A")] and 2 not in table.errors
    assert table.exact.tolist() == [0, 0, 1, 0, 0, 0]
    assert table.in_class(ErrorClass.EXACT, ErrorClass.SPACE_ONLY).tolist() == [0, 1, 1, 0, 0, 0]


def test_letters_by_hand() -> None:
    wanted, correct = ScoredTable([*LINES, ("åäö", "åao")]).letters
    at = {letter: i for i, letter in enumerate(NORDIC_LETTERS)}
    assert wanted.sum(axis=0)[[at[c] for c in "Åöåä"]].tolist() == [1, 3, 1, 2]
    assert correct.sum(axis=0)[[at[c] for c in "Åöåä"]].tolist() == [0, 2, 1, 1]
    assert (correct <= wanted).all() and (correct >= 0).all()


def test_joined_tables_are_the_lines_scored_at_once() -> None:
    pairs = golden_pairs(300)
    joined = ScoredTable.join([ScoredTable(pairs[:100]), ScoredTable([]), ScoredTable(pairs[100:])])
    assert score(joined, resamples=20) == score(pairs, resamples=20)
    assert (joined.characters_read == ScoredTable(pairs).characters_read).all()
    assert len(ScoredTable.join([])) == 0 and ScoredTable.join([]).edits.dtype == np.int64


def test_a_table_is_not_scored_again() -> None:
    table = ScoredTable(LINES)
    assert scored(table) is table
    assert scored(iter(LINES)).classes == table.classes
    assert same_lines(table, ScoredTable([(r, "") for r, _ in LINES]))
    assert not same_lines(table, ScoredTable(LINES[:-1]))
    assert not same_lines(table, ScoredTable([("?", h) for _, h in LINES]))


def test_the_breakdown_takes_the_failures_apart() -> None:
    dice = random.Random(1)
    pairs = [Pair("Summa skulder", dice.choice(["Summa skulder", "Summa", "", "Summaskulder"])) for _ in range(80)]
    metrics = score(pairs, resamples=0)
    shares = {str(share.kind): share for share in breakdown(metrics)}
    assert list(shares) == [str(kind) for kind in ErrorClass]
    assert metrics.failures == 80 - metrics.taxonomy["exact"] > 0
    assert shares["exact"].of_failures is None
    assert shares["missed"].of_failures == metrics.taxonomy["missed"] / metrics.failures
    assert shares["missed"].of_lines == metrics.taxonomy["missed"] / 80
    assert sum(share.of_failures or 0 for share in shares.values()) == 1.0
    perfect = breakdown(score([("a", "a")]))
    assert all(share.of_failures is None for share in perfect)
    assert breakdown(score([]))[0].of_lines is None
    assert (percent(0.12345), percent(0.12345, 2), percent(None)) == ("12.3", "12.35", "–")
    assert percent_range(None) == ""
    assert percent_range(metrics.intervals.get("cer")) == ""
