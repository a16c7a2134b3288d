"""hOCR and PAGE opened by the readers of other makers: OCRmyPDF's and OCR-D's.

OCR-D's wants versions of packages that are not ours, so it lives in an environment of its own:
``python -m venv readers; readers/bin/pip install ocrd``, and ``NORDOCR_READERS=readers/bin/python``. Where
that is not set, its tests are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
from pathlib import Path

import pytest
from tests.formats.samples import SAMPLES
from tests.formats.test_xml import written

from nordocr.formats.ladder import words_of
from nordocr.formats.xml import clean
from nordocr.results import Page

READERS = os.environ.get("NORDOCR_READERS", "")
needs_readers = pytest.mark.skipif(not READERS, reason="needs NORDOCR_READERS, a Python with ocrd")
DOCUMENTS = ["usual", "empty", "several", "swedish"]
Word = tuple[str, tuple[int, ...]]

OCRD = """
import json, sys
from ocrd_models.ocrd_page_generateds import parse
page = parse(sys.argv[1], silence=True).get_Page()
found = []
for line in page.get_AllTextLines():
    for word in line.get_Word() or []:
        points = [tuple(map(int, pair.split(","))) for pair in word.get_Coords().get_points().split()]
        xs, ys = zip(*points)
        found.append((word.get_TextEquiv()[0].get_Unicode(), (min(xs), min(ys), max(xs), max(ys))))
print(json.dumps([page.get_imageFilename(), page.get_imageWidth(), len(page.get_AllRegions()), found]))
"""


def words(page: Page) -> list[Word]:
    boxes = [(word.text, word.bbox) for line in page.lines for word in words_of(line)]
    return [(clean(text), (b.x, b.y, b.x + b.width, b.y + b.height)) for text, b in boxes]


@pytest.mark.parametrize("sample", DOCUMENTS)
def test_ocrmypdf_reads_every_word(sample: str, tmp_path: Path) -> None:
    hocr = pytest.importorskip("ocrmypdf.hocrtransform", reason="needs ocrmypdf")
    document = SAMPLES[sample]
    for page in document.pages:  # its reader takes one page a file
        one = document.model_copy(update={"pages": [page]})
        (tmp_path / "x.hocr").write_text(written("hocr", one)[0], encoding="utf-8")
        read = hocr.HocrParser(tmp_path / "x.hocr").parse()
        found = [(w.text, (w.bbox.left, w.bbox.top, w.bbox.right, w.bbox.bottom)) for w in read.words]
        assert found == [(unicodedata.normalize("NFKC", text), box) for text, box in words(page)]  # as it does
        assert (read.bbox.width, read.bbox.height) == (page.width, page.height)


@needs_readers
@pytest.mark.parametrize("sample", DOCUMENTS)
def test_ocrd_reads_every_word(sample: str, tmp_path: Path) -> None:
    document = SAMPLES[sample]
    for page, text in zip(document.pages, written("page", document), strict=True):
        (tmp_path / "x.page.xml").write_text(text, encoding="utf-8")
        command = [READERS, "-c", OCRD, str(tmp_path / "x.page.xml")]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        name, width, regions, found = json.loads(done.stdout.splitlines()[-1])
        assert (name, width) == (document.source, page.width)
        assert regions == len({line.block for line in page.lines})
        assert [(text, tuple(box)) for text, box in found] == words(page)
