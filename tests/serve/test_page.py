"""The page in headless Chromium: a file dropped on it, the keyboard alone, dark and light."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.batch.doubles import page as write_scan
from tests.batch.doubles import settings
from tests.evaluate.compare.chromium import Tab, chromium, executable
from tests.serve.conftest import KEY, config_of

from nordocr.serve.app import create_app

pytestmark = pytest.mark.skipif(executable() is None, reason="Chromium is not installed")

CODES = {"Tab": 9, "Enter": 13, "PageUp": 33, "PageDown": 34, "ArrowUp": 38, "ArrowDown": 40}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that asks for a key."""
    app = create_app(config_of(tmp_path_factory.mktemp("state")), settings=settings())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def until(tab: Tab, expression: str) -> Any:
    end = time.monotonic() + 60
    while not (found := tab.js(expression)):
        assert time.monotonic() < end, (expression, tab.errors, tab.js("document.body.innerText"))
        time.sleep(0.02)
    return found


def press(tab: Tab, key: str) -> None:
    text = {"text": "\r"} if key == "Enter" else {}
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=CODES[key], **text)


def tab_to(tab: Tab, name: str) -> None:
    """Press Tab until an element has the focus; every element on the way must be seen to have it."""
    for _ in range(12):
        press(tab, "Tab")
        if tab.js(f"document.activeElement.id === '{name}' || document.activeElement.closest('#{name}') !== null"):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def colour(tab: Tab, what: str) -> str:
    return str(tab.js(f"getComputedStyle(document.querySelector('{what}')).backgroundColor"))


def test_the_page_by_keyboard_and_by_dropping(url: str, tmp_path: Path) -> None:
    scan = write_scan(tmp_path / "two.tif", pages=2)
    with chromium(tmp_path / "profile") as tab:
        tab.call("Emulation.setDeviceMetricsOverride", width=1200, height=800, deviceScaleFactor=1, mobile=False)
        tab.call("Page.navigate", url=url)
        until(tab, "document.readyState === 'complete' && !!document.getElementById('drop')")

        # The focus is seen on the place to drop on, whose file chooser opens with Enter.
        tab_to(tab, "file")
        assert tab.js("getComputedStyle(document.getElementById('drop')).outlineStyle") == "solid"
        at = tab.js("(() => { const r = drop.getBoundingClientRect(); return [r.x + r.width / 2, r.y + 20]; })()")
        data = {"items": [], "files": [str(scan)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            tab.call("Input.dispatchDragEvent", type=kind, x=at[0], y=at[1], data=data)

        # The service wants a key: the page asks for it where the focus is, and reads the same file.
        until(tab, "document.activeElement.id === 'key'")
        assert "key" in tab.js("document.getElementById('status').textContent")
        tab.call("Input.insertText", text=KEY)
        press(tab, "Enter")
        until(tab, "!document.getElementById('result').hidden")
        assert "two.tif: 2 pages, 2 lines" in tab.js("document.getElementById('status').textContent")
        assert tab.js("document.getElementById('key-box').hidden")

        # The text lies over the image, in its place, with its confidence.
        image, words = "document.querySelector('#sheet image')", "document.querySelector('#sheet g')"
        assert tab.js(f"{image}.getAttribute('href').startsWith('data:image/png')")
        text = tab.js(f"{words}.querySelector('text').textContent")
        assert text.startswith("200 ")
        assert tab.js("document.querySelector('#lines .text').textContent") == text
        assert tab.js("document.querySelector('#lines .sure').textContent") == "90\u00a0%"
        assert tab.js(f"{words}.getBoundingClientRect().width <= {image}.getBoundingClientRect().width + 2")

        # Keys: to the lines, one chosen with its part of the scan, the next page, back; then the overlay off.
        tab_to(tab, "lines")
        assert tab.js("document.querySelector('#lines li').getAttribute('aria-current')") == "true"
        assert tab.js("!!document.querySelector('#lines .crop image') && !!document.querySelector('#sheet .chosen')")
        press(tab, "PageDown")
        assert tab.js("document.getElementById('place').textContent") == "Page 2 of 2"
        press(tab, "ArrowDown")
        assert tab.js("document.activeElement.matches('#lines li')")
        press(tab, "PageUp")
        assert tab.js("document.getElementById('place').textContent") == "Page 1 of 2"
        tab.js("document.getElementById('overlay').click()")
        assert tab.js("getComputedStyle(document.querySelector('#sheet text')).display") == "none"

        # Light and dark: the page follows the system, the scan stays paper.
        light = colour(tab, "body")
        tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        assert colour(tab, "body") != light
        assert colour(tab, "#sheet svg") == "rgb(255, 255, 255)"
        assert [said for said in tab.errors if "401" not in said] == []
        assert {asked.split("/")[2] for asked in tab.requests if asked.startswith("http")} == {url.split("/")[2]}


def test_a_file_that_is_no_scan_is_refused_in_words(url: str, tmp_path: Path) -> None:
    wrong = tmp_path / "note.tif"
    wrong.write_bytes(b"no image")
    with chromium(tmp_path / "profile") as tab:
        tab.call("Page.navigate", url=url)
        until(tab, "document.readyState === 'complete' && !!document.getElementById('key')")
        tab.js(f"document.getElementById('key').value = '{KEY}'")
        tab_to(tab, "file")
        # Enter opens the chooser, which only a person can use: the file is given in another way.
        tab.call("Page.setInterceptFileChooserDialog", enabled=True)
        tab.js("document.getElementById('file').addEventListener('click', () => { window.opened = true; })")
        press(tab, "Enter")
        until(tab, "window.opened")
        root = tab.call("DOM.getDocument")["root"]["nodeId"]
        node = tab.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        tab.call("DOM.setFileInputFiles", files=[str(wrong)], nodeId=node)
        said = until(tab, "document.querySelector('#status.wrong')?.textContent")
        assert said == "note.tif is neither an image nor a PDF that can be read."
        assert tab.js("document.getElementById('result').hidden && document.getElementById('busy').hidden")
