"""How ``nordocr view`` opens a long document, and how typing feels.

PYTHONPATH=benchmarks python benchmarks/lab/view.py [--csv benchmarks/lab/view.csv]

A bilevel TIFF of ``--pages`` pages of 60 lines and its result are made up, opened as ``nordocr view`` opens them, and
shown in headless Chromium ``--rounds`` times. Reported are the seconds until the server answers, the browser's first
contentful paint and the time until lines and image are there, jumping to the last page, and for 40 keystrokes the time
from the key to the painted frame and to the acknowledged save. Medians, and the best in brackets. On a shared machine
only the processor's time compares: of the server with this script, and of the page's own process.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import statistics
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from machine import hardware, revision
from nordocr.config import ReadingConfig
from nordocr.results import BBox, Document, Engine, Line, Page, Word
from nordocr.view.desk import Desk
from nordocr.view.routes import Routes
from nordocr.view.server import Server, running
from pdf.chromium import Browser

COLUMNS = ("what", "median", "best", "unit", "pages", "rounds", "hardware", "revision", "date")
TEXT = "Nettoomsaettning 48 612 tkr och resultat efter finansiella poster"
_PAINTED = """(async () => {
  while (!window.nordocrReady) await new Promise(done => setTimeout(done, 5));
  const image = document.querySelector('#sheet image');
  const address = new URL(image.getAttribute('href'), location).href;
  const fetched = () => performance.getEntriesByName(address).find(entry => entry.responseEnd);
  while (!fetched()) await new Promise(done => setTimeout(done, 5));
  return [performance.getEntriesByName('first-contentful-paint')[0].startTime, fetched().responseEnd];
})()"""
_TYPING = """(async () => {
  const input = document.getElementById('text'), painted = [], kept = [];
  for (let number = 0; number < 40; number += 1) {
    const start = performance.now();
    input.setRangeText('x', input.value.length, input.value.length, 'end');
    input.dispatchEvent(new InputEvent('input', {bubbles: true}));
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
    painted.push(performance.now() - start);
    while (document.getElementById('saved').className !== '') await new Promise(done => setTimeout(done, 1));
    kept.push(performance.now() - start);
  }
  return [painted, kept];
})()"""
_JUMP = """(async () => {
  const start = performance.now(), number = document.getElementById('number');
  number.value = String(PAGES);
  number.dispatchEvent(new Event('change'));
  const last = `Image of page ${PAGES}`;
  while (document.querySelector('#sheet svg')?.getAttribute('aria-label') !== last)
    await new Promise(done => setTimeout(done, 2));
  return performance.now() - start;
})()"""


def made_up(folder: Path, pages: int) -> Path:
    """Write a scan and its result, and return the result's file."""
    image = np.full((3508, 2480), 255, dtype=np.uint8)
    lines = []
    for number in range(60):
        cv2.putText(image, TEXT, (200, 220 + 52 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 0, 3)
        box = BBox(x=200, y=190 + 52 * number, width=1900, height=40)
        words = [
            Word(text=word, confidence=0.9, bbox=BBox(x=200 + 180 * place, y=box.y, width=150, height=40))
            for place, word in enumerate(TEXT.split())
        ]
        sure = [0.9 if place % 9 else 0.5 for place in range(len(TEXT))]
        lines.append(Line(text=TEXT, confidence=0.9, bbox=box, char_confidences=sure, words=words))
    Image.fromarray(image).convert("1").save(folder / "one.tif", compression="group4")
    (folder / "long.tif").write_bytes(repeated((folder / "one.tif").read_bytes(), pages))
    engine = Engine(name="onnx", recognizer="nano", detector="morphology", nordocr="0")
    held = [Page(page_index=index, width=2480, height=3508, lines=lines) for index in range(pages)]
    path = folder / "long.json"
    path.write_text(Document(source="long.tif", pages=held, engine=engine).model_dump_json(), encoding="utf-8")
    return path


def repeated(tiff: bytes, pages: int) -> bytes:
    """Return a little-endian TIFF of one page with its directory so many times; all share the page's strips."""
    (at,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, at)
    directory = tiff[at : at + 2 + 12 * count]
    start = len(tiff) + len(tiff) % 2
    length = len(directory) + 4 + len(directory) % 2
    whole = bytearray(tiff.ljust(start, b"\0"))
    struct.pack_into("<I", whole, 4, start)
    for page in range(pages):
        behind = start + length * (page + 1) if page + 1 < pages else 0
        whole += (directory + struct.pack("<I", behind)).ljust(length, b"\0")
    return bytes(whole)


def measured(result: Path, pages: int) -> dict[str, list[float]]:
    """Open the document once and return what was measured, in seconds or milliseconds."""
    started, worked = time.perf_counter(), time.process_time()
    with Desk([result], ReadingConfig()) as desk, running(Server(Routes(desk))) as server:
        opened, opening = time.perf_counter() - started, time.process_time() - worked
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = Browser(profile)
            try:
                target = browser.call("Target.createTarget", url="about:blank")["targetId"]
                session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
                source = "localStorage.setItem('nordocr.language', 'en')"
                browser.call("Page.enable", session)
                browser.call("Performance.enable", session)
                before = time.process_time()
                browser.call("Page.addScriptToEvaluateOnNewDocument", session, source=source)
                browser.call("Page.navigate", session, url=server.url)
                time.sleep(0.2)

                def ask(script: str) -> Any:
                    said = browser.call(
                        "Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True
                    )
                    return said["result"]["value"]

                def spent() -> tuple[float, float]:
                    found = browser.call("Performance.getMetrics", session)["metrics"]
                    return time.process_time(), float(next(m["value"] for m in found if m["name"] == "ProcessTime"))

                first, image = ask(_PAINTED)
                shown = spent()
                painted, kept = ask(_TYPING)
                typed = spent()
                jump = ask(_JUMP.replace("PAGES", str(pages)))
            finally:
                browser.close()
    return {
        "opening the result, s": [opened],
        "first contentful paint, ms": [first],
        "first page with its image, ms": [image],
        "to the last page, ms": [jump],
        "key to painted frame, ms": painted,
        "key to acknowledged save, ms": kept,
        "opening the result, processor s": [opening],
        "first page with its image, server's processor s": [shown[0] - before],
        "first page with its image, page's processor s": [shown[1]],
        "a keystroke with its save, server's processor s": [(typed[0] - shown[0]) / len(kept)],
        "a keystroke with its save, page's processor s": [(typed[1] - shown[1]) / len(kept)],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    values: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            result = made_up(Path(folder), options.pages) if not values else Path(folder) / "long.json"
            for name, found in measured(result, options.pages).items():
                values.setdefault(name, []).extend(found)
            for left in Path(folder).glob("*.corrected.*"):
                left.unlink()
    rows = []
    for name, found in values.items():
        what, unit = name.rsplit(", ", 1)
        row = {"what": what, "median": round(statistics.median(found), 4), "best": round(min(found), 4), "unit": unit}
        print(f"{what}: {row['median']} {unit} ({row['best']})")
        about = {"pages": options.pages, "rounds": options.rounds, "hardware": hardware(), "revision": revision()}
        rows.append(row | about | {"date": datetime.datetime.now(datetime.UTC).date().isoformat()})
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
