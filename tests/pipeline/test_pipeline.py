"""Pages to results with a recogniser and a detector that say what they are told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr.config import Limits, ReadingConfig
from nordocr.ctc import WordSpan
from nordocr.detect.base import PageArray, Region
from nordocr.errors import InputTooLarge, InputUnreadable, ModelMissing
from nordocr.pages import parse_selection
from nordocr.pipeline.reader import Reader, read_document, read_pages
from nordocr.recognize.base import Crop, LineText


@dataclass
class FakeRecognizer:
    """Reads each crop as two words that say the crop's size; ``shapes`` keeps what it was shown."""

    name: str = "fake"
    model: str = "none"
    model_sha256: str = "00"
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    closed: bool = False

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.shapes += [crop.shape for crop in crops]
        return [self._text(crop) for crop in crops]

    def _text(self, crop: Crop) -> LineText:
        if crop.mean() > 254:
            return LineText(" ", 0.9)
        first, second = f"å{crop.shape[1]}", f"x{crop.shape[0]}"
        words = (WordSpan(first, 0.98765432, 0.0, 0.5), WordSpan(second, 0.5, 0.6, 1.0))
        characters = (0.98765432,) * len(first) + (1.0,) + (0.5,) * len(second)
        return LineText(f"{first} {second}", 0.333333333, characters, words, ("split",))

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeDetector:
    """Gives the same regions for every page and counts the pages."""

    regions: list[Region]
    name: str = "fake"
    pages: int = 0

    def detect(self, image: PageArray) -> list[Region]:
        self.pages += 1
        return self.regions


