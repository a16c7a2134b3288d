"""Corrected lines become labels: only those that a person has seen, with the pixels that reading cuts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.pipeline.test_cutting import in_result_order, prepared
from tests.pipeline.test_cutting import scan as scan  # a fixture
from typer.testing import CliRunner

from nordocr.cli.data import app
from nordocr.config import ReadingConfig
from nordocr.correct import Edit, LineState, Store
from nordocr.data.corrected.documents import corrected_files
from nordocr.data.corrected.gather import gather_labels
from nordocr.data.corrected.xmlpages import read_xml_pages
from nordocr.data.labels import Labels, read_labels
from nordocr.detect.base import PageArray
from nordocr.errors import DataInvalid, InputMissing
from nordocr.pipeline.preparation import PreparedPage
from nordocr.recognize.base import Crop
from nordocr.results import Document, Engine, Page

ENGINE = Engine(name="onnx", recognizer="nano", detector="morphology", nordocr="0")


def pixels(path: Path) -> Crop:
    with Image.open(path) as image:
        return np.array(image)


def change(page: Page, number: int, text: str, state: LineState, by: int = 0, who: str = "ann") -> Edit:
    box = page.lines[number].bbox.model_dump()
    box["x"], box["width"] = box["x"] - by, box["width"] + 2 * by
    put = {"id": f"r{number}", "text": text, "state": state, "bbox": box, "moved": by > 0}
    return Edit.model_validate({"id": f"e{number}", "page_index": 0, "put": [put], "who": who})


@pytest.fixture
def read(scan: PageArray, tmp_path: Path) -> tuple[Path, PreparedPage, Page]:
    _, page, result = prepared(scan[:700], tmp_path)
    path = tmp_path / "report.json"
    document = Document(source="/elsewhere/scan.png", pages=[result], engine=ENGINE)
    path.write_text(document.model_dump_json(), encoding="utf-8")
    return path, page, result


def corrected(path: Path, edits: Sequence[Edit]) -> None:
    with Store(path, Document.model_validate_json(path.read_bytes())) as store:
        for edit in edits:
            store.apply(edit)


def test_only_lines_that_a_person_has_seen_come_in_with_the_pixels_of_reading(
    read: tuple[Path, PreparedPage, Page], tmp_path: Path
) -> None:
    path, page, result = read
    edits = [
        change(result, 0, " Två ", "corrected"), change(result, 1, "x", "seen", who=""),
        change(result, 2, "Oläsligt", "unreadable"), change(result, 3, "Fläck", "not_text"),
        change(result, 4, "Flyttad rad", "corrected", by=2), change(result, 5, "  ", "seen"),
    ]  # fmt: skip
    corrected(path, edits)
    answer = CliRunner().invoke(app, ["from-results", str(path), "-o", str(tmp_path / "lines")])
    assert answer.exit_code == 0, answer.output
    assert f"3 labelled lines of 1 documents, {len(result.lines) - 3} other" in answer.output
    labels = read_labels(tmp_path / "lines", strict=True)
    assert [(row.text, row.source, row.page, row.who) for row in labels.rows] == [
        ("Två", "report", "1", "ann"),
        ("x", "report", "1", None),
        ("Flyttad rad", "report", "1", "ann"),
    ]
    crops = in_result_order(result, page)
    for row, number in zip(labels.rows, (0, 1, 4), strict=True):
        np.testing.assert_array_equal(pixels(row.image), crops[number])
        assert row.width == round(crops[number].shape[1] * 32 / crops[number].shape[0])


def test_corrections_that_are_only_in_the_journal_count_too(
    read: tuple[Path, PreparedPage, Page], tmp_path: Path
) -> None:
    path, _, result = read
    with Store(path, Document.model_validate_json(path.read_bytes())) as store:
        store.apply(change(result, 0, "Två", "corrected"))
        assert corrected_files([tmp_path]) == [path]
        found = gather_labels([path], tmp_path / "lines", ReadingConfig())
    assert (found.lines, found.strays, found.lost) == (1, 0, 0)


def test_what_cannot_be_used_is_named(read: tuple[Path, PreparedPage, Page], tmp_path: Path) -> None:
    path, _, result = read
    config = ReadingConfig()
    with pytest.raises(DataInvalid, match="nobody has corrected it"):
        gather_labels([path], tmp_path / "lines", config)
    corrected(path, [change(result, 0, "Två", "untouched")])
    with pytest.raises(DataInvalid, match="None of the 1 files has a line"):
        gather_labels([path], tmp_path / "lines", config)
    (tmp_path / "scan.png").rename(tmp_path / "other.png")
    with pytest.raises(DataInvalid, match="--images names its folder"):
        gather_labels([path], tmp_path / "lines", config)
    with pytest.raises(DataInvalid, match="Two results are called"):
        gather_labels([path, tmp_path / "b" / path.name], tmp_path / "lines", config)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputMissing, match="nothing that was corrected"):
        corrected_files([tmp_path / "empty"])


PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"><Metadata><Creator>Transkribus</Creator>
<TranskribusMetadata docId="1" status="{status}"/></Metadata>
<Page imageFilename="0001.png" imageWidth="900" imageHeight="400"><TextRegion id="r"><Coords points="0,0 900,400"/>
<TextLine id="l1"><Coords points="30,60 420,60 420,102 30,102"/><Baseline points="40,100 330,100"/>
<TextEquiv><Unicode>Vinterhamn 1923</Unicode></TextEquiv></TextLine>
<TextLine id="l2"><Coords points="30,103 420,103 420,145 30,145"/>
<TextEquiv><Unicode>Den 2a raden</Unicode></TextEquiv></TextLine>
<TextLine id="l3"><Coords points="30,303 420,303 420,345"/><TextEquiv><Unicode></Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>
"""

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>
<sourceImageInformation><fileName>0001.png</fileName></sourceImageInformation></Description>
<Layout><Page WIDTH="1800" HEIGHT="800" ID="p"><PrintSpace><TextBlock ID="b">
<TextLine ID="l1" HPOS="60" VPOS="120" WIDTH="780" HEIGHT="84">
<Shape><Polygon POINTS="60 120 840 120 840 204 60 204"/></Shape><String CONTENT="Vinterhamn 1923"/></TextLine>
<TextLine ID="l2" HPOS="60" VPOS="206" WIDTH="780" HEIGHT="84"><String CONTENT="Den"/><SP/><String CONTENT="2a"/><SP/>
<String CONTENT="raden"/></TextLine>
</TextBlock></PrintSpace></Page></Layout></alto>
"""


def archive(folder: Path, xml: str, where: str) -> Path:
    image = np.full((400, 900), 255, dtype=np.uint8)
    for row in (100, 135):
        cv2.putText(image, "Vinterhamn 1923", (40, row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    (folder / where).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(folder / "0001.png")
    (folder / where).write_text(xml, encoding="utf-8")
    return folder / where


def taken(files: list[Path], output: Path) -> Labels:
    gather_labels(files, output, ReadingConfig())
    return read_labels(output, strict=True)


def test_page_and_alto_come_in_with_their_polygons_whatever_their_units(tmp_path: Path) -> None:
    page = archive(tmp_path / "DOC1", PAGE.format(status="GT"), "page/0001.xml")
    alto = archive(tmp_path / "DOC2", ALTO, "0001.xml")
    first, second = taken([page], tmp_path / "a"), taken([alto], tmp_path / "b")
    assert [(row.text, row.source, row.who) for row in first.rows] == [
        ("Vinterhamn 1923", "DOC1", "Transkribus"),
        ("Den 2a raden", "DOC1", "Transkribus"),
    ]
    assert [(row.text, row.source, row.who) for row in second.rows] == [
        ("Vinterhamn 1923", "DOC2", None),
        ("Den 2a raden", "DOC2", None),
    ]
    for one, other in zip(first.rows, second.rows, strict=True):
        np.testing.assert_array_equal(pixels(one.image), pixels(other.image))
    # The two lines stand so close that each crop would show the other's ink, which is painted over.
    alone = np.full((400, 900), 255, dtype=np.uint8)
    cv2.putText(alone, "Vinterhamn 1923", (40, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    upper = pixels(first.rows[0].image)
    ink = int((alone < 128).sum())
    assert 0.97 * ink <= int((upper < 128).sum()) <= ink


def test_pages_that_nobody_has_worked_on_are_left_out(tmp_path: Path) -> None:
    new = archive(tmp_path / "DOC", PAGE.format(status="NEW"), "page/0001.xml")
    with pytest.raises(DataInvalid, match="has a line that a person has seen"):
        taken([new], tmp_path / "a")


def test_a_folder_is_one_document_or_each_file_is(tmp_path: Path) -> None:
    page = archive(tmp_path / "DOC", PAGE.format(status="DONE"), "page/0001.xml")
    (page.parent / "0002.xml").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    files = corrected_files([tmp_path])
    assert {row.source for row in taken(files, tmp_path / "a").rows} == {"DOC"}
    gather_labels(files, tmp_path / "b", ReadingConfig(), by_file=True)
    assert {row.source for row in read_labels(tmp_path / "b").rows} == {"0001", "0002"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("<PcGts", "<!DOCTYPE a><PcGts"), "document type declaration"),
        (("30,103 420,103", "30,103 1e999,103"), "no place that a page has"),
        (('imageFilename="0001.png"', 'imageFilename="gone.png"'), None),
        (("<TextEquiv><Unicode>Den", '<TextEquiv index="a"/><TextEquiv><Unicode>Den'), "no number"),
        (("PcGts", "html"), "neither ALTO nor PAGE"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, change: tuple[str, str], message: str | None) -> None:
    page = archive(tmp_path / "DOC", PAGE.format(status="GT").replace(*change), "page/0001.xml")
    if message is None:  # the image with the file's own name is taken
        assert len(taken([page], tmp_path / "a").rows) == 2
        return
    with pytest.raises(DataInvalid, match=message):
        gather_labels([page], tmp_path / "a", ReadingConfig())


def test_lines_beside_the_page_are_counted(tmp_path: Path) -> None:
    page = archive(
        tmp_path / "DOC",
        PAGE.format(status="GT").replace("30,103 420,103 420,145 30,145", "2000,103 2100,103 2100,145"),
        "0001.xml",
    )
    found = gather_labels([page], tmp_path / "a", ReadingConfig())
    assert (found.lines, found.lost) == (1, 1)


def test_a_line_without_polygon_has_its_box(tmp_path: Path) -> None:
    (page,) = read_xml_pages(archive(tmp_path / "DOC", ALTO, "0001.xml"))
    assert page.lines[1].polygon.tolist() == [[60, 206], [840, 206], [840, 290], [60, 290]]
