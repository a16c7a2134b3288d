"""Type that does not stand upright within an upright page: proposed, read, put in order, cut out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.detect.drawn import MONO, PROSE, Drawn, face

from nordocr.config import ReadingConfig
from nordocr.detect.base import Region, Turn
from nordocr.detect.crop import cut
from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.orientation import turn, turn_box
from nordocr.pipeline.boxes import part_of
from nordocr.pipeline.cutting import KnownPage, cut_again
from nordocr.pipeline.placing import in_order
from nordocr.pipeline.preparation import Preparation
from nordocr.pipeline.reader import Reader
from nordocr.pipeline.turned import turned_apart, turned_over
from nordocr.recognize.base import Crop, LineText
from nordocr.results import BBox, Line, Page

UP, DOWN, OVER = "Uppgiften avser helåret", "Arkiveras hos styrelsen", "Betalas senast fredag"


def put_turned(page: Drawn, x: int, y: int, text: str, rotation: Turn, size: float = 28) -> None:
    """Draw a line that has to be turned clockwise by ``rotation`` to be read."""
    font = face("LiberationSans-Regular.ttf", size)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    tile = Drawn(size=(right - left + 2, bottom - top + 2))
    tile.canvas.text((-left, -top), text, fill=0, font=font)
    page.image.paste(tile.image.rotate(rotation, expand=True, fillcolor=255), (x, y))


def mixed() -> Drawn:
    page = Drawn()
    for number, line in enumerate(PROSE):
        page.put(150, 100 + 45 * number, line)
    put_turned(page, 60, 80, UP, 90)
    put_turned(page, 1220, 400, DOWN, 270)
    put_turned(page, 500, 700, OVER, 180)
    return page


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Page]:
    path = tmp_path_factory.mktemp("turned") / "page.png"
    Image.fromarray(mixed().bilevel()).save(path)
    with Reader(ReadingConfig(threads=1, char_boxes=True)) as reader:
        return path, reader.document(path).pages[0]


def test_turned_lines_are_read_in_their_direction_and_say_how_they_lie(read: tuple[Path, Page]) -> None:
    _, page = read
    assert {line.text: line.rotation for line in page.lines if line.rotation} == {UP: 90, DOWN: 270, OVER: 180}
    assert [line.text for line in page.lines if not line.rotation] == list(PROSE)
    assert page.rotation == 0
    up, down = (next(line for line in page.lines if line.text == text) for text in (UP, DOWN))
    assert up.bbox.x == pytest.approx(60, abs=4) and up.bbox.height > 5 * up.bbox.width
    assert down.bbox.y == pytest.approx(400, abs=4)


def test_boxes_of_characters_and_words_follow_the_lines_direction(read: tuple[Path, Page]) -> None:
    _, page = read
    for line in page.lines:
        box = line.bbox
        for part in [*line.char_boxes, *(word.bbox for word in line.words)]:
            assert box.x <= part.x and part.x + part.width <= box.x + box.width
            assert box.y <= part.y and part.y + part.height <= box.y + box.height
        first, last = line.char_boxes[0], line.char_boxes[-1]
        ahead = {0: last.x - first.x, 90: first.y - last.y, 180: first.x - last.x, 270: last.y - first.y}
        assert ahead[line.rotation] > 0.6 * max(box.width, box.height)


def test_a_turned_line_is_cut_out_again_as_it_was_read(read: tuple[Path, Page]) -> None:
    path, page = read
    found = {str(n): (b.x, b.y, b.width, b.height) for n, b in enumerate(line.bbox for line in page.lines)}
    turns: dict[str, Turn] = {str(n): line.rotation for n, line in enumerate(page.lines) if line.rotation}
    known = KnownPage(0, 0, 0.0, found, {}, turns=turns)
    (again,) = cut_again(Preparation(ReadingConfig()), path, [known], frozenset((0, name) for name in found))
    assert not again.strays
    gray = mixed().bilevel()
    regions = {(r.tight, bool(r.turn)): r for r in MorphologyDetector().detect(gray)}
    for name, box in found.items():
        way = turns.get(name, 0)
        region = regions[box, way in (90, 270)]
        straight = cut(gray, region)
        expected = straight if way in (0, 90) else straight[::-1, ::-1]
        assert np.array_equal(again.crops[name], expected)
    assert again.crops[next(iter(turns))].shape[1] > again.crops[next(iter(turns))].shape[0]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_box_holds_the_pixels_of_the_box(degrees: Turn) -> None:
    image = np.arange(30 * 50, dtype=np.int64).reshape(30, 50)
    x, y, width, height = turn_box((7, 11, 20, 5), degrees, (50, 30))
    turned = np.rot90(image, -(degrees // 90))
    part = np.rot90(image[11:16, 7:27], -(degrees // 90))
    assert np.array_equal(turned[y : y + height, x : x + width], part)


@pytest.mark.parametrize("way", [90, 180, 270])
def test_a_share_of_the_crop_is_the_same_ink_on_the_page(way: Turn) -> None:
    rng = np.random.default_rng(way)
    page = rng.integers(0, 255, (80, 90), dtype=np.uint8)
    region = Region(20, 10, 40, 48, line_height=40.0, turn=way)
    crop = cut(page, region)
    long = crop.shape[1]
    box = part_of(region, 0.25, 0.5)
    window = turn(page[box.y : box.y + box.height, box.x : box.x + box.width], way)
    assert np.array_equal(window, crop[:, long // 4 : long // 2])


def test_columns_of_single_figures_set_close_are_no_type_on_its_side() -> None:
    page = Drawn()
    for row in range(12):
        page.put(100, 100 + 24 * row, "Post nummer", 26, MONO)
        page.put(600, 100 + 24 * row, str(row % 10), 26, MONO)
        page.put(700, 100 + 24 * row, str(10 + row), 26, MONO)
    regions = MorphologyDetector().detect(page.bilevel())
    upright = [region for region in regions if not region.turn]
    assert len(upright) == 36

    class Figures:
        def read(self, crops: list[Crop]) -> list[LineText]:
            """Read narrow crops surely and long ones not."""
            return [LineText("1", 0.9) if c.shape[1] < 3 * c.shape[0] else LineText("11111", 0.7) for c in crops]

    crops = [cut(page.bilevel(), region) for region in regions]
    kept, _ = turned_apart(Figures(), regions, crops)  # type: ignore[arg-type]
    assert kept == upright


class Ways:
    """A recogniser that says what it is told by the place of a crop's darkest corner."""

    def __init__(self, upright: LineText, over: LineText) -> None:
        self.texts = upright, over
        self.asked = 0

    def read(self, crops: list[Crop]) -> list[LineText]:
        self.asked += len(crops)
        return [self.texts[int(crop[0, 0] > crop[-1, -1])] for crop in crops]


