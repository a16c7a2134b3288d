from __future__ import annotations

import pytest

from nordocr.evaluate.referee.answer import FILTERED, AnswerKind, clean_answer


@pytest.mark.parametrize(
    ("raw", "text", "removed"),
    [
        ("Årets resultat\n", "Årets resultat", ()),
        ("A\u030arets resultat", "Årets resultat", ()),
        ("Here is the transcribed text:\n\nÅrets resultat", "Årets resultat", ("chatter",)),
        ("Sure! Here's the text: Summa 12", "Summa 12", ("chatter",)),
        ('The text in the image reads: "Summa 12"', "Summa 12", ("chatter", "quotes")),
        ("```text\nSumma 12\n```", "Summa 12", ("fence",)),
        ('"Summa 12"', "Summa 12", ("quotes",)),
        ("Summa\n\nLet me know if you need anything else!", "Summa", ("chatter",)),
        ("Certainly! The text reads:\n**Summa**", "Summa", ("chatter", "quotes")),
        ("Summa\nskulder", "Summa skulder", ("lines",)),
        ("<think>\nA line of print.\n</think>\n\nSumma 12", "Summa 12", ("thinking",)),
    ],
)
def test_what_stands_around_the_text_is_taken_off_and_counted(raw: str, text: str, removed: tuple[str, ...]) -> None:
    answer = clean_answer(raw)
    assert (answer.kind, answer.text, answer.removed) == (AnswerKind.TEXT, text, removed)


@pytest.mark.parametrize(
    "printed",
    [
        "I cannot agree to these terms",
        "Sorry, we are closed",
        "Sorry for the help",
        "None",
        "The text: see note 4",
        "Here is the plan: sell",
        "»Hejsan« sa hon",
        "- 12 345,00",
        "Unfortunately the profit fell",
        "Of course, the board",
        "Note: see page 4",
        'Aktiebolaget "Norrland"',
    ],
)
def test_print_that_looks_like_chatter_is_left_as_it_is(printed: str) -> None:
    answer = clean_answer(printed)
    assert (answer.kind, answer.text, answer.removed) == (AnswerKind.TEXT, printed, ())


@pytest.mark.parametrize(
    "raw",
    [
        "I'm sorry, but I can't assist with that request.",
        "I cannot read the text in this image.",
        "I'm unable to transcribe this image.",
        "Unfortunately, I am unable to read the text.",
        "I’m sorry, I can’t help with this image",
        "<think>Hm.</think>I cannot read the text in this image.",
        FILTERED,
    ],
)
def test_refusals_are_no_reference(raw: str) -> None:
    assert clean_answer(raw).kind is AnswerKind.REFUSAL


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "  \n",
        "No text visible.",
        "[illegible]",
        "The image is blank.",
        "``````",
        "(empty)",
        "<think>It says Summa, or",
    ],
)
def test_seeing_nothing_is_told_apart_from_refusing(raw: str) -> None:
    assert clean_answer(raw).kind is AnswerKind.EMPTY
