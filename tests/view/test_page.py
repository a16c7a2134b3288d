"""The page in headless Chromium, with the keyboard as a person uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.evaluate.compare.chromium import chromium, executable
from tests.view.browser import ALT, CTRL, SHIFT, Browser
from tests.view.conftest import TEXTS, Client, document
from tests.view.test_server import edit

from nordocr.config import ReadingConfig
from nordocr.correct import load_corrected
from nordocr.correct.pages import CorrectedLine
from nordocr.view.desk import Desk
from nordocr.view.routes import Routes
from nordocr.view.server import Server, running

pytestmark = pytest.mark.skipif(executable() is None, reason="Chromium is not installed")

# What axe-core asks first of all: each control has a name, ids are unique, what is referred to exists.
NAMELESS = """[...document.querySelectorAll('button, input, select, svg[role], progress, [role=toolbar], #frame')]
  .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim()
    || (e.matches('button') && e.textContent.trim()))).map((e) => e.outerHTML.slice(0, 90))"""
TWICE = """[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, n, all) => all.indexOf(id) !== n)"""
DANGLING = """[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].map((e) => e.getAttribute(
  'aria-labelledby') || e.getAttribute('aria-describedby')).filter((id) => !document.getElementById(id))"""


@pytest.fixture
def open_page(served: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Browser]]:
    with ExitStack() as stack:

        def opened() -> Browser:
            tab = stack.enter_context(chromium(tmp_path_factory.mktemp("profile")))
            return Browser(tab, served.url)

        yield opened


def on_disk(result: Path, page: int = 0) -> list[CorrectedLine]:
    return next(one for one in load_corrected(result).document.pages if one.page_index == page).lines


def test_a_person_corrects_with_the_keyboard_alone(
    open_page: Callable[[], Browser], client: Client, result: Path
) -> None:
    browser = open_page()
    assert browser.lines() == list(TEXTS) and browser.focus() == "text"
    assert browser.tab.js("document.querySelectorAll('mark.low').length") == 1
    # Labels and names for those who do not see.
    assert browser.tab.js(NAMELESS) == [] and browser.tab.js(TWICE) == [] and browser.tab.js(DANGLING) == []
    assert browser.tab.js("document.getElementById('text').getAttribute('aria-label')") == "Text of line 1"
    assert browser.tab.js("document.documentElement.lang") == "en"

    # One key leads to the uncertain line, with its uncertain character chosen.
    browser.press("F8")
    browser.until("document.getElementById('text').value.startsWith('Summa')")
    selection = "[text.selectionStart, text.selectionEnd]"
    assert browser.tab.js(f"(() => {{ const text = document.getElementById('text'); return {selection}; }})()") == [
        6,
        7,
    ]
    assert "Uncertain: 4" in browser.tab.js("document.getElementById('about').textContent")
    assert browser.tab.js("document.querySelector('.crop svg').getAttribute('viewBox')").split()[1] != "0"

    # It is edited in place, and on the disk when the page says so.
    browser.press("End")
    browser.tab.js("document.getElementById('text').select()")
    browser.type("Summa 45 000 kr å")
    browser.saved()
    line = on_disk(result)[2]
    assert (line.text, line.state, line.who) == ("Summa 45 000 kr å", "corrected", "ann")
    browser.press("z", CTRL)
    browser.until("document.getElementById('text').value === 'Summa 45 OOO'")
    browser.saved()
    assert (on_disk(result)[2].text, on_disk(result)[2].state) == ("Summa 45 OOO", "untouched")
    browser.press("y", CTRL)
    browser.saved()
    assert on_disk(result)[2].text == "Summa 45 000 kr å"

    # Right as it stands, unreadable, no text; then split and joined, in another order, and a box moved.
    browser.press("Enter")
    browser.until("document.getElementById('text').value === 'Kontant'")
    browser.press("u", ALT)
    browser.press("ArrowUp")
    browser.press("ArrowUp")
    browser.press("x", ALT)
    browser.press("ArrowUp")
    browser.press("Enter")
    browser.saved()
    assert [one.state for one in on_disk(result)] == ["seen", "not_text", "corrected", "unreadable"]
    browser.press("ArrowUp")
    browser.tab.js("document.getElementById('text').setSelectionRange(10, 10)")
    browser.press("s", ALT)
    browser.until("document.querySelectorAll('#lines li').length === 5")
    browser.saved()
    first, second = on_disk(result)[:2]
    assert (first.text, second.text, first.moved) == ("Vinterhamn", "1923", True)
    assert (first.bbox.width, second.bbox.x, second.bbox.width) == (200, 240, 100)
    browser.press("ArrowDown", ALT)
    browser.saved()
    assert [one.text for one in on_disk(result)[:2]] == ["1923", "Vinterhamn"]
    browser.press("z", CTRL)
    browser.press("j", ALT)
    browser.saved()
    joined = on_disk(result)[0]
    assert (joined.text, joined.bbox.x, joined.bbox.width, len(on_disk(result))) == ("Vinterhamn 1923", 40, 300, 4)
    browser.press("F2")
    assert browser.focus() == "frame"
    browser.press("ArrowRight")
    browser.press("ArrowDown", SHIFT)
    browser.press("Enter")
    browser.saved()
    box = on_disk(result)[0].bbox
    assert (box.x, box.y, box.width, box.height) == (42, 52, 300, 36) and browser.focus() == "text"
    for _ in range(2):
        browser.press("z", CTRL)
    browser.saved()
    assert on_disk(result)[0].bbox.x == 40
    browser.press("Delete", ALT)
    browser.saved()
    assert len(on_disk(result)) == 3

    # The next page, and a search that leads back.
    browser.press("PageDown")
    browser.until("document.getElementById('number').value === '2'")
    assert browser.lines() == list(TEXTS)
    browser.press("f", CTRL)
    assert browser.focus() == "find"
    browser.type("45 000 KR")
    browser.until("document.querySelectorAll('#hits li').length === 1")
    browser.press("ArrowDown")
    browser.tab.js("document.activeElement.click()")
    browser.until("document.getElementById('text').value === 'Summa 45 000 kr å'")
    assert browser.tab.errors == []
    assert all(address.startswith((client.server.url, "data:")) for address in browser.tab.requests)


def test_two_browsers_see_each_other_and_lose_nothing(
    open_page: Callable[[], Browser], client: Client, result: Path
) -> None:
    browser = open_page()
    # Somebody else changes another line: it appears; then the same line: the person is asked.
    client.post("api/0/edits", edit("other", "Rörligt arvode", who="bo"))
    browser.until("[...document.querySelectorAll('#lines .text')].some((e) => e.textContent === 'Rörligt arvode')")
    browser.press("ArrowDown")
    assert browser.text() == "Rörligt arvode"
    browser.tab.js(
        "window.fetch = ((real) => (...all) => window.held ? new Promise(() => {}) : real(...all))(window.fetch)"
    )
    client.post("api/0/edits", edit("again", "Rörligt arvode 5", who="bo", expect=1))
    browser.type("!")  # before the page has heard of it
    browser.until("!document.querySelector('.conflict').hidden")
    said = browser.tab.js("document.querySelector('.conflict p').textContent")
    assert "bo" in said and "Rörligt arvode 5" in said and "Rörligt arvode!" in said
    assert on_disk(result)[1].text == "Rörligt arvode 5"
    browser.tab.js("document.querySelectorAll('.conflict button')[1].click()")
    browser.saved()
    browser.until("document.querySelector('.conflict').hidden")
    assert on_disk(result)[1].text == "Rörligt arvode!" and on_disk(result)[1].who == "ann"


class Reads:
    """Stands for the recogniser."""

    def read(self, *asked: object) -> tuple[str, float, list[float]]:
        return "Ny rad", 0.5, [0.5] * 6


def test_boxes_are_drawn_and_moved_with_the_mouse(
    open_page: Callable[[], Browser], served: Server, result: Path
) -> None:
    served.routes._desk.reader = Reads()  # type: ignore[assignment]
    browser = open_page()
    browser.tab.js("document.getElementById('draw').click()")

    def mouse(kind: str, x: float, y: float) -> None:
        rect = browser.tab.js(
            "(({x, y, width}) => [x, y, width / 600])(document.querySelector('#sheet svg').getBoundingClientRect())"
        )
        where = {"x": rect[0] + x * rect[2], "y": rect[1] + y * rect[2]}
        browser.tab.call("Input.dispatchMouseEvent", type=kind, button="left", buttons=1, clickCount=1, **where)

    def pull(from_x: float, from_y: float, to_x: float, to_y: float) -> None:
        mouse("mousePressed", from_x, from_y)
        mouse("mouseMoved", (from_x + to_x) / 2, (from_y + to_y) / 2)
        mouse("mouseMoved", to_x, to_y)
        mouse("mouseReleased", to_x, to_y)

    pull(50, 350, 250, 380)
    browser.until("document.getElementById('text').value === 'Ny rad'")
    browser.saved()
    drawn = on_disk(result)[1]
    assert (drawn.moved, drawn.text, drawn.state, drawn.read) == (True, "Ny rad", "untouched", "Ny rad")
    assert list(drawn.bbox.model_dump().values()) == pytest.approx([50, 350, 200, 30], abs=2)
    pull(150, 365, 160, 345)
    browser.saved()
    moved = on_disk(result)[1]
    assert abs(moved.bbox.x - 60) <= 2 and abs(moved.bbox.y - 330) <= 2
    for _ in range(3):
        browser.press("z", CTRL)
    browser.saved()
    assert [line.text for line in on_disk(result)] == list(TEXTS)
    assert browser.tab.errors == []


def test_keys_lead_through_all_documents(result: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = result.with_name("tail.json")
    pages = document().pages[:1]
    other.write_text(document().model_copy(update={"pages": pages}).model_dump_json(), encoding="utf-8")
    with (
        Desk([result, other], ReadingConfig(), who="ann") as desk,
        running(Server(Routes(desk))) as server,
        chromium(tmp_path_factory.mktemp("profile")) as tab,
    ):
        browser = Browser(tab, server.url)
        where = "[document.getElementById('documents').value, document.getElementById('number').value].join()"
        browser.press("PageDown")
        browser.until(f"{where} === '0,2'")
        assert browser.tab.js("document.getElementById('next').disabled") is False
        browser.tab.js("document.getElementById('text').select()")
        browser.type("Ett")
        browser.press("PageDown")
        browser.until(f"{where} === '1,1'")
        assert browser.focus() == "text" and browser.tab.js("document.getElementById('next').disabled") is True
        assert on_disk(result, 1)[0].text == "Ett"
        # Undone, although another document is open.
        browser.press("z", CTRL)
        browser.until(f"{where} === '0,2' && document.getElementById('text').value === '{TEXTS[0]}'")
        browser.saved()
        assert on_disk(result, 1)[0].text == TEXTS[0]
        # The next uncertain lines: this page's, the other document's, then the first page again.
        for place in ("0,2", "1,1", "0,1"):
            browser.press("F8")
            browser.until(f"{where} === '{place}' && document.getElementById('text').value !== '{TEXTS[0]}'")
        browser.press("F8", SHIFT)
        browser.until(f"{where} === '1,1'")
        browser.press("PageUp")
        browser.until(f"{where} === '0,2'")
        # In a small window the line that is edited stays in view, and what is found, too.
        inside = """((box) => box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
          && box.height > 0)(document.getElementById('NAME').getBoundingClientRect())"""
        size = "Emulation.setDeviceMetricsOverride"
        browser.press("ArrowDown")
        browser.press("ArrowDown")
        browser.tab.call(size, width=640, height=520, deviceScaleFactor=1, mobile=False)
        browser.until(inside.replace("NAME", "text"))
        for width in (640, 1280):
            browser.tab.call(size, width=width, height=520, deviceScaleFactor=1, mobile=False)
            browser.press("f", CTRL)
            browser.type("arvode")
            browser.until(inside.replace("NAME", "hits"))
            browser.press("Escape")
        assert browser.tab.errors == []