REGIONS = [Region(10, 20, 100, 30), Region(200, 20, 51, 30), Region(10, 200, 40, 20)]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three pages of 300 x 260 px; the last region of each lies on white paper."""
    pages = []
    for shade in (0, 40, 80):
        pixels = np.full((260, 300), 255, np.uint8)
        pixels[20:60] = shade
        pages.append(Image.fromarray(pixels))
    path = tmp_path / "scan.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def test_a_document_holds_pages_lines_and_words(scan: Path) -> None:
    seen: list[int] = []
    recognizer = FakeRecognizer()
    document = read_document(
        scan, recognizer=recognizer, detector=FakeDetector(REGIONS), on_page=lambda page: seen.append(page.page_index)
    )
    assert seen == [0, 1, 2] == [page.page_index for page in document.pages]
    page = document.pages[0]
    assert (page.width, page.height) == (300, 260)
    assert page.text == "å100 x30\nå51 x30"  # the region without text is not a line
    assert recognizer.shapes[:3] == [(30, 100), (30, 51), (20, 40)]
    line = page.lines[1]
    assert (line.bbox.x, line.bbox.y, line.bbox.width, line.bbox.height) == (200, 20, 51, 30)
    assert (line.confidence, line.char_confidences[0], line.flags) == (0.3333, 0.9877, ["split"])
    assert [(w.text, w.bbox.x, w.bbox.width, w.bbox.y) for w in line.words] == [
        ("å51", 200, 26, 20),
        ("x30", 230, 21, 20),
    ]
    assert page.confidence == 0.3333
    assert document.source == str(scan)
    assert set(document.timing) == {"total", "decode", "detect", "recognize"}
    assert (document.engine.recognizer, document.engine.detector, document.engine.model_sha256) == (
        "fake",
        "fake",
        "00",
    )


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_pages_are_prepared_at_most_so_far_ahead(scan: Path, ahead: int) -> None:
    detector = FakeDetector(REGIONS)
    config = ReadingConfig(pages_ahead=ahead)
    pages = read_pages(scan, config, FakeRecognizer(), detector)
    assert detector.pages == 0
    next(pages)
    assert 1 <= detector.pages <= 1 + ahead
    assert [page.page_index for page in pages] == [1, 2]
    assert detector.pages == 3


def test_the_next_page_is_prepared_while_one_is_read(scan: Path) -> None:
    """Each stage waits for the other: without an overlap the second page would never be begun."""
    begun = threading.Event()

    class Detector(FakeDetector):
        def detect(self, image: PageArray) -> list[Region]:
            if self.pages == 1:
                begun.set()
            return super().detect(image)

    class Recognizer(FakeRecognizer):
        def read(self, crops: Sequence[Crop]) -> list[LineText]:
            assert begun.wait(30)
            return super().read(crops)

    document = read_document(scan, ReadingConfig(pages_ahead=1), Recognizer(), Detector(REGIONS))
    assert [page.page_index for page in document.pages] == [0, 1, 2]


def test_reading_alone_and_ahead_gives_the_same(scan: Path) -> None:
    documents = [
        read_document(scan, ReadingConfig(pages_ahead=ahead), FakeRecognizer(), FakeDetector(REGIONS))
        for ahead in (0, 3)
    ]
    assert documents[0].pages == documents[1].pages


def test_a_reading_that_is_left_off_leaves_no_thread_and_no_open_file(scan: Path) -> None:
    before = threading.active_count()
    pages = read_pages(scan, recognizer=FakeRecognizer(), detector=FakeDetector(REGIONS))
    next(pages)
    pages.close()
    assert threading.active_count() == before


def test_an_error_of_a_detector_is_raised_where_the_pages_are_read(scan: Path) -> None:
    class Broken(FakeDetector):
        def detect(self, image: PageArray) -> list[Region]:
            if self.pages == 1:
                raise RuntimeError("no second page")
            return super().detect(image)

    pages = read_pages(scan, recognizer=FakeRecognizer(), detector=Broken(REGIONS))
    assert next(pages).page_index == 0
    with pytest.raises(RuntimeError, match="no second page"):
        next(pages)


def test_characters_get_boxes_that_follow_the_line_where_they_are_asked_for(tmp_path: Path) -> None:
    Image.new("L", (1000, 200), 30).save(tmp_path / "line.png")
    region = Region(100, 50, 400, 40)

    class Recognizer(FakeRecognizer):
        def read(self, crops: Sequence[Crop]) -> list[LineText]:
            word = WordSpan("på", 0.9, 0.25, 0.75)
            return [LineText("på", 0.9, (0.9, 0.95), (word,), char_extents=((0.25, 0.5), (0.5, 0.75)))]

    for asked in (False, True):
        config = ReadingConfig(char_boxes=asked)
        [page] = read_pages(tmp_path / "line.png", config, Recognizer(), FakeDetector([region]))
        [line] = page.lines
        boxes = [(b.x, b.y, b.width, b.height) for b in line.char_boxes]
        assert boxes == ([(200, 50, 100, 40), (300, 50, 100, 40)] if asked else [])
        assert ("char_boxes" in line.model_dump()) is asked
        word_box = line.words[0].bbox
        assert (word_box.x, word_box.width) == (200, 200)


def test_words_stay_within_the_ink_of_their_line(tmp_path: Path) -> None:
    Image.new("L", (1000, 200), 30).save(tmp_path / "line.png")
    region = Region(100, 50, 400, 40, ink=(130, 60, 300, 25))
    config = ReadingConfig(drop_scribbles=False)
    [page] = read_pages(tmp_path / "line.png", config, FakeRecognizer(), FakeDetector([region]))
    boxes = [(b.x, b.y, b.width, b.height) for b in (word.bbox for word in page.lines[0].words)]
    assert boxes == [(130, 60, 170, 25), (340, 60, 90, 25)]  # shares 0 to 0.5 and 0.6 to 1 of 400 px from 100


def test_streaming_keeps_no_page_and_shows_each_with_its_image(scan: Path) -> None:
    seen: list[int] = []
    shown: list[tuple[int, tuple[int, ...], int]] = []
    with Reader(recognizer=FakeRecognizer(), detector=FakeDetector(REGIONS)) as reader:
        document = reader.stream(
            scan,
            lambda page: seen.append(page.page_index),
            on_image=lambda image, page: shown.append((image.index, image.image.shape, page.page_index)),
        )
    assert (seen, document.pages) == ([0, 1, 2], [])
    assert [(i, p) for i, _, p in shown] == [(0, 0), (1, 1), (2, 2)]
    assert {"total", "decode", "detect", "recognize"} == set(document.timing)


def test_selected_pages_keep_their_place_in_the_file(scan: Path) -> None:
    document = read_document(
        scan, recognizer=FakeRecognizer(), detector=FakeDetector(REGIONS), pages=parse_selection("2-")
    )
    assert [page.page_index for page in document.pages] == [1, 2]


def test_a_page_without_lines_is_an_empty_page(scan: Path) -> None:
    [page, *_] = read_pages(scan, recognizer=FakeRecognizer(), detector=FakeDetector([]))
    assert (page.text, page.lines, page.confidence) == ("", [], 0.0)


def test_words_follow_a_line_that_climbs(tmp_path: Path) -> None:
    Image.new("L", (1000, 200), 30).save(tmp_path / "slope.png")
    region = Region(0, 50, 1000, 100, angle=2.8624, line_height=50.0)  # climbs by 50 pixels
    [page] = read_pages(tmp_path / "slope.png", recognizer=FakeRecognizer(), detector=FakeDetector([region]))
    first, second = (word.bbox for word in page.lines[0].words)
    assert first.height == second.height == 50
    assert first.y == pytest.approx(75 + 12.5, abs=2)
    assert second.y == pytest.approx(75 - 15, abs=2)
    assert page.lines[0].text == "å1000 x50"


def test_a_recogniser_is_closed_by_whoever_opened_it(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, opened = FakeRecognizer(), FakeRecognizer()
    monkeypatch.setattr("nordocr.pipeline.reader.open_recognizer", lambda name, config: opened)
    read_document(scan, recognizer=mine, detector=FakeDetector(REGIONS))
    assert not mine.closed
    with Reader(detector=FakeDetector(REGIONS)) as reader:
        assert reader.document(scan).engine.recognizer == "fake"
    assert opened.closed


def test_failures_come_after_the_pages_before_them(scan: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(scan.read_bytes()[:-80_000])
    pages = read_pages(cut, recognizer=FakeRecognizer(), detector=FakeDetector(REGIONS))
    assert next(pages).page_index == 0
    with pytest.raises(InputUnreadable, match=r"Page \d of .*cut\.tif"):
        list(pages)
    limited = ReadingConfig(limits=Limits(max_pages=2))
    with pytest.raises(InputTooLarge):
        read_document(scan, limited, FakeRecognizer(), FakeDetector(REGIONS))


def test_an_unknown_detector_is_named(scan: Path) -> None:
    with pytest.raises(ModelMissing, match="no detector 'magic'"):
        read_document(scan, ReadingConfig(detector="magic"), FakeRecognizer())
