"""hOCR, ALTO and PAGE: valid, read back without loss, with the whole ladder and nothing empty in them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lxml import etree
from tests.formats.samples import FAR, FAR_PAGE, FORBIDDEN, SAMPLES, SOURCE, USUAL, line

from nordocr.evaluate.documents.pagexml import parse_xml
from nordocr.formats import About, open_format
from nordocr.formats.ladder import baseline, words_of
from nordocr.formats.xml import clean
from nordocr.results import BBox, Document, Line, Page

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMAS = Path(os.environ.get("NORDOCR_SCHEMAS", REPOSITORY.parent / "shared" / "schemas"))
XLINK = """<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
 <attribute name="type" type="string"/><attribute name="href" type="anyURI"/><attribute name="role" type="string"/>
 <attribute name="arcrole" type="string"/><attribute name="title" type="string"/>
 <attribute name="show" type="string"/><attribute name="actuate" type="string"/>
 <attributeGroup name="simpleLink"><attribute name="type" type="string" fixed="simple"/></attributeGroup>
</schema>"""
CLEANED = "a\ufffdb\ufffdc\ufffdd\ufffde"


class Xlink(etree.Resolver):
    """ALTO's schema imports xlink's by an address; tests ask no network."""

    def resolve(self, url: str, public_id: str, context: object) -> object:
        return self.resolve_string(XLINK, context) if "xlink" in url else None


def schema(name: str) -> etree.XMLSchema:
    path = SCHEMAS / name
    if not path.is_file():
        pytest.skip(f"needs {name} in the folder that NORDOCR_SCHEMAS names")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Xlink())
    return etree.XMLSchema(etree.parse(str(path), parser))


def written(name: str, document: Document, language: str | None = None) -> list[str]:
    """The files of a document: one, but PAGE has one a page."""
    output = open_format(name, About(document.engine, language))
    pages = [output.page(document.source, page) for page in document.pages]
    end = output.end(document)
    return pages if name == "page" else ["".join(pages) + end]


def root(text: str) -> etree._Element:
    return etree.fromstring(text.encode("utf-8"))


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(("name", "xsd"), [("alto", "alto-4-4.xsd"), ("page", "pagecontent-2019-07-15.xsd")])
def test_files_obey_the_official_schemas(name: str, xsd: str, sample: str) -> None:
    checked = schema(xsd)
    for text in written(name, SAMPLES[sample]):
        checked.assertValid(root(text))
    broken = root(
        written(name, SAMPLES["usual"])[0].replace("<TextLine", "<TextLines").replace("TextLine>", "TextLines>")
    )
    assert not checked.validate(broken)


@pytest.mark.parametrize("name", ["alto", "page"])
def test_our_reader_reads_back_every_line(name: str) -> None:
    document = SAMPLES["several"]
    read = [parse_xml(text.encode("utf-8"), Path("x.xml")) for text in written(name, document)]
    assert {reading.source for reading in read} == {SOURCE}
    pages = [page for reading in read for page in reading.pages]
    assert len(pages) == len(document.pages)
    for found, page in zip(pages, document.pages, strict=True):
        assert (found.width, found.height) == (page.width, page.height)
        assert [(one.text, one.box) for one in found.lines] == [(clean(one.text), one.bbox) for one in page.lines]


def hocr_lines(page: etree._Element) -> list[tuple[str, str]]:
    found = page.iterfind(".//{*}span[@class='ocr_line']")
    return [("".join(each.itertext()), re.match(r"bbox ([\d ]+)", each.get("title", ""))[1]) for each in found]  # type: ignore[index]


def test_hocr_keeps_every_line_and_says_what_it_holds() -> None:
    document = SAMPLES["several"]
    [text] = written("hocr", document)
    pages = root(text).findall(".//{*}div[@class='ocr_page']")
    for found, page in zip(pages, document.pages, strict=True):
        corners = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in (one.bbox for one in page.lines)]
        expected = [(clean(one.text), " ".join(map(str, c))) for one, c in zip(page.lines, corners, strict=True)]
        assert hocr_lines(found) == expected
    assert pages[0].get("title") == 'image "skanning \\"å\\" & <co>.tif"; bbox 0 0 1240 1754; ppageno 0'
    metas = {meta.get("name"): meta.get("content") for meta in root(text).iterfind(".//{*}meta")}
    classes = {each.get("class") for each in root(text).iter() if each.get("class")}
    assert classes <= {*metas["ocr-capabilities"].split()}
    assert metas["ocr-system"] == "nordocr 0.1.0"
    assert "model=nano.onnx" in metas["nordocr-settings"]
    assert "ocr-langs" not in metas


LADDERS = {
    "hocr": [("div", "ocr_page"), ("div", "ocr_carea"), ("p", "ocr_par"), ("span", "ocr_line"), ("span", "ocrx_word")],
    "alto": [(name, None) for name in ("Page", "PrintSpace", "ComposedBlock", "TextBlock", "TextLine", "String")],
    "page": [(name, None) for name in ("Page", "TextRegion", "TextLine", "Word")],
}


@pytest.mark.parametrize("name", LADDERS)
def test_every_word_stands_on_the_whole_ladder(name: str) -> None:
    [text] = written(name, SAMPLES["usual"])
    words = [each for each in root(text).iter() if (local(each), each.get("class")) == LADDERS[name][-1]]
    assert len(words) == len(USUAL.text.split())
    for word in words:
        above = [(local(each), each.get("class")) for each in reversed([*word.iterancestors()])]
        assert [*above, (local(word), word.get("class"))][-len(LADDERS[name]) :] == LADDERS[name]


@pytest.mark.parametrize("name", LADDERS)
def test_identifiers_are_unique_and_no_attribute_is_empty(name: str) -> None:
    for sample in SAMPLES.values():
        for text in written(name, sample):
            names = [each.get("ID") or each.get("id") for each in root(text).iter()]
            given = [each for each in names if each]
            assert len(given) == len({*given})
            assert not [value for each in root(text).iter() for value in each.attrib.values() if not value.strip()]


@pytest.mark.parametrize(("name", "attribute"), [("hocr", "lang"), ("alto", "LANG"), ("page", "primaryLanguage")])
def test_the_language_is_the_one_said_else_the_one_read_for(name: str, attribute: str) -> None:
    def named(text: str) -> set[str]:
        return {each.get(attribute, "") for each in root(text).iter()} - {""}

    swedish = "Swedish" if name == "page" else "sv"
    assert named(written(name, SAMPLES["swedish"])[0]) == {swedish}
    assert named(written(name, SAMPLES["usual"], "sv")[0]) == {swedish}
    assert named(written(name, SAMPLES["usual"])[0]) == set()


def test_altos_confidences_are_those_of_the_schema() -> None:
    [text] = written("alto", SAMPLES["usual"])
    strings = [each for each in root(text).iter() if local(each) == "String"]
    assert strings[1].get("CONTENT") == "Styrelsen"
    assert strings[1].get("WC") == "1"
    assert strings[1].get("CC") == "2 2 2 2 2 2 2 2 2"  # 0.75 sure: 9 is wholly unsure
    assert next(each for each in root(text).iter() if local(each) == "Page").get("PC") == "0.75"


def test_pages_reading_order_names_the_regions_in_order() -> None:
    [text] = written("page", SAMPLES["usual"])
    order = [each.get("regionRef") for each in root(text).iter() if local(each) == "RegionRefIndexed"]
    assert order == [each.get("id") for each in root(text).iter() if local(each) == "TextRegion"]
    assert len(order) == 4


def test_characters_that_xml_forbids_become_the_replacement_character() -> None:
    assert clean(FORBIDDEN) == CLEANED
    assert clean(FAR) == FAR
    for name in LADDERS:
        text = written(name, Document(source="\x01.tif", pages=[FAR_PAGE], engine=SAMPLES["usual"].engine))[0]
        assert CLEANED in text
        assert FAR.split()[-2] in text


def test_the_baseline_is_above_descenders_and_follows_the_slope() -> None:
    assert baseline(line("Summa", 0, 100)) == (0.0, 0.0)
    slope, offset = baseline(line("gärna", 0, 100))
    assert slope == 0
    assert -0.3 * 30 < offset < -0.15 * 30
    climbing = USUAL.lines[-1]
    slope, offset = baseline(climbing)
    # 6 px a word; the words' middles are 15 px x (5 + 1 + 2) / 2 and so on apart.
    assert -0.12 < slope < -0.08
    assert offset == 0
    falling = line("ner och ner", 0, 100, climb=-6)
    slope, offset = baseline(falling)
    assert slope > 0.08
    assert offset == pytest.approx(-slope * falling.bbox.width, abs=0.01)


def test_words_that_do_not_fit_the_text_are_told_from_the_text() -> None:
    given = Line(text=" a bcd ", confidence=0.5, bbox=BBox(x=70, y=5, width=70, height=9))
    assert [(word.text, word.bbox.x, word.bbox.width) for word in words_of(given)] == [("a", 80, 10), ("bcd", 100, 30)]
    page = Page(page_index=0, width=200, height=20, lines=[given, Line(text=" ", confidence=0, bbox=given.bbox)])
    for name in LADDERS:
        [text] = written(name, Document(source="a", pages=[page], engine=SAMPLES["usual"].engine))
        assert "bcd" in text
