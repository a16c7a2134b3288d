"""A batch with real processes; the recogniser and the detector are doubles, so that pages cost nothing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.batch.doubles import BRIEF, DEADLY, SLOW, page, settings

from many.killing import results
from nordocr.batch.journal import Journal
from nordocr.batch.options import BatchOptions, Progress, failure_of
from nordocr.batch.run import Batch
from nordocr.errors import EngineUnavailable, ModelMissing, UsageError


def rows(output: Path) -> dict[str, tuple[str, str, int]]:
    base = sqlite3.connect(output / "journal.sqlite")
    found = base.execute("SELECT input, state, error_class, attempts FROM documents").fetchall()
    base.close()
    return {Path(name).name: (state, kind, attempts) for name, state, kind, attempts in found}


def run(source: Path, output: Path, **options: object) -> Progress:
    return Batch([str(source)], settings(), BatchOptions(output, **options)).run()  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine good documents among one that kills its worker, a slow one and a broken one."""
    folder = tmp_path_factory.mktemp("hostile")
    for i in range(8):
        page(folder / f"good-{i}.png", shade=10 * i)
    page(folder / "deadly.png", DEADLY)
    page(folder / "slow.png", SLOW)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    page(folder / "two.tif", pages=2)
    return folder


@pytest.fixture(scope="module")
def first(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Progress]:
    output = tmp_path_factory.mktemp("out")
    told: list[str] = []
    batch = Batch(
        [str(hostile), str(hostile / "not there")],
        settings(),
        BatchOptions(output, ["json", "text"], workers=2, limit=4.0),
        on_failure=lambda address, outcome: told.append(Path(address).name),
    )
    progress = batch.run()
    assert sorted(told) == ["broken.png", "deadly.png", "slow.png"]
    return output, progress


def test_one_bad_document_never_costs_another(first: tuple[Path, Progress]) -> None:
    output, progress = first
    found = rows(output)
    good = {name: state for name, (state, *_) in found.items() if name.startswith(("good", "two"))}
    assert set(good.values()) == {"done"} and len(good) == 9
    assert found["broken.png"][:2] == ("failed", "InputUnreadable")
    assert found["slow.png"][:2] == ("failed", "TimeLimit")
    assert found["deadly.png"] == ("skipped", "WorkerKilled", 2)
    assert (progress.documents, progress.failed, progress.aside, progress.pages) == (9, 2, 1, 10)
    assert type(failure_of(progress)).__name__ == "InputMissing"
    assert len(results(output)) == 18
    assert not list(output.rglob("*.part"))
    one = next(output.glob("*/good-3-*.json"))
    document = json.loads(one.read_text(encoding="utf-8"))
    assert document["source"].endswith("good-3.png")
    assert document["timing"] == {}
    assert document["pages"][0]["lines"][0]["text"].startswith("200 ")


