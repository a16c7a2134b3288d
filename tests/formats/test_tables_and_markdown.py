"""Tesseract's table, and Markdown."""

from __future__ import annotations

import csv
import io

from tests.formats.samples import SAMPLES, USUAL, line, page

from nordocr.formats import open_format
from nordocr.results import Document, Page


def written(name: str, document: Document) -> str:
    output = open_format(name)
    return "".join([*(output.page(document.source, one) for one in document.pages), output.end(document)])


def test_the_table_has_tesseracts_columns_and_a_row_for_every_rung() -> None:
    text = written("tsv", SAMPLES["several"])
    rows = [*csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert text.splitlines()[0].split("\t") == [
        "level", "page_num", "block_num", "par_num", "line_num", "word_num",
        "left", "top", "width", "height", "conf", "text",
    ]  # fmt: skip
    words = [row for row in rows if row["level"] == "5"]
    assert [row["text"] for row in words if row["page_num"] == "1"] == USUAL.text.split()
    assert {row["conf"] for row in rows if row["level"] != "5"} == {"-1"}
    assert [row["level"] for row in rows if row["page_num"] == "2"] == ["1"]
    first = words[1]
    assert [int(first[key]) for key in ("block_num", "par_num", "line_num", "word_num")] == [2, 1, 1, 1]
    assert [int(first[key]) for key in ("left", "top", "width", "height")] == [100, 200, 135, 30]
    assert float(first["conf"]) == 100
    assert written("tsv", Document(engine=SAMPLES["usual"].engine)) == text.splitlines()[0] + "\n"


def markdown(*pages: Page) -> str:
    return written("md", Document(pages=[*pages], engine=SAMPLES["usual"].engine))


def test_headings_paragraphs_and_rows() -> None:
    assert markdown(USUAL) == (
        "# Årsredovisning\n\n"
        "Styrelsen avger härmed följande årsredovisning för 2024.\n\n"
        "Summa \u200348 612\n\n"
        "lutar så här\n\n"
    )


def test_a_hyphen_is_mended_only_within_a_word() -> None:
    kept = [("1 januari-", "31 december"), ("Anna-", "Lisa Berg är"), ("det är 5-", "kronor styck")]
    for first, second in kept:
        text = markdown(page(0, line(first, 0, 0), line(second, 0, 40, block=0)))
        assert f"{first} {second}" in text.replace("\\\n", " ")


def test_short_lines_keep_their_breaks_and_a_table_of_contents_too() -> None:
    address = markdown(page(0, line("Box 5", 0, 0), line("Till styrelsen i bolaget", 0, 40), line("Malmö", 0, 80)))
    assert address == "Box 5\\\nTill styrelsen i bolaget Malmö\n\n"
    contents = markdown(page(0, line("Resultat ........ 2", 0, 0), line("Noter ........... 3", 0, 40)))
    assert contents == "Resultat ........ 2\\\nNoter ........... 3\n\n"


def test_nothing_is_taken_for_markdown() -> None:
    for text, safe in [
        ("# 5 st", "\\# 5 st"),
        ("- 48 612", "\\- 48 612"),
        ("1. Allmänt", "1\\. Allmänt"),
        ("2024. Och", "2024\\. Och"),
        ("a*b_c`<d>[e]|", "a\\*b\\_c\\`\\<d\\>\\[e\\]\\|"),
        ("Kalle#1", "Kalle#1"),
        ("12.5 %", "12.5 %"),
    ]:
        assert markdown(page(0, line(text, 0, 0))) == f"{safe}\n\n"


def test_pages_are_marked_from_the_second_on() -> None:
    assert markdown(page(0, line("ett", 0, 0)), page(1), page(2, line("tre", 0, 0))) == (
        "ett\n\n<!-- page 2 -->\n\n<!-- page 3 -->\n\ntre\n\n"
    )
