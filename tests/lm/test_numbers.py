"""Ten thousand amounts and identifiers, unsurely seen: no digit is traded for another, and none reads worse."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from nordocr.charset import NORDIC_126
from nordocr.ctc import decode
from nordocr.linespec import LineSpec
from nordocr.lm.file import bundled_file, load_model
from nordocr.lm.revise import Reviser

SPEC = LineSpec()
EACH = 2500
# What a scan may make of a character, digits among themselves first of all.
TAKEN = {
    "0": "O8Do6", "1": "l7I4|", "2": "Z7z3", "3": "8259", "4": "1A9", "5": "S63s", "6": "8b5G", "7": "1T2", "8": "B360",
    "9": "g4q8", "O": "0D", "I": "1l", "S": "5", "B": "8", "l": "1I", ".": ",", ",": ".", "-": "–", "–": "-", " ": "_",
    ":": ".;", "k": "h", "r": "n", "E": "F", "N": "M", "K": "X",
}  # fmt: skip
LIKE_DIGITS = str.maketrans("OoDQØlIi|!ZzSsB", "000001111122558")


def numbers(dice: np.random.Generator) -> dict[str, list[str]]:
    def digits(count: int) -> str:
        return "".join(map(str, dice.integers(0, 10, count)))

    def grouped(sign: str) -> str:
        return f"{dice.integers(1, 999)}{sign}{digits(3)}" + (f"{sign}{digits(3)}" if dice.random() < 0.5 else "")

    def amount() -> str:
        sign, point = ((" ", ","), (".", ","), (",", "."))[dice.integers(0, 3)]
        head, tail = ("-", "", "", "")[dice.integers(0, 4)], ("", "", f"{point}{digits(2)}", f"{point}{digits(2)}")
        return head + grouped(sign) + tail[dice.integers(0, 4)] + ("", "", " kr")[dice.integers(0, 3)]

    def identifier() -> str:
        return (
            f"55{digits(4)}-{digits(4)}", f"SE55{digits(8)}01", f"DK{digits(8)}", f"{digits(7)}-{digits(1)}",
            f"{digits(3)} {digits(3)} {digits(3)}", f"{digits(3)}-{digits(4)}", f"B-{digits(6)}", f"NO {digits(9)} MVA",
            digits(8), f"IS{digits(2)} {digits(4)} {digits(4)}",
        )[dice.integers(0, 10)]  # fmt: skip

    def date() -> str:
        year, month, day = dice.integers(1950, 2026), dice.integers(1, 13), dice.integers(1, 29)
        return (f"{year}-{month:02}-{day:02}", f"{day}.{month}.{year}", f"{day:02}/{month:02}/{year}")[
            dice.integers(0, 3)
        ]

    def row() -> str:
        return " ".join(str(dice.integers(0, 10 ** int(dice.integers(1, 7)))) for _ in range(3))

    kinds = {"amount": amount, "identifier": identifier, "date": date, "row": row}
    return {name: [make() for _ in range(EACH)] for name, make in kinds.items()}


def seen(dice: np.random.Generator, text: str) -> np.ndarray:
    """Logits of a line: two steps a character, a fifth of the characters taken for another one to some degree."""
    logits = np.full((2 * len(text) + 1, 126), -6.0, np.float32)
    logits[::2, 0] = 6.0
    for place, character in enumerate(text):
        row = logits[2 * place + 1]
        row[SPEC.characters.index(character) + 1] = 4.0
        others = TAKEN.get(character, "")
        if others and dice.random() < 0.2:
            other = others[min(int(dice.exponential(1.2)), len(others) - 1)]
            row[0 if other == "_" else SPEC.characters.index(other) + 1] = 4.0 + dice.normal(-0.8, 1.2)
    return logits


def digits_of(text: str) -> str:
    """The digits of a text, letters of their shape taken for them."""
    return "".join(c for c in text.translate(LIKE_DIGITS) if c.isdigit())


def test_no_digit_is_traded_and_no_kind_of_number_reads_worse() -> None:
    dice = np.random.default_rng(17)
    reviser = Reviser(load_model(bundled_file()), SPEC)
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    changed = 0
    for kind, texts in numbers(dice).items():
        scores = [seen(dice, text) for text in texts]
        alone = [decode(own, SPEC, 4 * len(own)) for own in scores]
        again = reviser.revise(scores, alone)
        for text, greedy, (new, _) in zip(texts, alone, again, strict=True):
            read = new.text
            changed += read != greedy.text
            assert digits_of(read) == digits_of(greedy.text), (text, greedy.text, read)
            right[kind][0] += greedy.text == text
            right[kind][1] += read == text
    assert sum(EACH for _ in right) == 10_000
    assert changed > 500
    for kind, (before, after) in right.items():
        assert after >= before, (kind, before, after)
    assert sum(after - before for before, after in right.values()) > 250


def test_the_digits_of_the_charset_are_the_ten() -> None:
    assert [c for c in NORDIC_126.characters if c.isdigit()] == list("0123456789")