def test_called_again_it_reads_nothing_and_starts_no_worker(
    first: tuple[Path, Progress], hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordocr.batch.run.Pool", None)
    progress = run(hostile, first[0], formats=("json", "text"))
    assert (progress.documents, progress.listed.done, progress.listed.left) == (0, 9, 3)
    with pytest.raises(UsageError, match="another format"):
        run(hostile, first[0], formats=("json",))


def test_a_changed_input_and_what_failed_are_read_again_when_asked(tmp_path: Path) -> None:
    page(tmp_path / "in" / "a.png")
    page(tmp_path / "in" / "b.png", DEADLY)
    assert run(tmp_path / "in", tmp_path / "out").aside == 1
    page(tmp_path / "in" / "a.png", 300)
    page(tmp_path / "in" / "b.png", 200)  # its size differs too, or --retry-failed would be needed
    progress = run(tmp_path / "in", tmp_path / "out", retry_failed=True)
    assert (progress.documents, progress.aside) == (2, 0)
    assert {name: state for name, (state, *_) in rows(tmp_path / "out").items()} == {"a.png": "done", "b.png": "done"}


def test_a_document_with_a_failed_page_is_written_but_not_done(tmp_path: Path) -> None:
    whole = page(tmp_path / "in" / "half.tif", pages=2).read_bytes()
    offset = int.from_bytes(whole[4:8], "little")
    entries = int.from_bytes(whole[offset : offset + 2], "little")
    second = int.from_bytes(whole[offset + 2 + 12 * entries :][:4], "little")
    damaged = bytearray(whole)
    for place in range(second + 2, second + 2 + 12 * int.from_bytes(whole[second : second + 2], "little"), 12):
        if int.from_bytes(whole[place : place + 2], "little") in {256, 257}:  # the second page says it is 0 pixels wide
            damaged[place + 8 : place + 12] = bytes(4)
    (tmp_path / "in" / "half.tif").write_bytes(damaged)
    progress = run(tmp_path / "in", tmp_path / "out")
    assert (progress.documents, progress.failed, progress.pages) == (0, 1, 1)
    assert rows(tmp_path / "out")["half.tif"][:2] == ("failed", "InputUnreadable")
    (written,) = (tmp_path / "out").glob("*/half-*.json")
    pages = json.loads(written.read_text(encoding="utf-8"))["pages"]
    assert [bool(p.get("error")) for p in pages] == [False, True]


def test_drained_it_finishes_what_it_has_begun_and_goes_on_later(tmp_path: Path) -> None:
    for i in range(12):
        page(tmp_path / "in" / f"{i}.png", BRIEF, shade=i)
    batch = Batch([str(tmp_path / "in")], settings(at_once=1), BatchOptions(tmp_path / "out"))
    batch._on_progress = lambda progress: batch.drain() if progress.documents else None
    progress = batch.run()
    assert 0 < progress.documents < 12
    assert {state for state, *_ in rows(tmp_path / "out").values()} == {"done"}
    with Journal(tmp_path / "out" / "journal.sqlite") as journal:
        assert journal.totals()["done"][0] == progress.documents
    assert run(tmp_path / "in", tmp_path / "out").documents == 12 - progress.documents
    assert len(results(tmp_path / "out")) == 12


@pytest.mark.slow
def test_workers_are_replaced_when_they_have_grown(tmp_path: Path) -> None:
    for i in range(3):
        page(tmp_path / "in" / f"{i}.png", shade=i)
    options = BatchOptions(tmp_path / "out", workers=1, memory=1)
    progress = Batch([str(tmp_path / "in")], settings(at_once=1), options).run()
    assert (progress.documents, progress.replaced) == (3, 3)


@pytest.mark.slow
def test_what_keeps_every_worker_from_its_work_is_said_once(tmp_path: Path) -> None:
    page(tmp_path / "in" / "a.png")
    with pytest.raises(ModelMissing):
        Batch([str(tmp_path / "in")], settings(open_recognizer=_missing), BatchOptions(tmp_path / "out")).run()
    with pytest.raises(EngineUnavailable, match="before they are ready"):
        Batch([str(tmp_path / "in")], settings(open_recognizer=_dying), BatchOptions(tmp_path / "out")).run()


def _missing(config: object) -> object:
    raise ModelMissing("There is no model.")


def _dying(config: object) -> object:
    os._exit(3)


_RUN = """
if __name__ == "__main__":
    import sys
    from pathlib import Path
    from nordocr.batch.options import BatchOptions
    from nordocr.batch.run import Batch
    from tests.batch.doubles import settings

    Batch([sys.argv[1]], settings(), BatchOptions(Path(sys.argv[2]), workers=2)).run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_in_the_middle_it_loses_nothing(tmp_path: Path, repository: Path) -> None:
    for i in range(16):
        page(tmp_path / "in" / f"{i:02}.png", BRIEF, shade=i)
    (tmp_path / "run.py").write_text(_RUN, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path / "in"), str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(repository / "src"), str(repository)])}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    until = time.monotonic() + 60
    while len(list((tmp_path / "out").glob("*/*.json"))) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = len(list((tmp_path / "out").glob("*/*.json")))
    assert 4 <= killed < 16
    assert run(tmp_path / "in", tmp_path / "out").documents >= 16 - killed
    run(tmp_path / "in", tmp_path / "undisturbed")
    assert len(results(tmp_path / "undisturbed")) == 16
    assert results(tmp_path / "out") == results(tmp_path / "undisturbed")
    assert {state for state, *_ in rows(tmp_path / "out").values()} == {"done"}
