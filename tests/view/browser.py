"""A tab of headless Chromium on the page of ``nordocr view``, and keys pressed in it."""

from __future__ import annotations

import time
from typing import Any

from tests.evaluate.compare.chromium import Tab

CODES = {"F8": 119, "F2": 113, "Enter": 13, "Delete": 46, "Escape": 27, "End": 35, "Home": 36, "PageDown": 34}
CODES |= {"ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39}
ALT, CTRL, SHIFT = 1, 2, 8


class Browser:
    """One tab on the page."""

    def __init__(self, tab: Tab, url: str) -> None:
        self.tab = tab
        tab.call("Emulation.setDeviceMetricsOverride", width=1200, height=800, deviceScaleFactor=1, mobile=False)
        tab.call("Page.addScriptToEvaluateOnNewDocument", source="localStorage.setItem('nordocr.language', 'en')")
        tab.call("Page.navigate", url=url)
        self.until("window.nordocrReady === true")

    def until(self, expression: str) -> Any:
        end = time.monotonic() + 30
        while not (found := self.tab.js(expression)):
            assert time.monotonic() < end, (expression, self.tab.errors, self.tab.js("document.body.innerText"))
            time.sleep(0.02)
        return found

    def press(self, key: str, held: int = 0) -> None:
        code = CODES.get(key, ord(key.upper()[0]))
        name = key if len(key) > 1 else f"Key{key.upper()}"
        for kind in ("rawKeyDown", "keyUp"):
            self.tab.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=name, windowsVirtualKeyCode=code, modifiers=held
            )

    def type(self, text: str) -> None:
        self.tab.call("Input.insertText", text=text)

    def saved(self) -> None:
        self.until("document.getElementById('saved').className === '' && document.getElementById('saved').textContent")

    def text(self) -> str:
        return str(self.tab.js("document.getElementById('text').value"))

    def focus(self) -> str:
        return str(self.tab.js("document.activeElement.id"))

    def lines(self) -> list[str]:
        return list(self.tab.js("[...document.querySelectorAll('#lines li .text')].map((e) => e.textContent)"))
