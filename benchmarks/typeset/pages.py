"""Pages that a browser draws, as scans with their truth: ``python -m typeset.pages DIR --count 20`` in ``benchmarks``.

Chromium, headless, draws the HTML of ``layouts.py`` at 300 dots an inch; what each line says and where it stands comes
from the document itself. No detector or recogniser of nordocr was trained on anything that was set by a browser.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from nordocr import __version__
from nordocr.charset import nfc
from nordocr.files import write_whole
from nordocr.results import BBox, Document, Engine, Line, Page
from pdf.chromium import Browser
from typeset.layouts import LANGUAGES, LAYOUTS, page
from typeset.scan import scanned

_SCALE: Final = 300 / 96
_WIDTH, _HEIGHT = 794, 1123
# Type is made smaller until the page holds it. Then: characters on one level within one block are a line.
_MEASURE: Final = """(async () => {
  await document.fonts.ready;
  const main = document.querySelector("main"), foot = document.querySelector(".foot");
  const end = () => foot ? foot.getBoundingClientRect().top - 8 : 1090;
  const range = document.createRange();
  const over = () => { range.selectNodeContents(main); const inner = [...main.querySelectorAll("*")]
    .filter(e => !foot || !(foot === e || foot.contains(e))).map(e => e.getBoundingClientRect());
    return Math.max(...inner.map(r => r.bottom)) > end() || Math.max(...inner.map(r => r.right)) > 788; };
  for (let size = parseFloat(getComputedStyle(document.body).fontSize); over() && size > 7; )
    document.body.style.fontSize = (size *= 0.95) + "px";
  const lines = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let last = null;
  for (let node; node = walker.nextNode(); ) {
    let block = node.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    for (let i = 0; i < node.length; i++) {
      if (/\\s/.test(node.data[i])) { if (last) last.space = true; continue; }
      range.setStart(node, i); range.setEnd(node, i + 1);
      const r = range.getBoundingClientRect();
      const shared = last && Math.min(r.bottom, last.bottom) - Math.max(r.top, last.top);
      const same = last && last.block === block && r.left >= last.right - 3
        && shared > 0.5 * Math.min(r.height, last.bottom - last.top);
      if (!same) lines.push(last = {block, text: "", left: r.left, top: r.top, right: r.right, bottom: r.bottom});
      last.text += (last.space && last.text ? " " : "") + node.data[i];
      last.space = false;
      last.right = Math.max(last.right, r.right); last.top = Math.min(last.top, r.top);
      last.bottom = Math.max(last.bottom, r.bottom);
    }
  }
  return {over: over(), lines: lines.map(l => [l.text, l.left, l.top, l.right, l.bottom])};
})()"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4_711)
    parser.add_argument("--gray", action="store_true", help="gray scans; else 1-bit CCITT G4")
    parser.add_argument("--kind", action="append", choices=LAYOUTS, help="repeat (default: all in turns)")
    arguments = parser.parse_args()
    draw(arguments.folder, arguments.count, arguments.seed, gray=arguments.gray, kinds=arguments.kind)
    return 0


def draw(folder: Path, count: int, seed: int, *, gray: bool, kinds: list[str] | None = None) -> list[tuple[Path, str]]:
    """Write ``count`` pages, ``page-00000.tif`` (or ``.png``) and so on, each with its truth as ``.json``.

    Args:
        folder: Where to; made where missing.
        count: How many; layouts and languages take turns.
        seed: Settles the pages.
        gray: As gray PNG files; else as TIFF files of 1 bit, CCITT G4.
        kinds: Which layouts; None for all.

    Returns:
        Each page's truth and language.

    Raises:
        RuntimeError: A page does not hold its text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = kinds or list(LAYOUTS)
    written = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        browser = Browser(scratch)
        try:
            for index in range(count):
                kind, language = names[index % len(names)], LANGUAGES[index % len(LANGUAGES)]
                html = Path(scratch) / "page.html"
                html.write_text(page(kind, seed + index, language), encoding="utf-8")
                image, texts, boxes = shot(browser, html)
                image, boxes = scanned(image, boxes, seed + index, bilevel=not gray)
                written.append((_write(folder / f"page-{index:05d}", image, texts, boxes, gray), language))
        finally:
            browser.close()
    return written


def shot(browser: Browser, html: Path) -> tuple[Any, list[str], list[BBox]]:
    """Draw a page: its pixels, uint8 ``[3509, 2481]``, and its lines' texts and boxes."""
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        session,
        width=_WIDTH,
        height=_HEIGHT,
        deviceScaleFactor=_SCALE,
        mobile=False,
    )
    browser.call("Page.navigate", session, url=html.resolve().as_uri())
    expression = (
        f"(async () => {{ while (document.readyState !== 'complete' || !location.href.startsWith('file'))"
        f" await new Promise(done => setTimeout(done, 20)); return await {_MEASURE}; }})()"
    )
    said = browser.call("Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
    value = said.get("result", {}).get("value")
    if value is None or value["over"]:
        raise RuntimeError(f"{html} does not hold its text: {said if value is None else 'too much of it'}")
    data = browser.call("Page.captureScreenshot", session, format="png")["data"]
    browser.call("Target.closeTarget", targetId=target)
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))
    texts, boxes = [], []
    for text, left, top, right, bottom in value["lines"]:
        x, y = round(left * _SCALE), round(top * _SCALE)
        texts.append(nfc(text))
        boxes.append(BBox(x=x, y=y, width=round(right * _SCALE) - x, height=round(bottom * _SCALE) - y))
    return image, texts, boxes


def _write(stem: Path, image: Any, texts: list[str], boxes: list[BBox], gray: bool) -> Path:
    picture = stem.with_suffix(".png" if gray else ".tif")
    if gray:
        Image.fromarray(image).save(picture)
    else:
        Image.fromarray(image).convert("1").save(picture, compression="group4", dpi=(300, 300))
    lines = [Line(text=text, confidence=1.0, bbox=box) for text, box in zip(texts, boxes, strict=True)]
    height, width = image.shape
    result = Page(page_index=0, width=width, height=height, text="\n".join(texts), confidence=1.0, lines=lines)
    engine = Engine(name="truth", recognizer="truth", detector="truth", nordocr=__version__)
    truth = stem.with_suffix(".json")
    write_whole(
        truth, Document(source=picture.name, pages=[result], engine=engine).model_dump_json(indent=1).encode("utf-8")
    )
    return truth


if __name__ == "__main__":
    sys.exit(main())
