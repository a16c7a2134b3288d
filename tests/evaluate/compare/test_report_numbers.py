"""The report's tables show the comparison's figures: every cell against the data, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import pytest

from nordocr.evaluate.compare.comparison import Comparison
from nordocr.evaluate.compare.figures import compare
from nordocr.evaluate.compare.report import charts, tables
from nordocr.evaluate.compare.report.glance import glance
from nordocr.evaluate.compare.report.page import payload, report_page
from nordocr.evaluate.compare.scored import score_regions
from nordocr.evaluate.compare.verified import check_sample
from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.evaluate.referee.judge import RefereeCounts
from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.results import BBox

# Reference, what "one" reads, what "two" reads; None: no line.
READ: list[tuple[str | None, str | None, str | None]] = [
    ("Årets resultat", "Årets resultat", "Arets resultat"),
    ("Summa kortfristiga skulder", "Summa kortfristiga sk", "Summa kortfristiga skulder"),
    ("12, 13", "12,13", None),
    ("Räntekostnader", "eRäntekostnader", "Räntekostnader"),
    ("övriga", "ovriga", "ovriga"),
    ("handelsvaror", "handelsvaror", "handelsvaror"),
    (None, "fläck", None),
]


@pytest.fixture(scope="module")
def found() -> Comparison:
    regions = []
    for number in range(140):
        reference, one, two = READ[number % 7]
        box = BBox(x=10, y=50 * (number % 20), width=20 * (1 + number % 7) * 10, height=32)
        texts = {"one": one, "two": two}
        sure = {"one": 0.9 if number % 2 else 0.5, "two": None if two is None else 0.8}
        page, pieces = number // 20, {"one": 1, "two": int(two is not None)}
        region = ComparedRegion("scan.tif", page, box, reference, texts=texts, confidences=sure, pieces=pieces)
        region.spurious = reference is None
        regions.append(region)
    scored = score_regions(regions, ["one", "two"])
    verified = [region.reference if number % 3 == 0 else None for number, region in enumerate(regions)]
    seconds = {"one": {"recognize": 1.25}}
    sample = check_sample(scored, verified, 2)
    return compare(scored, documents=["scan.tif"], pages=7, seconds=seconds, verified=sample, reference_kind="truth")


def cells(markup: str) -> list[list[str]]:
    """The texts of every row."""
    rows = re.findall(r"<tr>(.*?)</tr>", markup, re.DOTALL)
    found = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in found]


def said(share: float | None, digits: int = 1) -> str:
    assert share is not None
    return f"{share * 100:.{digits}f}"


def between(interval: Interval | None, digits: int = 1) -> str:
    assert interval is not None
    return f"{said(interval.low, digits)}–{said(interval.high, digits)}"


def metrics_of(found: Comparison) -> list[tuple[str, Metrics]]:
    held = [(name, engine.metrics) for name, engine in found.engines.items()]
    return [(name, metrics) for name, metrics in held if metrics is not None]


def test_what_was_made_up_is_what_is_compared(found: Comparison) -> None:
    assert [found.regions, found.referenced, found.spurious, found.unreferenced] == [140, 120, 20, 0]
    one, two = (metrics for _, metrics in metrics_of(found))
    assert (one.exact, two.exact) == (2 / 6, 4 / 6 - 1 / 6)
    assert (one.taxonomy["right_truncation"], one.taxonomy["leading_garbage"]) == (20, 20)
    assert (found.engines["two"].missed, found.engines["one"].spurious) == (20, 20)
    assert found.engines["one"].spurious_characters == 100
    pair = found.pairs[0]
    assert [pair.both, pair.only_first, pair.only_second, pair.neither] == [20, 20, 40, 40]
    assert [pair.first_fewer_edits, pair.second_fewer_edits] == [40, 40]
    assert found.verdicts == {"one": 40, "two": 40, "all right": 20, "tie": 20} and found.none_right == 40


def test_the_summary_table(found: Comparison) -> None:
    head, *rows = cells(tables.summary_table(found))
    assert head[0] == "engine" and head[-3:] == ["missed", "spurious", "recognise s"]
    for row, (name, m) in zip(rows, metrics_of(found), strict=True):
        engine = found.engines[name]
        shown = [
            f"{said(m.exact)} {between(m.intervals['exact'])}",
            f"{said(m.space_insensitive)} {between(m.intervals['space_insensitive'])}",
            f"{said(m.cer, 2)} {between(m.intervals['cer'], 2)}",
            f"{said(m.wer)} {between(m.intervals['wer'])}",
            str(m.taxonomy["right_truncation"]),
            str(m.taxonomy["leading_garbage"]),
        ]
        timed = "1.2" if name == "one" else "–"
        assert row == [name, *shown, str(engine.missed), str(engine.spurious), timed]


def test_the_differences_and_what_is_marked(found: Comparison) -> None:
    markup = tables.differences_tables(found)
    rows = {row[0]: row[1:] for row in cells(markup) if len(row) == 6}
    for title, name, digits in (("exact", "exact", 1), ("CER", "cer", 2), ("leading garbage", "leading_garbage", 1)):
        d = found.pairs[0].differences.rates[name]
        assert d.value is not None and d.interval is not None
        spread = f"{100 * d.interval.low:+.{digits}f} … {100 * d.interval.high:+.{digits}f}"
        value = f"{100 * d.value:+.{digits}f}"
        assert rows[title] == [said(d.first, digits), said(d.second, digits), value, spread, str(d.occurrences)]
    assert rows["Å"][:3] == ["100.0", "0.0", "-100.0"] and rows["Å"][4] == "20"
    better, worse = (f'<span class="{mark}">' for mark in ("good", "bad"))
    exact, garbage, ring = (_row(markup, name) for name in (">exact<", ">leading garbage<", ">Å<"))
    assert better in exact and better in garbage and worse in ring
    assert "Both exact 20, only one 20, only two 40, neither 40. Fewer edits: one 40, two 40." in markup
    assert ["right truncation", "20"] in [[row[0], row[1]] for row in cells(markup) if row[0] == "right truncation"]


def _row(markup: str, name: str) -> str:
    return next(row for row in re.findall(r"<tr>.*?</tr>", markup, re.DOTALL) if name in row)


def test_pages_letters_agreement_and_classes(found: Comparison) -> None:
    for row, page in zip(cells(tables.pages_table(found))[1:], found.by_page, strict=True):
        cer = [said(page.edits[name] / page.characters, 2) for name in ("one", "two")]
        exact = [str(page.exact[name]) for name in ("one", "two")]
        assert row == [f"scan.tif, {page.page + 1}", "20", str(page.referenced), *exact, *cer]
    letters = {row[0]: row[1:] for row in cells(tables.letters_table(found))[1:]}
    assert letters == {
        "Å": ["20", "100.0 20", "0.0 0"],
        "ä": ["20", "100.0 20", "100.0 20"],
        "ö": ["20", "0.0 0", "0.0 0"],
    }
    (row,) = cells(tables.agreement_table(found))[1:]
    agreed = found.agreement[0]
    assert row == ["one two", "100", "40 40.0 %", "0", f"{said(agreed.distance, 2)} %", "40", "0"]
    classes = {row[0]: row[1:] for row in cells(tables.classes_table(dict(metrics_of(found))))[2:]}
    assert classes["exact"] == ["40", "–", "60", "–"] and classes["missed"] == ["0", "0.0", "20", "33.3"]
    assert classes["right truncation"] == ["20", "25.0", "0", "0.0"] and classes["all failures"][0] == "80"
    own = {row[0]: row[1:] for row in cells(tables.own_classes_table(found))[1:]}
    assert own["minor"] == ["20", "20", "40"] and found.doubt.regions == 20 and found.doubt.of == 120


def test_the_humans_sample(found: Comparison) -> None:
    sample = found.verified
    assert sample is not None and sample.regions == 40
    rows = cells(tables.sample_table(found))[1:]
    for row, (name, m) in zip(rows, sample.metrics.items(), strict=True):
        assert row[:4] == [name, said(m.exact), said(m.space_insensitive), said(m.cer, 2)]
        if name in sample.exact:
            corrected = sample.exact[name]
            assert row[5] == f"{said(corrected.corrected)} {between(corrected.interval)}"
    assert "40 regions verified by a human, 0 of them without a reference, 2 verified lines on no region" in (
        tables.sample_table(found)
    )


def test_the_first_screen_and_the_bars(found: Comparison) -> None:
    shown = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", glance(found))).split())
    assert shown.index("two 50.0 % exact") < shown.index("one 33.3 % exact")
    for _, m in metrics_of(found):
        cer = f"CER {said(m.cer, 2)} % ({between(m.intervals['cer'], 2)})"
        assert f"{between(m.intervals['exact'])} · {cer}" in shown
    exact = found.pairs[0].differences.rates["exact"]
    assert exact.interval is not None
    spread = f"{100 * exact.interval.low:+.1f} to {100 * exact.interval.high:+.1f}"
    assert f"two against one : exact regions 16.7 points higher, surely (95 % interval {spread})" in shown
    metrics = dict(metrics_of(found))
    bars = _bars(charts.taxonomy_bars(metrics))
    assert bars["right truncation"] == [20, 0] and bars["minor"] == [20, 40] and bars["missed"] == [0, 20]
    assert "exact" not in bars
    page = report_page(found, [None] * 140)
    assert "140 regions on 7 pages, 120 with a reference of scan.tif; against truth." in page
    assert "20 regions lie where the reference has nothing" in page and "No engine is right on 40 regions" in page
    assert "<b>20</b> (16.7 %)" in page and "<b>40</b> (33.3 %)" in page


def test_the_best_engine_of_a_page_is_marked() -> None:
    box = BBox(x=0, y=0, width=100, height=20)
    texts = [{"one": "abcd", "two": "abxy"}, {"one": "abx", "two": "abcd"}, {"one": "xbcd", "two": "abcx"}]
    regions = [ComparedRegion("d", page, box, "abcd", texts=dict(read)) for page, read in enumerate(texts)]
    pages = tables.pages_table(compare(score_regions(regions, ["one", "two"]), documents=["d"], pages=3))
    marked = [
        re.findall(r'<td>(<span class="good">)?[\d.]+(?:</span>)?</td>', row)[-2:] for row in pages.split("<tr>")[2:]
    ]
    good = '<span class="good">'
    assert marked == [[good, ""], ["", good], ["", ""]]


def test_where_nobody_is_right(found: Comparison) -> None:
    box = BBox(x=0, y=0, width=100, height=20)
    region = ComparedRegion("d", 0, box, "abc", texts={"one": "x", "two": "yz"})
    alone = compare(score_regions([region], ["one", "two"]), documents=["d"], pages=1)
    page = report_page(alone, [None])
    assert "all right <b>0</b> (0.0 %)" in page
    assert "tie, not all right <b>1</b> (100.0 %)" in page and "two best <b>0</b>" in page


def test_the_referee_and_the_notes() -> None:
    box = BBox(x=0, y=0, width=100, height=20)
    region = ComparedRegion("d", 0, box, "abc", texts={"one": "abc"})
    counts = RefereeCounts(model="m<1>", prompt="?", regions=9, texts=4, empty=2, refusals=1, failed=2, asked=3)
    counts.cached, counts.retries, counts.removed, counts.failures = 5, 6, {"fence": 7}, {"no <answer>": 2}
    notes = ["first", "<second>"]
    page = report_page(
        compare(score_regions([region], ["one"]), documents=["d"], pages=1, referee=counts, notes=notes), [None]
    )
    section = page.partition("<h3>The referee</h3>")[2]
    rows = {row[0]: row[1] for row in cells(section) if len(row) == 2}
    assert rows["m<1>"] == "regions" and rows["transcriptions"] == "4" and rows["sees no text"] == "2"
    assert [rows[name] for name in ("refusals", "no answer", "asked in this run", "answered from disk")] == list("1235")
    assert rows["asked again"] == "6" and rows["fence taken off"] == "7"
    assert "<li>no &lt;answer&gt;: 2</li>" in section
    assert '<details class="notes" open><summary>2 things to know</summary>' in page
    assert "<li>first</li><li>&lt;second&gt;</li>" in page and "abc" in page


def _bars(svg: str) -> dict[str, Sequence[int]]:
    """Counts by class, and the bars' lengths in proportion to them."""
    rows: dict[str, list[int]] = {}
    lengths: list[float] = []
    for text, kind, number, width in re.findall(
        r'<text x="\d+" y="\d+" text-anchor="end">([^<]+)</text>|<text (class="n")[^>]*>(\d+)</text>'
        r'|<rect [^>]*width="([\d.]+)"',
        svg,
    ):
        if text:
            rows[text] = []
        elif kind:
            rows[list(rows)[-1]].append(int(number))
        else:
            lengths.append(float(width))
    counts = [count for row in rows.values() for count in row]
    longest = max(lengths)
    assert lengths == pytest.approx([longest * count / max(counts) for count in counts], abs=0.1)
    return dict(rows)


def test_the_lines_behind_the_table(found: Comparison) -> None:
    data = payload(found, [None] * 140)
    assert data["engines"] == ["one", "two"] and len(data["lines"]) == 140
    first = data["lines"][1]
    assert first[:6] == [1, 0, 0, 400, [10, 50, 400, 32], "Summa kortfristiga skulder"]
    assert [data["classes"][kind] for kind in first[7]] == ["right_truncation", "exact"]
    assert first[8:] == [[5, 0], [0.9, 0.8], "two", 0, [1, 1], 1, None]
    assert data["lines"][6][10] == "spurious" and data["lines"][6][7] == []
    assert data["lines"][4][11] == 1, "both read ovriga"
