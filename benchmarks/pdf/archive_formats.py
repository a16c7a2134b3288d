"""hOCR, ALTO and PAGE of many results: valid, and read back without loss.

    python benchmarks/pdf/archive_formats.py RESULT.json... --schemas DIR

Takes results of `nordocr process`, or the truth that `nordocr synth pages` writes, and adds to them an empty page, a
page of characters beyond Latin-1, and a document of the first 18 pages. ALTO and PAGE are validated against the
official schemas in DIR (alto-4-4.xsd, pagecontent-2019-07-15.xsd); their lines are read back by nordocr's own reader,
the words of hOCR by OCRmyPDF's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from lxml import etree
from ocrmypdf.hocrtransform import HocrParser

from machine import revision
from nordocr.evaluate.documents.pagexml import parse_xml
from nordocr.formats import About, open_format
from nordocr.formats.ladder import words_of
from nordocr.results import BBox, Document, Line, Page

_FAR = "Žižka č. 5 – „Þór“ €½ 漢字 😀 Ŋŋ"
_XLINK = """<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
 <attribute name="type" type="string"/><attribute name="href" type="anyURI"/><attribute name="role" type="string"/>
 <attribute name="arcrole" type="string"/><attribute name="title" type="string"/>
 <attribute name="show" type="string"/><attribute name="actuate" type="string"/>
 <attributeGroup name="simpleLink"><attribute name="type" type="string" fixed="simple"/></attributeGroup>
</schema>"""


class _Xlink(etree.Resolver):
    """ALTO's schema imports xlink's by an address."""

    def resolve(self, system_url: Any, public_id: Any, context: Any) -> Any:  # type: ignore[override]
        return self.resolve_string(_XLINK, context, base_url=None) if "xlink" in (system_url or "") else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--schemas", type=Path, required=True)
    given = parser.parse_args()
    names = {"alto": "alto-4-4.xsd", "page": "pagecontent-2019-07-15.xsd"}
    schemas = {name: _schema(given.schemas / file) for name, file in names.items()}
    documents = [_document(path) for path in given.results]
    documents += _more(documents)
    pages = lines = words = wrong = 0
    for document in documents:
        for name, schema in schemas.items():
            for text in _written(name, document):
                wrong += not schema.validate(etree.fromstring(text.encode("utf-8")))
            wrong += _lines_back(name, document) != [
                (one.text, one.bbox) for page in document.pages for one in page.lines
            ]
        for page in document.pages:
            wrong += _words_back(document, page) != [
                _expected(w.text, w.bbox) for one in page.lines for w in words_of(one)
            ]
        pages, lines = pages + len(document.pages), lines + sum(len(page.lines) for page in document.pages)
        words += sum(len(words_of(one)) for page in document.pages for one in page.lines)
    print(
        f"nordocr {revision()}: {len(documents)} documents, {pages} pages, {lines} lines, {words} words, {wrong} wrong"
    )


def _document(path: Path) -> Document:
    """A result, without what synthetic pages say besides."""
    held = json.loads(path.read_text(encoding="utf-8"))
    known = {key: value for key, value in held.items() if key in Document.model_fields}
    pages = [{k: v for k, v in page.items() if k in Page.model_fields} for page in known["pages"]]
    return Document.model_validate({**known, "pages": pages})


def _schema(path: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Xlink())
    return etree.XMLSchema(etree.parse(str(path), parser))


def _more(documents: list[Document]) -> list[Document]:
    first = documents[0]
    empty = Page(page_index=0, width=1654, height=2339)
    far = Line(text=_FAR, confidence=0.5, bbox=BBox(x=10, y=20, width=900, height=40))
    several = [page for document in documents for page in document.pages][:18]
    numbered = [page.model_copy(update={"page_index": index}) for index, page in enumerate(several)]
    made = ([empty], [empty.model_copy(update={"lines": [far], "text": _FAR})], numbered)
    return [first.model_copy(update={"pages": pages, "source": f"gjord {n} å.tif"}) for n, pages in enumerate(made)]


def _written(name: str, document: Document) -> list[str]:
    output = open_format(name, About(document.engine, "sv"))
    parts = [output.page(document.source, page) for page in document.pages]
    end = output.end(document)
    return parts if name == "page" else ["".join(parts) + end]


def _lines_back(name: str, document: Document) -> list[tuple[str, BBox | None]]:
    readings = [parse_xml(text.encode("utf-8"), Path("x.xml")) for text in _written(name, document)]
    return [(one.text, one.box) for reading in readings for page in reading.pages for one in page.lines]


def _words_back(document: Document, page: Page) -> list[tuple[str, tuple[float, ...]]]:
    [text] = _written("hocr", document.model_copy(update={"pages": [page]}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.hocr"
        path.write_text(text, encoding="utf-8")
        read = HocrParser(path).parse()
    found = [(word.text, word.bbox) for word in read.words]
    return [(text, (b.left, b.top, b.right, b.bottom)) for text, b in found if b is not None]


def _expected(text: str, box: BBox) -> tuple[str, tuple[float, ...]]:
    """A word as OCRmyPDF's reader gives it: with ligatures and fractions taken apart."""
    return unicodedata.normalize("NFKC", text), (box.x, box.y, box.x + box.width, box.y + box.height)


if __name__ == "__main__":
    main()
