"""Chromium, headless, driven through a pipe: the text of a PDF as its own viewer selects it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

_PATIENCE: Final = 90.0
_SELECT: Final = """(async () => {
  const plugin = document.querySelector("pdf-viewer")?.pluginController_;
  if (!plugin?.isActive) return "";
  plugin.selectAll();
  await new Promise(done => setTimeout(done, 500));
  return (await plugin.getSelectedText()).selectedText;
})()"""


class Browser:
    """Speaks the DevTools protocol over file descriptors 3 and 4, where messages end in a zero byte."""

    def __init__(self, profile: str) -> None:
        program = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
        theirs, self._to = os.pipe()
        self._from, answers = os.pipe()
        command = f'exec "{program}" "$@" 3<&{theirs} 4>&{answers}'
        options = ["--headless=new", "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            ["bash", "-c", command, "chromium", *options], pass_fds=(theirs, answers), stderr=subprocess.DEVNULL
        )
        os.close(theirs)
        os.close(answers)
        self._number, self._rest = 0, b""

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode("utf-8") + b"\0")
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._from, 1 << 16)
                if not read:
                    raise EOFError("Chromium has ended")
                self._rest += read
            answer, _, self._rest = self._rest.partition(b"\0")
            said: dict[str, Any] = json.loads(answer)
            if said.get("id") == self._number:
                return dict(said.get("result", {}))

    def close(self) -> None:
        self.call("Browser.close")
        self._process.wait()
        os.close(self._to)
        os.close(self._from)


def selected_text(path: Path) -> str:
    """Return what Chromium's PDF viewer selects when all is selected.

    Raises:
        TimeoutError: It shows no text.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.call("Target.createTarget", url=path.resolve().as_uri())
            end = time.monotonic() + _PATIENCE
            while time.monotonic() < end:
                targets = browser.call("Target.getTargets")["targetInfos"]
                for target in targets:
                    if target["url"].startswith("chrome-extension://"):
                        attached = browser.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
                        evaluated = browser.call(
                            "Runtime.evaluate", attached["sessionId"], expression=_SELECT, awaitPromise=True,
                            returnByValue=True,
                        )  # fmt: skip
                        if text := evaluated.get("result", {}).get("value"):
                            return str(text)
                time.sleep(1)
            raise TimeoutError(f"Chromium shows no text of {path}")
        finally:
            browser.close()
