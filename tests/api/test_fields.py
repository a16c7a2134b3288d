"""Fields of a document, whether they were asked for or not; pages streamed; what a notebook and a script are shown."""

from __future__ import annotations

import asyncio
import json
import sys
import types
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from tests.pages.tiffs import gray, tiff

from nordocr import Document, Page, Reader
from nordocr.errors import InputTooLarge, InputUnreadable, NordocrError


@pytest.fixture(scope="module")
def document(reader: Reader, scan: Path) -> Document:
    return reader.read(scan)


def test_fields_are_found_on_any_document(document: Document, reader: Reader, scan: Path, tmp_path: Path) -> None:
    told = [(field.kind, field.value, field.page_index, field.line) for field in document.fields]
    assert told == [("amount", "48612", 0, 0), ("date", "2024-12-31", 0, 1)]
    word = document.pages[0].lines[1].words[1]
    assert document.fields[1].boxes == [word.bbox]
    assert "fields" not in json.loads(document.to_json())["pages"][0]
    asked = reader.read(scan, fields=True)
    assert asked.fields == document.fields
    assert [field["value"] for field in json.loads(asked.to_json())["pages"][0]["fields"]] == ["48612", "2024-12-31"]
    assert [page.fields for page in reader.pages(scan, fields=True)] == [page.fields for page in asked.pages]
    assert document.to("fields") == asked.to("fields")
    document.save(tmp_path / "a.fields.tsv")
    rows = (tmp_path / "a.fields.tsv").read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[2] for row in rows] == ["kind", "amount", "date"]


def test_a_stream_hands_pages_over_and_keeps_none(reader: Reader, scan: Path, document: Document) -> None:
    pages: list[Page] = []
    images: list[npt.NDArray[np.uint8]] = []
    ended = reader.stream(scan, pages.append, fields=True, on_image=lambda image, page: images.append(image))
    assert [page.text for page in pages] == [page.text for page in document.pages]
    assert [page.source for page in pages] == [str(scan)] * 2
    assert (ended.pages, ended.source, ended.engine) == ([], str(scan), reader.engine)
    assert [field.value for field in pages[0].fields] == ["48612", "2024-12-31"]
    assert all(np.array_equal(image, page.image()) for image, page in zip(images, pages, strict=True))


def test_a_stream_goes_on_after_a_page_that_cannot_be_read(reader: Reader, first: Image.Image) -> None:
    good = gray(np.asarray(first.convert("L")))
    bad = ({**good[0], 256: [900_000]}, good[1])  # wider than any limit
    failures: list[NordocrError] = []
    pages: list[Page] = []
    reader.stream(tiff(good, bad, good), pages.append, on_error=failures.append)
    assert [bool(page.error) for page in pages] == [False, True, False]
    assert pages[2].text == pages[0].text
    said = "Page 2 of document is 900000 x 300 pixels, over the limit of 200000000."
    assert ([str(failure) for failure in failures], pages[1].error) == ([said], said)
    with pytest.raises(InputTooLarge, match="Page 2 of document"):
        reader.stream(tiff(good, bad, good), lambda page: None)
    with pytest.raises(InputUnreadable):
        reader.stream(b"Dear Sir", lambda page: None, on_error=failures.append)


def test_pages_come_while_the_event_loop_goes_on(reader: Reader, scan: Path, document: Document) -> None:
    async def texts(most: int) -> list[str]:
        found = []
        pages = reader.apages(scan)
        async for page in pages:
            found.append(page.text)
            if len(found) == most:
                break
        await pages.aclose()  # type: ignore[attr-defined]
        return found

    whole = [page.text for page in document.pages]
    assert asyncio.run(texts(9)) == whole
    assert asyncio.run(texts(1)) == whole[:1]


def test_show_opens_the_viewer_or_fills_the_cell(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(Image.Image, "show", lambda image, title=None: shown.append((image.size, title)))
    document.show()
    sizes = [page.draw().size for page in document.pages]
    source = document.source
    assert shown == [(sizes[0], f"{source}, page 1"), (sizes[1], f"{source}, page 2")]
    kernel = types.ModuleType("IPython")
    kernel.get_ipython = lambda: types.SimpleNamespace(kernel=1)  # type: ignore[attr-defined]
    display = types.ModuleType("IPython.display")
    display.display = lambda image: shown.append(image.size)  # type: ignore[attr-defined]
    kernel.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    document.pages[1].show()
    assert shown[2:] == [sizes[1]]
