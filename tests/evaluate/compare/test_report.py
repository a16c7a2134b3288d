from __future__ import annotations

import base64
import io
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from tests.evaluate.compare.chromium import Tab, chromium, executable
from tests.evaluate.compare.made_up import HOSTILE, crop, made_up

from nordocr.evaluate.compare.comparison import Comparison, LineRecord
from nordocr.evaluate.compare.figures import compare
from nordocr.evaluate.compare.report import INLINE, write_report
from nordocr.evaluate.compare.report.page import island, smaller
from nordocr.evaluate.compare.scored import score_regions
from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.results import BBox


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Path]:
    comparison = made_up(300)
    return comparison, write_report(
        comparison, [crop(i) for i in range(300)], tmp_path_factory.mktemp("s") / "report.html"
    )


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    if executable() is None:
        pytest.skip("Chromium is not installed here")
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


def count_of(tab: Tab) -> int:
    return int(str(tab.js("document.getElementById('count').textContent")).split(" of ")[0])


def choose(tab: Tab, name: str, value: str) -> None:
    tab.js(
        f"(() => {{ const e = document.getElementById({json.dumps(name)}); e.value = {json.dumps(value)};"
        "e.dispatchEvent(new Event(e.tagName === 'INPUT' ? 'input' : 'change')); })()"
    )
    tab.js("new Promise((done) => setTimeout(done, 120))")  # a search waits for the next key


