from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.evaluate.paper import Paper, call

from nordocr.cli.benchmark import benchmark as verb
from nordocr.cli.compare import compare
from nordocr.config import ReadingConfig
from nordocr.errors import InputMissing, ModelMissing, UsageError
from nordocr.evaluate.documents import benchmark as module
from nordocr.evaluate.documents.benchmark import Benchmark, parse_engines
from nordocr.evaluate.documents.memory import peak_memory
from nordocr.recognize.base import Crop, LineText
from nordocr.results import Document


class Counting:
    """An engine that tells crops apart by their size, and reads nothing in every third."""

    def __init__(self, name: str) -> None:
        self.name, self.model, self.model_sha256, self.closed = name, f"{name}.bin", "00", 0

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        assert not self.closed
        texts = [f" {self.name} {crop.shape[1]}x{crop.shape[0]} " if i % 3 else "" for i, crop in enumerate(crops)]
        return [LineText(text, 0.5, (0.5,) * len(text)) for text in texts]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Counting]:
    engines: list[Counting] = []

    def open_one(name: str, config: ReadingConfig, *, shared: bool) -> Counting:
        if name == "none":
            raise ModelMissing("There is no model 'none'.")
        engines.append(Counting(name))
        return engines[-1]

    monkeypatch.setattr(module, "open_recognizer", open_one)
    return engines


def test_every_engine_gets_the_same_regions(tmp_path: Path, paper: Paper, opened: list[Counting]) -> None:
    result = call(verb, [paper.file, "--engines", "svtrv2,tesseract,third=model.onnx", "-o", tmp_path / "out"])
    assert result.exit_code == 0, result.exception
    names = ["svtrv2", "tess", "third"]
    held = {
        name: Document.model_validate_json((tmp_path / "out" / f"{name}_result.json").read_text(encoding="utf-8"))
        for name in names
    }
    boxes = [[[line.bbox for line in page.lines] for page in held[name].pages] for name in names]
    assert boxes[0] == boxes[1] == boxes[2] and sum(map(len, boxes[0])) >= 30
    assert [page.page_index for page in held["tess"].pages] == [0, 1, 2]
    assert held["third"].engine.recognizer == "model.onnx" and held["svtrv2"].engine.recognizer == "nano"
    assert held["tess"].pages[0].lines[1].text.strip().startswith("tesseract ")
    assert set(held["tess"].timing) == {"decode", "detect", "recognize", "total"}
    assert all(engine.closed == 1 for engine in opened)
    summary = Benchmark.model_validate_json((tmp_path / "out" / "benchmark.json").read_text(encoding="utf-8"))
    assert summary.pages == 3 and summary.regions == sum(map(len, boxes[0])) and summary.detect_seconds > 0
    for times in summary.engines.values():
        assert times.lines == summary.regions and times.empty >= summary.regions // 4
        assert times.peak_memory is None or times.peak_memory > 10_000_000


def test_results_go_straight_into_a_comparison(tmp_path: Path, paper: Paper, opened: list[Counting]) -> None:
    second = tmp_path / "copy.tif"
    second.write_bytes(paper.file.read_bytes())
    assert call(verb, [paper.file, second, "-o", tmp_path]).exit_code == 0
    values = json.loads((tmp_path / "svtrv2_result.json").read_text(encoding="utf-8"))
    assert [Path(document["source"]).name for document in values["documents"]] == ["report.tif", "copy.tif"]
    options = [
        "--svtrv2",
        tmp_path / "svtrv2_result.json",
        "--tess",
        tmp_path / "tess_result.json",
        "-o",
        tmp_path / "c",
    ]
    assert call(compare, [paper.file, second, *options]).exit_code == 0
    found = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    (agreement,) = found["agreement"]
    assert agreement["both"] == found["regions"] and found["documents"] == ["report.tif", "copy.tif"]
    assert found["pages"] == 6 and found["notes"] == []


def test_from_pages_to_the_report_in_one_command(tmp_path: Path, paper: Paper, opened: list[Counting]) -> None:
    first = call(compare, [paper.file, "--engines", "svtrv2,tesseract", "-o", tmp_path / "c"])
    assert first.exit_code == 0, first.exception
    written = {path.name for path in (tmp_path / "c").iterdir()}
    assert {"svtrv2_result.json", "tess_result.json", "benchmark.json", "comparison.json", "report.html"} <= written
    twice = call(
        compare, [paper.file, "--engines", "tesseract", "--tess", tmp_path / "c" / "tess_result.json", "-o", tmp_path]
    )
    assert isinstance(twice.exception, UsageError)


def test_names_of_engines() -> None:
    config = ReadingConfig(recognizer="base")
    assert parse_engines("svtrv2, tesseract,runs/best.onnx,old=runs/old.onnx", config) == {
        "svtrv2": "base",
        "tess": "tesseract",
        "best": "runs/best.onnx",
        "old": "runs/old.onnx",
    }
    for wrong in ("", " , ", "=x", "a/b=x", "tesseract,tess=other.onnx"):
        with pytest.raises(UsageError):
            parse_engines(wrong, config)


def test_failures_come_before_the_work(tmp_path: Path, paper: Paper, opened: list[Counting]) -> None:
    gone = call(verb, [tmp_path / "no.tif", "-o", tmp_path / "out"])
    assert isinstance(gone.exception, InputMissing)
    wrong = call(verb, [paper.file, "--engines", "tesseract,none", "-o", tmp_path / "out"])
    assert isinstance(wrong.exception, ModelMissing) and not (tmp_path / "out").exists()


def test_peak_memory_is_plausible() -> None:
    peak = peak_memory()
    assert peak is None or 10_000_000 < peak < 10**12
