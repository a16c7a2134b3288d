"""Everything that a user may hand over gives the same document as the file does."""

from __future__ import annotations

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr import Document, Reader
from nordocr.api.options import Options, configured
from nordocr.config import PRESETS, Limits, ReadingConfig
from nordocr.errors import ConfigInvalid, InputMissing, InputTooLarge, InputUnreadable


@pytest.fixture(scope="module")
def expected(reader: Reader, scan: Path) -> Document:
    return reader.read(scan)


def lines(document: Document) -> list[object]:
    """What was read, without the source's name and the time it took."""
    return [page.model_dump() for page in document.pages]


def test_a_path_gives_a_document(expected: Document, scan: Path) -> None:
    assert [len(page.lines) for page in expected.pages] == [2, 1]
    assert [page.text for page in expected.pages] == ["Summa 48 612 kr\nDatum 2024-12-31", "Till styrelsen"]
    assert expected.text == "\f".join(page.text for page in expected.pages)
    assert expected.source == str(scan)
    assert expected.pages[1].source == str(scan)
    assert expected.engine.detector == "morphology"
    assert expected.timing["total"] > 0
    assert [word.text for word in expected.pages[1].words] == ["Till", "styrelsen"]


def test_bytes_and_files_read_as_the_path_does(reader: Reader, scan: Path, expected: Document) -> None:
    content = scan.read_bytes()
    assert lines(reader.read(str(scan))) == lines(expected)
    assert lines(reader.read(content)) == lines(expected)
    assert lines(reader.read(memoryview(content))) == lines(expected)
    assert reader.read(io.BytesIO(content)).source == "document"
    with scan.open("rb") as file:
        document = reader.read(file)
        assert not file.closed
    assert lines(document) == lines(expected)
    assert document.source == str(scan)


def test_images_in_memory_read_as_the_file_does(reader: Reader, first: Image.Image, expected: Document) -> None:
    gray = np.asarray(first.convert("L"))
    clear = np.dstack([np.zeros_like(gray)] * 3 + [255 - gray])  # black ink on nothing
    for image in (first, gray, gray[:, :, None], np.dstack([gray] * 3), gray > 0, clear, first.convert("RGB")):
        assert lines(reader.read(image)) == lines(expected)[:1]
    assert reader.read(gray).source == "image"


def test_several_documents_are_read_as_one(reader: Reader, scan: Path, first: Image.Image, expected: Document) -> None:
    document = reader.read(part for part in (scan, np.asarray(first.convert("L")), scan.read_bytes()))
    assert [page.page_index for page in document.pages] == [0, 1, 2, 3, 4]
    assert [page.source for page in document.pages] == [str(scan)] * 2 + ["image"] + ["document"] * 2
    assert document.source == f"{scan}, image, document"
    assert document.pages[4].text == expected.pages[1].text
    assert np.array_equal(document.pages[4].image(), expected.pages[1].image())


def test_pages_come_one_at_a_time_and_as_asked_for(reader: Reader, scan: Path, expected: Document) -> None:
    assert [page.text for page in reader.pages(scan)] == [page.text for page in expected.pages]
    [only] = reader.pages(scan, pages="2")
    assert (only.page_index, only.text) == (1, expected.pages[1].text)
    with pytest.raises(InputUnreadable, match="no page 3"):
        list(reader.pages(scan, pages="3"))


def test_lines_are_read_without_looking_for_them(reader: Reader, first: Image.Image, expected: Document) -> None:
    gray = np.asarray(first.convert("L"))
    crops = [gray[b.y - 4 : b.y + b.height + 4, b.x - 4 : b.x + b.width + 4] for b in
             (line.bbox for line in expected.pages[0].lines)]  # fmt: skip
    read = reader.read_lines([crops[0], Image.fromarray(crops[1])])
    assert [line.text for line in read] == expected.pages[0].text.split("\n")
    for line, crop in zip(read, crops, strict=True):
        assert (line.bbox.width, line.bbox.height) == (crop.shape[1], crop.shape[0])
    assert reader.read_lines([]) == []
    with pytest.raises(TypeError, match="a line is an array"):
        reader.read_lines(["line.png"])  # type: ignore[list-item]


def test_many_threads_read_as_one_does(reader: Reader, scan: Path, expected: Document) -> None:
    together = threading.Barrier(4)

    def read(_: int) -> list[object]:
        together.wait()
        return lines(reader.read(scan))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [lines(expected)] * 4


def test_the_event_loop_goes_on_while_a_document_is_read(reader: Reader, scan: Path, expected: Document) -> None:
    async def both() -> tuple[Document, Document]:
        one, two = await asyncio.gather(reader.aread(scan), reader.aread(scan.read_bytes()))
        return one, two

    assert [lines(document) for document in asyncio.run(both())] == [lines(expected)] * 2


def test_a_closed_reader_says_so(scan: Path) -> None:
    with Reader(threads=1) as opened:
        pages = opened.pages(scan)
    opened.close()
    for use in (lambda: opened.read(scan), lambda: next(pages), lambda: opened.read_lines([])):
        with pytest.raises(RuntimeError, match="the reader is closed"):
            use()


def test_what_cannot_be_read_is_named(reader: Reader, scan: Path, tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="away"):
        reader.read(tmp_path / "away.tif")
    with pytest.raises(InputUnreadable, match=r"^document is neither an image nor a PDF"):
        reader.read(b"Dear Sir")
    with pytest.raises(InputUnreadable, match="0 x 5 pixels"):
        reader.read(np.zeros((5, 0), np.uint8))
    with pytest.raises(TypeError, match="float32"):
        reader.read(np.zeros((5, 5), np.float32))
    with pytest.raises(ValueError, match="not \\[5, 5, 2\\]"):
        reader.read(np.zeros((5, 5, 2), np.uint8))
    with pytest.raises(TypeError, match="binary mode"), scan.with_suffix(".txt").open("w+", encoding="utf-8") as file:
        reader.read(file)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot read a int"):
        reader.read([1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="cannot read a NoneType"):
        reader.read(None)  # type: ignore[arg-type]


def test_limits_hold_in_memory_too(first: Image.Image) -> None:
    with Reader(threads=1, limits={"max_pixels": 1000}) as small:
        for image in (first, np.asarray(first.convert("L"))):
            with pytest.raises(InputTooLarge, match="700 x 300 pixels, over the limit of 1000"):
                small.read(image)


def test_the_keywords_are_the_keys_of_the_configuration(tmp_path: Path) -> None:
    assert Options.__annotations__.keys() == {*ReadingConfig.model_fields, "preset"}
    file = tmp_path / "c.yaml"
    file.write_text("threads: 3\nprecision: bf16\n", encoding="utf-8")
    config = configured(file, {"threads": 2, "limits": Limits(max_pages=5)})
    assert (config.threads, config.precision, config.limits.max_pages) == (2, "bf16", 5)
    assert config.model_fields_set == {"threads", "precision", "limits"}
    assert configured(config, {}) is config
    preset, keys = next(iter(PRESETS.items()))
    key, value = next(iter(keys.items()))
    assert getattr(configured(file, {"preset": preset}), key) == (3 if key == "threads" else value)
    with pytest.raises(ConfigInvalid, match="did you mean 'recognizer'"):
        Reader(recogniser="nano")  # type: ignore[call-arg]
