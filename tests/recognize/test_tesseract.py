from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, UsageError
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.tesseract import TesseractRecognizer, find_tessdata, paper_tone, with_margin

Gray = npt.NDArray[np.uint8]


def line(text: str, paper: int = 255, ink: int = 0) -> Gray:
    """A crop cut close around ``text``."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_COMPLEX, 1.2, 2)
    image = np.full((height + below + 8, width + 8), paper, dtype=np.uint8)
    cv2.putText(image, text, (4, height + 4), cv2.FONT_HERSHEY_COMPLEX, 1.2, ink, 2, cv2.LINE_AA)
    return image


@pytest.fixture(scope="module")
def engine() -> Iterator[TesseractRecognizer]:
    pytest.importorskip("tesserocr")
    try:
        recognizer = TesseractRecognizer("eng")
    except EngineUnavailable as error:
        pytest.skip(str(error))
    with recognizer:
        yield recognizer


def test_lines_are_read_in_order_whatever_their_paper(engine: TesseractRecognizer) -> None:
    texts = ["Summary of accounts", "Total 1942", "The annual report"]
    crops = [line(texts[0]), line(texts[1], paper=170, ink=40), np.dstack([line(texts[2])] * 3)]
    assert [found.text for found in engine.read(crops)] == texts
    assert engine.read([]) == []


def test_confidences_and_words_fit_the_text(engine: TesseractRecognizer) -> None:
    (found,) = engine.read([line("Summary of accounts")])
    assert [word.text for word in found.words] == ["Summary", "of", "accounts"]
    assert len(found.char_confidences) == len(found.text)
    assert all(0.0 <= c <= 1.0 for c in found.char_confidences)
    assert 0.5 < found.confidence <= 1.0
    assert found.confidence == min(word.confidence for word in found.words)
    edges = [edge for word in found.words for edge in (word.left, word.right)]
    assert edges == sorted(edges)
    # The margin is taken off again: the text reaches from one end of the crop to the other.
    assert edges[0] < 0.03 and edges[-1] > 0.97


def test_the_text_is_tesseracts_own(engine: TesseractRecognizer) -> None:
    import tesserocr

    crop = line("No. 12, 13 (a-b) & co: 50%")
    image = with_margin(crop, 10)
    with tesserocr.PyTessBaseAPI(path=str(find_tessdata(None, ["eng"])), lang="eng", psm=7, oem=1) as api:
        api.SetImageBytes(image.tobytes(), image.shape[1], image.shape[0], 1, image.shape[1])
        expected = api.GetUTF8Text().strip()
    assert engine.read([crop])[0].text == expected


def test_blank_paper_is_an_empty_line_of_no_confidence(engine: TesseractRecognizer) -> None:
    (found,) = engine.read([np.full((40, 300), 255, dtype=np.uint8)])
    assert (found.text, found.words, found.confidence) == ("", (), 0.0)
    (tiny,) = engine.read([np.zeros((1, 1), dtype=np.uint8)])
    assert tiny.text == "" or 0.0 <= tiny.confidence <= 1.0


def test_threads_read_the_same(engine: TesseractRecognizer) -> None:
    crops = [line(f"Number {i} of many") for i in range(8)]
    with TesseractRecognizer("eng", threads=3) as many:
        assert many.read(crops) == engine.read(crops)


def test_what_it_says_of_itself(engine: TesseractRecognizer) -> None:
    assert (engine.name, engine.model, len(engine.model_sha256)) == ("tesseract", "eng", 64)
    assert int(engine.version.split(".")[0]) >= 5


def test_a_closed_engine_is_closed() -> None:
    pytest.importorskip("tesserocr")
    try:
        recognizer = open_recognizer("tesseract", ReadingConfig(tess_lang="eng", threads=1))
    except EngineUnavailable as error:
        pytest.skip(str(error))
    recognizer.close()
    recognizer.close()
    with pytest.raises(RuntimeError, match="closed"):
        recognizer.read([line("x")])


def test_a_missing_language_names_its_package(tmp_path: Path) -> None:
    (tmp_path / "swe.traineddata").write_bytes(b"")
    with pytest.raises(EngineUnavailable, match="tesseract-ocr-chi-sim") as caught:
        find_tessdata(tmp_path, ["swe", "chi_sim"])
    assert "tesseract-ocr-swe" not in str(caught.value) and "\n" not in str(caught.value)


def test_damaged_data_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("tesserocr")
    (tmp_path / "swe.traineddata").write_bytes(b"nothing of the kind")
    with pytest.raises(EngineUnavailable, match="cannot load swe"):
        TesseractRecognizer("swe", tessdata=tmp_path)


def test_languages_that_are_none() -> None:
    pytest.importorskip("tesserocr")
    with pytest.raises(UsageError, match=r"swe\+eng"):
        TesseractRecognizer("swe+")


def test_the_prefix_of_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "swe.traineddata").write_bytes(b"")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert find_tessdata(None, ["swe"]) == tmp_path


def test_without_tesserocr_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    with pytest.raises(EngineUnavailable, match=r"nordocr\[tesseract\]"):
        TesseractRecognizer("eng")


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (180, 60), (128, 127)])
def test_the_margin_has_the_papers_tone(paper: int, ink: int) -> None:
    crop = line("Mmmmmmm", paper, ink)
    crop[0, :5] = 255  # specks brighter than paper do not matter
    assert paper_tone(crop) == paper
    framed = with_margin(crop, 10)
    assert framed.shape == (crop.shape[0] + 20, crop.shape[1] + 20)
    assert (framed[:10] == paper).all() and (framed[:, -10:] == paper).all()
    assert (framed[10:-10, 10:-10] == crop).all()
    assert (with_margin(crop, 0) == crop).all()
