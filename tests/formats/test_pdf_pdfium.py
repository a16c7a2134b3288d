"""Searchable PDF as PDFium, Chromium's engine, reads and searches it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pypdfium2
from tests.formats.scans import drawn, expected_words, one_strip
from tests.formats.test_pdf import PAGES, POINTS, made


def test_pdfium_finds_every_word_in_its_place(tmp_path: Path) -> None:
    """Chromium's engine, which takes words of one character for nothing where their glyph has no box."""
    scan = one_strip(tmp_path / "scan.tif", *map(drawn, PAGES))
    searchable = made(tmp_path / "scan.pdf", scan, *PAGES)
    document = pypdfium2.PdfDocument(searchable)
    for shown, one in zip(document, PAGES, strict=True):
        text = shown.get_textpage()
        # It mends the hyphen at the end of a line and takes ligatures apart, so that what people type is found.
        assert text.get_text_range().replace("\ufffe", "- ").split() == one.text.replace("ﬁ", "fi").split()
        for said, box in expected_words(one, POINTS):
            if said in ("års-", "ﬁ", "😀"):  # it searches for no character beyond 16 bits
                continue
            found = []
            search = text.search(said, match_case=True)
            while (at := search.get_next()) is not None:
                boxes = np.array([text.get_charbox(number) for number in range(at[0], at[0] + at[1])])
                edges = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
                top = shown.get_height()
                found.append(np.abs(np.subtract(box, (edges[0], top - edges[3], edges[2], top - edges[1]))).max())
            assert min(found, default=math.inf) < 1.5, said
            search.close()
        text.close()
        shown.close()
    document.close()