@pytest.mark.parametrize(
    ("upright", "over", "turned"),
    [
        (LineText("uassnepu", 0.3), LineText("Ord och bild", 0.95), True),
        (LineText("uassnepu", 0.3), LineText("Ord och bild", 0.6), False),  # not sure
        (LineText("uassnepu", 0.7), LineText("Ord och bild", 0.95), False),  # it made sense before
        (LineText("uassnepu", 0.3), LineText("...---...", 0.95), False),  # no letters
    ],
)
def test_a_line_is_turned_over_only_if_it_reads_far_better_so(upright: LineText, over: LineText, turned: bool) -> None:
    crop = np.zeros((20, 200), dtype=np.uint8)
    crop[-1, -1] = 255
    recognizer = Ways(upright, over)
    regions, texts = turned_over(recognizer, [Region(0, 0, 200, 20)], [crop], [upright])  # type: ignore[arg-type]
    assert [region.turn for region in regions] == [180 if turned else 0]
    assert texts == [over if turned else upright]
    assert recognizer.asked == (upright.confidence < 0.5)


def line(text: str, x: int, y: int, width: int, height: int, rotation: Turn = 0) -> tuple[Line, Region]:
    box = BBox(x=x, y=y, width=width, height=height)
    return Line(text=text, confidence=1.0, bbox=box, rotation=rotation), Region(x, y, width, height, turn=rotation)


def ordered(*parts: tuple[Line, Region]) -> list[Line]:
    return in_order([part[0] for part in parts], [part[1] for part in parts], (1000, 1000))[0]


def test_heads_on_their_side_are_read_before_the_row_below_and_notes_at_the_end() -> None:
    found = ordered(
        line("Rubrik", 100, 100, 200, 20),
        line("Hyror", 100, 400, 100, 20),
        line("12", 400, 400, 40, 20),
        line("34", 500, 400, 40, 20),
        line("Fot", 100, 700, 100, 20),
        line("två", 510, 250, 20, 140, 90),
        line("ett", 410, 250, 20, 140, 90),
        line("not ett", 20, 200, 20, 400, 270),
    )
    assert [one.text for one in found] == ["Rubrik", "ett", "två", "Hyror", "12", "34", "Fot", "not ett"]
    blocks = [one.block for one in found]
    assert blocks == sorted(blocks) and len({blocks[1], blocks[2], blocks[3]}) == 3


def test_the_lines_of_a_turned_paragraph_follow_each_other_as_they_are_read() -> None:
    upwards = ordered(line("b", 45, 200, 20, 400, 90), line("a", 20, 200, 20, 400, 90))
    downwards = ordered(line("b", 20, 200, 20, 400, 270), line("a", 45, 200, 20, 400, 270))
    over = ordered(
        line("c", 100, 200, 300, 20, 180), line("b", 100, 225, 300, 20, 180), line("a", 100, 250, 300, 20, 180)
    )
    assert ["".join(one.text for one in found) for found in (upwards, downwards, over)] == ["ab", "ab", "abc"]