def scroll_to(tab: Tab, top: float) -> None:
    tab.js(f"document.getElementById('view').scrollTop = {top}")
    tab.js("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def size_of(tab: Tab, which: str) -> list[int]:
    """Width and height of the first (0) or last (-1) crop that is shown."""
    found: list[int] = tab.js(
        f"(async () => {{ const image = [...document.querySelectorAll('#space img')].at({which});"
        "await image.decode(); return [image.naturalWidth, image.naturalHeight]; })()"
    )
    return found


def least_sure(line: LineRecord) -> float:
    return min([2.0, *(c for c in line.confidences.values() if c is not None)])


def ids(tab: Tab) -> list[int]:
    found: list[int] = tab.js("[...document.querySelectorAll('#space .row')].map((row) => Number(row.dataset.id))")
    return found


def test_opens_without_an_error_and_fetches_nothing(tab: Tab, small: tuple[Comparison, Path]) -> None:
    tab.requests.clear()
    tab.errors.clear()
    tab.open(small[1])
    assert tab.errors == []
    assert [r for r in tab.requests if not r.startswith("data:")] == [small[1].as_uri()]
    assert count_of(tab) == 300 and ids(tab)[:3] == [0, 1, 2]
    assert tab.js("document.querySelectorAll('svg').length") >= 5


def test_the_first_screen_says_who_is_better_and_how_surely(tab: Tab, small: tuple[Comparison, Path]) -> None:
    comparison, path = small
    tab.open(path)
    best, other = sorted(
        comparison.engines, key=lambda name: -(m.exact or 0 if (m := comparison.engines[name].metrics) else 0)
    )
    tiles = tab.js("[...document.querySelectorAll('.tile')].map((tile) => tile.textContent)")
    for name, tile in zip((best, other), tiles, strict=True):
        metrics = comparison.engines[name].metrics
        assert metrics is not None and metrics.exact is not None
        assert tile.startswith(f"{name}{100 * metrics.exact:.1f} % exact")
    exact = comparison.pairs[0].differences.rates["exact"]
    assert exact.value is not None and exact.interval is not None
    said = tab.js("document.querySelector('.said').textContent")
    assert said.startswith(f"{best} against {other}: exact regions {100 * abs(exact.value):.1f} points higher, ")
    assert ("surely" in said.split(";")[0]) == (exact.interval.low > 0 or exact.interval.high < 0)


def test_hostile_texts_stay_texts(tab: Tab, small: tuple[Comparison, Path]) -> None:
    tab.open(small[1])
    shown = tab.js("document.querySelector('.row[data-id=\"3\"] .ref').textContent")
    assert shown == HOSTILE
    assert tab.js("typeof window.hacked") == "undefined"
    assert tab.js("document.querySelector('.notes li').textContent") == "A note with <b>markup</b>."


def test_filters_agree_with_the_figures(tab: Tab, small: tuple[Comparison, Path]) -> None:
    comparison, path = small
    tab.open(path)
    choose(tab, "search", "räntekostnader")
    wanted = [
        x.id
        for x in comparison.lines
        if "räntekostnader" in " ".join([x.reference or "", *(t or "" for t in x.texts.values())]).lower()
    ]
    assert count_of(tab) == len(wanted) > 5 and ids(tab) == wanted[: len(ids(tab))]
    tab.key("Escape")
    assert count_of(tab) == 300
    kinds = comparison.engines["svtrv2"].metrics
    assert kinds is not None
    names = list(kinds.taxonomy)
    for kind in ("exact", "right_truncation", "minor"):
        choose(tab, "f-class", str(names.index(kind)))
        choose(tab, "f-engine", "0")
        assert count_of(tab) == kinds.taxonomy[kind] > 0
    tab.key("Escape")
    for verdict in ("tess", "svtrv2", "tie", "all right"):
        choose(tab, "f-verdict", verdict)
        assert count_of(tab) == comparison.verdicts.get(verdict, 0)
    choose(tab, "f-verdict", "no reference")
    assert count_of(tab) == comparison.unreferenced == 3
    tab.key("Escape")
    choose(tab, "f-page", "0:2")
    assert count_of(tab) == 40 and ids(tab)[0] == 80


def test_sorts(tab: Tab, small: tuple[Comparison, Path]) -> None:
    comparison, path = small
    tab.open(path)
    orders = {
        "most edits": lambda x: (-max([-1, *x.edits.values()]), x.id),
        "width": lambda x: (-x.width, x.id),
        "lowest confidence": lambda x: (least_sure(x), x.id),
    }
    for name, key in orders.items():
        choose(tab, "sort", name)
        shown = ids(tab)
        assert shown == [line.id for line in sorted(comparison.lines, key=key)][: len(shown)]
    tab.js("document.getElementById('direction').click()")
    assert ids(tab)[0] == max(comparison.lines, key=least_sure).id


def test_the_crop_shown_is_the_lines_own(tab: Tab, small: tuple[Comparison, Path]) -> None:
    tab.open(small[1])
    choose(tab, "sort", "width")
    scroll_to(tab, 5000)
    shown = tab.js(
        "Promise.all([...document.querySelectorAll('#space .row')].map(async (row) => {"
        "const image = row.querySelector('img'); await image.decode();"
        "return [Number(row.dataset.id), image.naturalWidth, image.src]; }))"
    )
    assert len(shown) > 5
    for number, width, address in shown:
        assert width == 100 + number
        assert base64.b64decode(address.split(",", 1)[1]) == crop(number)


def test_keys_go_to_the_next_and_the_previous_line(tab: Tab, small: tuple[Comparison, Path]) -> None:
    tab.open(small[1])
    picked = "document.getElementById('detail').dataset.id"
    for key, number in (("j", "0"), ("j", "1"), ("ArrowDown", "2"), ("k", "1"), ("ArrowUp", "0"), ("k", "0")):
        tab.key(key)
        assert tab.js(picked) == number
    for _ in range(40):
        tab.key("j")
    assert tab.js(picked) == "40"
    assert tab.js(
        "document.querySelector('.row[aria-selected=\"true\"]').getBoundingClientRect().bottom"
        " <= document.getElementById('detail').getBoundingClientRect().top + 1"
    ), "the details hide the line that they are of"
    assert tab.js("document.querySelector('.row[aria-selected=\"true\"]').dataset.id") == "40"
    tab.key("/")
    assert tab.js("document.activeElement.id") == "search"
    tab.key("j")
    assert tab.js("document.getElementById('search').value") == "j" and tab.js(picked) in ("40", None)


def test_differences_are_marked_at_the_character(tab: Tab, tmp_path: Path) -> None:
    box = BBox(x=0, y=0, width=300, height=30)
    texts: dict[str, str | None] = {"a": "Arets  resultat", "b": "Årets resul", "c": "xÅrets resultat"}
    region = ComparedRegion("d", 0, box, "Årets resultat", texts=texts)
    comparison = compare(score_regions([region], ["a", "b", "c"]), documents=["d"], pages=1)
    tab.open(write_report(comparison, [None], tmp_path / "report.html"))
    marks = tab.js(
        "[...document.querySelectorAll('#space .row .text')].slice(1).map((t) => [...t.querySelectorAll('del,ins')]"
        ".map((m) => m.tagName + ' ' + m.textContent))"
    )
    assert marks == [["DEL Å", "INS A"], ["DEL tat"], ["INS x"]]


def test_dark_and_light_and_paper(tab: Tab, small: tuple[Comparison, Path]) -> None:
    tab.open(small[1])
    before = tab.js("getComputedStyle(document.body).backgroundColor")
    tab.js("document.getElementById('theme').click()")
    after = tab.js("getComputedStyle(document.body).backgroundColor")
    assert before != after
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    good = tab.js("getComputedStyle(document.documentElement).getPropertyValue('--good')")
    assert good.strip() == "#18794e", "paper is light, whatever the screen"
    tab.call("Emulation.setEmulatedMedia", media="")
    assert tab.pdf().startswith(b"%PDF")


def spent_on(tab: Tab, path: Path) -> float:
    """Processor seconds of the page's process for loading a file."""
    tab.open(path)
    before = tab.processor_seconds()
    tab.open(path)
    return tab.processor_seconds() - before


@pytest.mark.slow
def test_ten_thousand_lines_open_nearly_as_fast_as_three_hundred(
    tab: Tab, small: tuple[Comparison, Path], tmp_path: Path
) -> None:
    comparison = made_up(10_000)
    assert len(comparison.lines) > INLINE
    path = write_report(comparison, [crop(i) for i in range(10_000)], tmp_path / "report.html")
    tab.call("Performance.enable")
    few, many = (min(spent_on(tab, file) for _ in range(3)) for file in (small[1], path))
    assert count_of(tab) == 10_000
    assert len(ids(tab)) < 30, "only what is in view may be in the page"
    scroll_to(tab, 1e9)
    assert ids(tab)[-1] == 9_999
    assert size_of(tab, "-1") == [100 + 999, 20 + 9]
    assert many < 10 * few  # 2.7 when this was written
    moved = tmp_path / "elsewhere"
    shutil.move(tmp_path / "report-crops", moved / "report-crops")
    shutil.move(path, moved / "report.html")
    tab.open(moved / "report.html")
    assert size_of(tab, "0") == [100, 20]


def test_the_html_is_well_formed_and_names_no_address(small: tuple[Comparison, Path]) -> None:
    text = small[1].read_text(encoding="utf-8")
    scripts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "script":
                scripts.append(tag)
            for name, value in attrs:
                assert name not in ("src", "href", "srcset") or (value or "").startswith(("#", "data:")), value

    Reader().feed(text)
    assert len(scripts) == 2
    assert set(re.findall("@@[A-Z]+@@", text)) == {"@@DATA@@"}, "the hostile text's own, and no placeholder left"
    assert text.count("http://") + text.count("https://") == 0


def test_an_island_can_hold_anything() -> None:
    text = island({"a": HOSTILE})
    assert "<" not in text and "\u2028" not in text and json.loads(text) == {"a": HOSTILE}


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_crops_are_made_small(mode: str) -> None:
    buffer = io.BytesIO()
    Image.effect_noise((1500, 120), 40).convert(mode).save(buffer, "PNG")
    with Image.open(io.BytesIO(smaller(buffer.getvalue()))) as image:
        assert image.height == (120 if mode == "1" else 48)
    assert len(smaller(buffer.getvalue())) < 25_000
