from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluate.paper import Paper, truth_json, write

from nordocr.errors import DataInvalid, InputMissing
from nordocr.evaluate.documents.readings import read_readings
from nordocr.evaluate.documents.truth import place_results, read_reference
from nordocr.results import BBox

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>
<sourceImageInformation><fileName>scans/a.tif</fileName></sourceImageInformation></Description>
<Layout><Page WIDTH="1000" HEIGHT="800"><PrintSpace><TextBlock>
<TextLine HPOS="10" VPOS="20" WIDTH="300" HEIGHT="30">
<String CONTENT="Årets"/><SP/><String CONTENT="resul"/><HYP CONTENT="-"/></TextLine>
<TextLine HPOS="10" VPOS="60" WIDTH="300" HEIGHT="30"><String CONTENT="12"/><String CONTENT="345"/></TextLine>
</TextBlock></PrintSpace></Page><Page WIDTH="1000" HEIGHT="800"><PrintSpace/></Page></Layout></alto>"""

PAGE = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Page imageFilename="a.tif" imageWidth="1000" imageHeight="800"><TextRegion id="r">
<TextLine id="l1"><Coords points="10,20 310,22 310,50 10,48"/>
<Word id="w"><TextEquiv><Unicode>nej</Unicode></TextEquiv></Word>
<TextEquiv index="1"><Unicode>senare</Unicode></TextEquiv>
<TextEquiv index="0"><Unicode>Årets resultat</Unicode></TextEquiv></TextLine>
<TextLine id="l2"><Coords points="10,60 310,90"/><Word id="a"><TextEquiv><Unicode>12</Unicode></TextEquiv></Word>
<Word id="b"><TextEquiv><Unicode>345</Unicode></TextEquiv></Word></TextLine>
</TextRegion></Page></PcGts>"""


def text_file(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_alto(tmp_path: Path) -> None:
    (reading,) = read_readings(text_file(tmp_path / "a.xml", ALTO))
    assert reading.name == "a.tif" and [page.index for page in reading.pages] == [0, 1]
    assert [line.text for line in reading.pages[0].lines] == ["Årets resul-", "12 345"]
    assert reading.pages[0].lines[0].box == BBox(x=10, y=20, width=300, height=30)


def test_page_xml(tmp_path: Path) -> None:
    (reading,) = read_readings(text_file(tmp_path / "a.xml", PAGE))
    assert [line.text for line in reading.pages[0].lines] == ["Årets resultat", "12 345"]
    assert reading.pages[0].lines[0].box == BBox(x=10, y=20, width=300, height=30)


def test_older_page_json_and_json_lines(tmp_path: Path) -> None:
    old = {"image": "a.jpg", "width": 10, "height": 20, "lines": [{"bbox": [1, 2, 3, 4], "text": "å"}]}
    (reading,) = read_readings(write(tmp_path / "old.json", old))
    assert reading.name == "a.jpg" and reading.pages[0].lines[0].box == BBox(x=1, y=2, width=3, height=4)
    page = '{"source": "a.tif", "page_index": %d, "width": 9, "height": 9, "lines": []}\n'
    (reading,) = read_readings(text_file(tmp_path / "a.jsonl", page % 0 + page % 3))
    assert [p.index for p in reading.pages] == [0, 3]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1, 2]",
        '{"a": 1}',
        '{"pages": [{"lines": [{"text": "x"}]}]}',
        '{"pages": [{"lines": [{"text": "x", "bbox": [1, 2, 3]}]}]}',
        '{"pages": [{"page_index": -1, "lines": []}]}',
        "<alto",
        "<html/>",
        '<!DOCTYPE alto [<!ENTITY a "b">]><alto/>',
    ],
)
def test_what_is_no_result_is_one_sentence_with_the_files_name(tmp_path: Path, content: str) -> None:
    path = text_file(tmp_path / "odd.json", content)
    with pytest.raises(DataInvalid, match=r"odd\.json"):
        read_readings(path)


def test_places_in_other_units_are_scaled(tmp_path: Path) -> None:
    (reading,) = read_readings(text_file(tmp_path / "a.xml", ALTO))
    line = reading.pages[0].scaled(2000, 400).lines[0]
    assert line.box == BBox(x=20, y=10, width=600, height=15)


def test_folder_table_and_file_say_the_same(tmp_path: Path, paper: Paper) -> None:
    file = write(tmp_path / "truth" / "report.json", truth_json(paper))
    rows = ["document\tpage\tx\ty\twidth\theight\ttext"]
    rows += [
        f"report.tif\t{p + 1}\t{x}\t{y}\t{w}\t{h}\t{text}"
        for p, lines in enumerate(paper.pages)
        for text, (x, y, w, h) in lines
    ]
    table = text_file(tmp_path / "truth.tsv", "\n".join(rows) + "\n")
    found = [read_reference(path, [paper.file]) for path in (file, file.parent, table)]
    texts = [
        {k: [(line.text, line.box) for line in page.lines] for k, page in placed.pages.items()} for placed in found
    ]
    assert texts[0] == texts[1] == texts[2]
    assert sum(map(len, texts[0].values())) == 36


def test_rows_that_cannot_be_used_are_named(tmp_path: Path, paper: Paper) -> None:
    head = "document\tpage\tx\ty\twidth\theight\ttext\n"
    rows = (
        "report.tif\t1\t1\t2\t3\t4\tå\nother.tif\t1\t1\t2\t3\t4\tb\nreport.tif\tone\t1\t2\t3\t4\tc\nreport.tif\t1\t1\n"
    )
    placed = read_reference(text_file(tmp_path / "t.tsv", head + rows), [paper.file])
    assert placed.lines == 1
    assert [f"row {n}" in note for n, note in zip((3, 4, 5), placed.notes, strict=True)] == [True] * 3


def test_a_result_of_another_document_is_named_and_left_out(tmp_path: Path, paper: Paper) -> None:
    values = {"documents": [truth_json(paper), {**truth_json(paper), "source": "elsewhere.tif"}]}
    placed = place_results(write(tmp_path / "r.json", values), [paper.file])
    assert len(placed.pages) == 3
    assert "elsewhere.tif" in placed.notes[0] and "36 lines" in placed.notes[0]


def test_results_of_windows_are_found_by_their_name(tmp_path: Path, paper: Paper) -> None:
    values = {
        "documents": [{**truth_json(paper), "source": "C:\\scans\\report.tif"}, {**truth_json(paper), "source": "b"}]
    }
    assert place_results(write(tmp_path / "r.json", values), [paper.file]).lines == 36


def test_a_reference_without_a_line_is_an_error(tmp_path: Path, paper: Paper) -> None:
    with pytest.raises(InputMissing):
        read_reference(tmp_path / "none.json", [paper.file])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataInvalid, match=r"report\.tif"):
        read_reference(tmp_path / "empty", [paper.file])
