"""What is opened: results as they are, scans read first, and never over another file."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from nordocr.config import ReadingConfig
from nordocr.correct import Store
from nordocr.correct.scan import find_scan
from nordocr.errors import InputMissing, InputUnreadable, UsageError
from nordocr.results import read_result
from nordocr.view import intake
from nordocr.view.desk import Desk


class FakeReader:
    """Stands for the reader, which has tests of its own."""

    read: ClassVar[list[str]] = []

    def __init__(self, config: ReadingConfig) -> None:
        pass

    def close(self) -> None:
        pass

    def stream(self, source: Path, on_page: Any, on_error: Any) -> Any:
        from tests.view.conftest import document

        from nordocr.api import Document, Page

        held = document()
        self.read.append(source.name)
        for page in held.pages:
            on_page(Page.model_construct(**dict(page)))
        return Document.model_construct(**{**dict(held), "pages": [], "source": str(source)})


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(intake, "Reader", FakeReader)
    monkeypatch.setattr(FakeReader, "read", [])
    return FakeReader.read


def test_a_scan_is_read_once_and_its_result_kept_beside_it(result: Path, reading: list[str]) -> None:
    scan = result.with_suffix(".tif")
    assert intake.results_of([scan], ReadingConfig()) == [result] and not reading
    result.unlink()
    told: list[tuple[str, int]] = []
    assert intake.results_of([scan], ReadingConfig(), on_page=lambda *seen: told.append(seen)) == [result]
    assert reading == ["scan.tif"] and told == [("scan.tif", 1), ("scan.tif", 2)]
    assert len(read_result(result).pages) == 2
    assert intake.results_of([scan, result], ReadingConfig()) == [result] and len(reading) == 1


def test_folders_and_corrections_lead_to_results(result: Path, reading: list[str]) -> None:
    with Store(result, read_result(result)):
        assert intake.results_of([result.parent], ReadingConfig()) == [result]
        assert intake.results_of([result.with_name("scan.corrected.json")], ReadingConfig()) == [result]
        assert intake.results_of([result.with_name("scan.corrected.journal")], ReadingConfig()) == [result]
    (result.parent / "empty").mkdir()
    with pytest.raises(InputMissing, match="no result and no scan"):
        intake.results_of([result.parent / "empty"], ReadingConfig())
    with pytest.raises(InputMissing, match="no file or folder"):
        intake.results_of([result.parent / "absent.tif"], ReadingConfig())


def test_nothing_is_written_over(result: Path, reading: list[str]) -> None:
    other = result.with_suffix(".png")
    other.write_bytes(b"another scan of that name")
    with pytest.raises(UsageError, match=r"is the result of scan\.tif"):
        intake.results_of([other], ReadingConfig())
    result.write_text(json.dumps({"mine": 1}), encoding="utf-8")
    with pytest.raises(UsageError, match="in the way and no result"):
        intake.results_of([other], ReadingConfig())
    out = result.parent / "out"
    assert intake.results_of([other], ReadingConfig(), out) == [out / "scan.json"]


def test_a_desk_closes_what_it_opened_when_a_later_result_is_none(result: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    with pytest.raises(InputUnreadable):
        Desk([result, bad], ReadingConfig())
    Desk([result], ReadingConfig()).close()


def test_text_can_be_corrected_without_the_scan(result: Path) -> None:
    result.with_suffix(".tif").unlink()
    with Desk([result], ReadingConfig()) as desk:
        assert desk.documents[0].origin is None
        with pytest.raises(InputMissing, match="--images"):
            desk.picture(0, 0)


def test_where_a_scan_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "results").mkdir()
    beside = tmp_path / "results" / "a.json"
    inside = tmp_path / "images" / "a.tif"
    inside.touch()
    assert find_scan("C:\\scans\\a.tif", beside, tmp_path / "images") == inside
    assert find_scan("/elsewhere/a.tif", beside) is None
    assert find_scan(str(inside), beside) == inside
    (tmp_path / "a.tif").touch()
    assert find_scan("x/a.tif", beside) == tmp_path / "a.tif"
    assert find_scan("", beside) is None


@pytest.mark.skipif(os.name != "posix", reason="the end by a signal is POSIX's")
def test_the_command_prints_its_address_and_ends_in_order(result: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "nordocr", "view", str(result), "--no-browser"], stdout=subprocess.PIPE, encoding="utf-8"
    )
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{24}/\n", first)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM
    assert sorted(path.name for path in result.parent.iterdir()) == ["scan.json", "scan.tif"]
