"""Documents that every structured format must hold: usual, empty, far from Latin-1, of several pages."""

from __future__ import annotations

from typing import Literal

from nordocr.results import BBox, Document, Engine, Line, Page, Word

ENGINE = Engine(name="nordocr", recognizer="onnx", detector="morphology", model="nano.onnx", nordocr="0.1.0")
SOURCE = 'skanning "å" & <co>.tif'
FAR = "Žižka č. 5 – „Þór“ €½ 漢字 😀 ﬁ"
FORBIDDEN = "a\x00b\x0bc\ufffed\ud800e"


def line(text: str, x: int, y: int, *, block: int = 0, height: int = 30, climb: float = 0.0) -> Line:
    """A line of type 15 px a character; with ``climb`` each word stands that much higher than the one before it."""
    words, at = [], x
    for number, part in enumerate(text.split()):
        top = max(0, round(y - climb * number))
        box = BBox(x=at, y=top, width=15 * len(part), height=height)
        words.append(Word(text=part, confidence=0.5 + 0.5 / (1 + number), bbox=box))
        at += 15 * (len(part) + 1)
    top = min((word.bbox.y for word in words), default=y)
    box = BBox(x=x, y=top, width=max(0, at - 15 - x), height=y + height - top)
    confidences = [0.75] * len(text)
    return Line(text=text, confidence=0.75, bbox=box, char_confidences=confidences, words=words, block=block)


def page(index: int, *lines: Line, width: int = 1240, height: int = 1754) -> Page:
    text = "\n".join(item.text for item in lines)
    return Page(
        page_index=index, width=width, height=height, text=text, confidence=0.75 if lines else 0, lines=[*lines]
    )


def turned(text: str, x: int, y: int, rotation: Literal[90, 180, 270], *, block: int = 0, height: int = 30) -> Line:
    """A line of type 15 px a character that has to be turned clockwise to be read; (x, y) is its box's corner."""
    long = 15 * len(text)
    words, at = [], 0
    for part in text.split():
        first, last = at, at + 15 * len(part)
        if rotation in (90, 180):
            first, last = long - last, long - first
        places = {"x": x + first, "y": y, "width": last - first, "height": height}
        if rotation != 180:
            places = {"x": x, "y": y + first, "width": height, "height": last - first}
        words.append(Word(text=part, confidence=0.75, bbox=BBox(**places)))
        at += 15 * (len(part) + 1)
    size = {"width": long, "height": height} if rotation == 180 else {"width": height, "height": long}
    box = BBox(x=x, y=y, **size)
    return Line(
        text=text,
        confidence=0.75,
        bbox=box,
        char_confidences=[0.75] * len(text),
        words=words,
        block=block,
        rotation=rotation,
    )


USUAL = page(
    0,
    line("Årsredovisning", 100, 100, height=60),
    line("Styrelsen avger härmed följande års-", 100, 200, block=1),
    line("redovisning för 2024.", 100, 240, block=1),
    line("Summa", 100, 400, block=2),
    line("48 612", 700, 400, block=2),
    line("lutar så här", 100, 600, block=3, climb=6),
)
EMPTY = page(1)
TURNED = page(
    0,
    line("Summa skulder", 100, 100),
    turned("Långfristiga lån hos bank", 300, 200, 90, block=1),
    turned("Sidan är vänd", 400, 700, 180, block=2),
    turned("ned längs ryggen", 1100, 200, 270, block=3),
)
FAR_PAGE = page(2, line(FAR, 0, 0), line(FORBIDDEN, 100, 200, block=1))


def document(*pages: Page, languages: tuple[str, ...] = ()) -> Document:
    engine = ENGINE.model_copy(update={"languages": [*languages]})
    return Document(source=SOURCE, pages=[*pages], engine=engine)


SAMPLES = {
    "usual": document(USUAL),
    "empty": document(page(0)),
    "several": document(USUAL, EMPTY, FAR_PAGE),
    "unreadable": document(Page(page_index=1, width=0, height=0, flags=["unreadable"], error="damaged")),
    "turned": document(TURNED),
    "swedish": document(USUAL, languages=("sv",)),
}
