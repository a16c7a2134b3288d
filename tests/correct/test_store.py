"""Corrections are kept beside the result, and an acknowledged edit is there whatever happens after it."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from nordocr.correct import Conflict, Edit, Store, corrected_path, journal_path, load_corrected
from nordocr.correct import store as store_module
from nordocr.errors import DataInvalid, InputMissing, OutputUnwritable, UsageError
from nordocr.results import BBox, Document, Engine, Line, Page

ENGINE = Engine(name="onnx", recognizer="nano", detector="morphology", nordocr="0")


def line(number: int) -> Line:
    return Line(
        text=f"Rad {number}", confidence=0.9, bbox=BBox(x=10, y=40 * number, width=200, height=30),
        char_confidences=[0.9] * 5,
    )  # fmt: skip


@pytest.fixture
def result(tmp_path: Path) -> Path:
    pages = [Page(page_index=i, width=400, height=600, lines=[line(n) for n in range(1, 5)]) for i in range(3)]
    path = tmp_path / "report.json"
    path.write_text(Document(source="report.tif", pages=pages, engine=ENGINE).model_dump_json(), encoding="utf-8")
    return path


def opened(path: Path) -> Store:
    return Store(path, Document.model_validate_json(path.read_bytes()))


def text(name: str, edit: str, new: str, *, page: int = 0, line: str = "r1", expect: int = 0) -> Edit:
    box = BBox(x=10, y=40 * (1 + int(line[1:])), width=200, height=30)
    change = {"id": line, "expect": expect, "text": new, "state": "corrected", "bbox": box.model_dump()}
    return Edit.model_validate({"id": edit, "page_index": page, "put": [change], "who": name, "when": "2026-01-01"})


def test_an_edit_is_on_the_disk_when_it_is_acknowledged(result: Path) -> None:
    original = result.read_bytes()
    with opened(result) as store:
        page = store.apply(text("ann", "e1", "Rad två"))
        assert [one.text for one in page.lines] == ["Rad 1", "Rad två", "Rad 3", "Rad 4"]
        # Nothing is closed yet: another process would read this.
        read = load_corrected(result).document
        assert read == store.corrected() and read.edits == 1
        (held,) = read.pages
        assert (held.lines[1].text, held.lines[1].read, held.lines[1].who) == ("Rad två", "Rad 2", "ann")
        assert [one.state for one in held.lines] == ["untouched", "corrected", "untouched", "untouched"]
        assert [found.id for _, found in read.labelled()] == ["r1"]
    assert not journal_path(result).exists()
    assert load_corrected(corrected_path(result)).document == read
    assert result.read_bytes() == original


def test_nothing_is_left_where_nothing_was_edited(result: Path) -> None:
    with opened(result) as store:
        assert store.numbers() == [0, 1, 2] and store.page(2).lines[3].id == "r3"
    assert [path.name for path in result.parent.iterdir()] == ["report.json"]
    with pytest.raises(InputMissing, match="nobody has corrected"):
        load_corrected(result)


def test_work_goes_on_after_closing_and_after_a_result_that_was_read_anew(result: Path) -> None:
    with opened(result) as store:
        store.apply(text("ann", "e1", "Rad två"))
    document = Document.model_validate_json(result.read_bytes())
    anew = document.model_copy(update={"pages": [p.model_copy(update={"lines": []}) for p in document.pages]})
    result.write_text(anew.model_dump_json(), encoding="utf-8")
    with opened(result) as store:
        assert [one.text for one in store.page(0).lines] == ["Rad 1", "Rad två", "Rad 3", "Rad 4"]
        assert store.page(1).lines == []
        store.apply(text("bo", "e2", "Rad II", expect=1))
        assert store.edits == 2


def test_the_second_of_two_edits_of_a_line_is_a_conflict(result: Path) -> None:
    with opened(result) as store:
        store.apply(text("ann", "e1", "Anns"))
        with pytest.raises(Conflict, match="changed this line"):
            store.apply(text("bo", "e2", "Bos"))
        store.apply(text("bo", "e3", "Bos", line="r2"))
        texts = [one.text for one in store.apply(text("bo", "e4", "Bos", expect=1)).lines]
        assert texts == ["Rad 1", "Bos", "Bos", "Rad 4"]


def test_an_edit_that_comes_twice_is_made_once(result: Path) -> None:
    with opened(result) as store:
        first = store.apply(text("ann", "e1", "Anns"))
        assert store.apply(text("ann", "e1", "Anns")) == first and store.edits == 1
    with opened(result) as store:
        store.apply(text("ann", "e2", "A", expect=1))
        assert store.changed_since(1) == [0] and store.changed_since(2) == []


def halves(**changed: Any) -> dict[str, Any]:
    box = {"x": 10, "y": 40, "height": 30}
    new = [
        {"id": name, "text": part, "state": "corrected", "bbox": box | {"x": x, "width": 90}, "moved": True}
        for name, part, x in (("na", "Rad", 10), ("nb", "1", 110))
    ]
    edit = {"id": "s", "kind": "split", "page_index": 0, "put": new, "remove": [{"id": "r0", "expect": 0}],
            "order": ["na", "nb", "r1", "r2", "r3"], "expect_order": 0}  # fmt: skip
    return edit | changed


def test_lines_are_split_and_their_order_guarded(result: Path) -> None:
    with opened(result) as store:
        page = store.apply(Edit.model_validate(halves()))
        assert [one.id for one in page.lines] == ["na", "nb", "r1", "r2", "r3"] and page.order == 1
        assert page.lines[0].moved and page.text.startswith("Rad\n1\n")
        with pytest.raises(Conflict, match="added, removed or reordered"):
            store.apply(Edit.model_validate(halves(id="again")))
        with pytest.raises(Conflict, match="removed this line"):
            store.apply(text("bo", "e", "late", line="r0"))


@pytest.mark.parametrize(
    "edit",
    [
        halves(order=["na", "nb", "r1", "r2"]),
        halves(order=None, expect_order=None, put=[]),
        halves(put=[{"id": "na", "text": "", "state": "seen", "bbox": {"x": 390, "y": 0, "width": 11, "height": 5}}]),
        halves(put=halves()["put"] + halves()["put"]),
    ],
)
def test_edits_without_sense_are_refused_and_leave_nothing(result: Path, edit: dict[str, Any]) -> None:
    with opened(result) as store:
        with pytest.raises(UsageError):
            store.apply(Edit.model_validate(edit))
        assert store.edits == 0 and not journal_path(result).read_bytes()


def test_a_line_break_is_no_text() -> None:
    with pytest.raises(ValueError, match="no line break"):
        text("ann", "e", "two\nlines")
    assert text("ann", "e", "a\u030angström").put[0].text == "ångström"


def test_two_processes_never_write_one_result(result: Path) -> None:
    with opened(result), pytest.raises(OutputUnwritable, match="Another process"):
        opened(result)
    opened(result).close()


def test_many_threads_lose_nothing(result: Path) -> None:
    with opened(result) as store:

        def work(number: int) -> None:
            for turn in range(10):
                while True:
                    seen = store.page(0).lines[1]
                    try:
                        new = f"{seen.text}."
                        store.apply(text("t", f"{number}-{turn}-{seen.revision}", new, expect=seen.revision))
                        break
                    except Conflict:
                        continue

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.page(0).lines[1].text == "Rad 2" + "." * 40
    assert load_corrected(result).document.pages[0].lines[1].revision == 40


def test_a_torn_end_is_passed_over_and_a_torn_middle_is_not(result: Path) -> None:
    store = opened(result)
    store.apply(text("ann", "e1", "one"))
    whole = journal_path(result).read_bytes()
    store.apply(text("ann", "e2", "two", expect=1))
    both = journal_path(result).read_bytes()
    store._closing.close()  # as if killed
    for torn in (both[:-1], both[:-20] + b"\0" * 19 + b"\n", whole + b'{"number"'):
        journal_path(result).write_bytes(torn)
        assert load_corrected(result).document.pages[0].lines[1].text == "one"
        with opened(result) as again:
            again.apply(text("ann", "e3", "three", expect=1))
        assert load_corrected(result).document.pages[0].lines[1].text == "three"
        corrected_path(result).unlink()
    journal_path(result).write_bytes(whole[:-9] + b"\0\n" + both[len(whole) :])
    with pytest.raises(DataInvalid, match="Line 1 of"):
        load_corrected(result)


def test_a_kill_between_snapshot_and_journal_makes_no_edit_twice(result: Path) -> None:
    store = opened(result)
    store.apply(text("ann", "e1", "one"))
    journal = journal_path(result).read_bytes()
    store.close()
    journal_path(result).write_bytes(journal)
    with opened(result) as again:
        assert again.edits == 1 and again.page(0).lines[1].revision == 1


def test_a_full_disk_is_said_and_changes_nothing(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(result) as store:
        store.apply(text("ann", "e1", "one"))
        before = journal_path(result).read_bytes()
        real, calls = os.fsync, []

        def full(handle: int) -> None:
            calls.append(handle)
            if len(calls) == 1:
                raise OSError(28, "No space left on device")
            real(handle)

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputUnwritable, match="No space left"):
            store.apply(text("ann", "e2", "two", expect=1))
        assert journal_path(result).read_bytes() == before and store.page(0).lines[1].text == "one"
        assert store.apply(text("ann", "e2", "two", expect=1)).lines[1].text == "two"


def write_until_killed(result: Path, acknowledge: int) -> None:
    store_module._FOLDED_AFTER = 7  # type: ignore[misc]
    store = opened(result)
    while True:
        held = store.page(1).lines[0]
        new = f"turn {held.revision + 1}"
        page = store.apply(text("ann", f"k{store.edits}", new, page=1, line="r0", expect=held.revision))
        os.write(acknowledge, b"%d\n" % page.lines[0].revision)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked, which costs a hundredth of a start")
def test_killed_at_random_no_acknowledged_edit_is_lost(result: Path) -> None:
    dice, last = random.Random(21), 0
    for _ in range(20):
        acknowledged, acknowledge = os.pipe()
        process = os.fork()
        if not process:
            try:
                write_until_killed(result, acknowledge)
            finally:
                os._exit(1)
        os.close(acknowledge)
        with os.fdopen(acknowledged, "rb") as output:
            first = output.readline()
            time.sleep(dice.uniform(0.0, 0.03))
            os.kill(process, signal.SIGKILL)
            rows = (first + output.read()).split(b"\n")[:-1]
        assert os.waitpid(process, 0)[1] == signal.SIGKILL
        held = load_corrected(result).document.pages[0].lines[0]
        assert int(rows[0]) == last + 1  # what the one before had written is what this one began with
        last = held.revision
        assert last >= int(rows[-1]) and held.text == f"turn {last}"
