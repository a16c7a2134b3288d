"""The loop: read badly, correct in the browser, tune, prove, install, read well; and what is refused on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein
from tests.evaluate.compare.chromium import chromium, executable
from tests.tune.conftest import Archive
from tests.tune.pages import write_scans
from tests.view.browser import Browser
from tests.view.conftest import Client

from nordocr.cli.app import main
from nordocr.config import ReadingConfig
from nordocr.correct import load_corrected
from nordocr.data.labels import read_labels, write_labels
from nordocr.results import Document
from nordocr.tune.judge import HELD_OUT
from nordocr.view.desk import Desk
from nordocr.view.intake import results_of
from nordocr.view.routes import Routes
from nordocr.view.server import Server, running

SHORT = [
    *("--set", "optimiser.steps=20"),
    *("--set", "validation.every=20"),
    *("--set", "batch.lines_per_step=16"),
    *("--set", "batch.workers=0"),
    *("--set", "data.1.synth.curriculum=[[0,28]]"),
]
"""A tuning of seconds: nothing but its length differs."""

Truth = Mapping[str, Sequence[str]]


def run(*arguments: str) -> None:
    """A command that must succeed."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert not ended.value.code, arguments


def cer(model: str, scans: Path, output: Path, truth: Truth) -> float:
    """Pages read by the command line, without the language model: edits by characters of the truth."""
    run(
        "process", str(scans), "-o", str(output), "--format", "json", "--recognizer", model, "--no-lm", "--threads", "1"
    )
    edits = characters = 0
    for name, lines in truth.items():
        read = Document.model_validate_json((output / f"{name}.json").read_text(encoding="utf-8"))
        text, wanted = "\n".join(line.text for line in read.pages[0].lines), "\n".join(lines)
        edits, characters = edits + Levenshtein.distance(text, wanted), characters + len(wanted)
    return edits / characters


def in_the_browser(server: Server, truth: Truth, profile: Path) -> None:
    """Correct every line by the keyboard: type over what is wrong, Enter where it is right."""
    with chromium(profile) as tab:
        browser = Browser(tab, server.url)
        for number, lines in enumerate(truth.values()):
            browser.until(f"document.getElementById('documents').value === '{number}'")
            for place, text in enumerate(lines, start=1):
                browser.until(f"document.getElementById('text').getAttribute('aria-label') === 'Text of line {place}'")
                if browser.text() != text:
                    browser.tab.js("document.getElementById('text').select()")
                    browser.type(text)
                browser.press("Enter")  # to the next line, behind the last one of the next page or document
        browser.saved()
        assert tab.errors == []


def by_requests(server: Server, truth: Truth, profile: Path) -> None:
    """Correct every line as the page's requests do, where there is no browser."""
    client = Client(server)
    for number, (name, lines) in enumerate(truth.items()):
        held = client.get(f"api/{number}/pages/0")["page"]["lines"]
        assert len(held) == len(lines)
        put = [
            {"id": line["id"], "expect": line["revision"], "text": text, "state": "corrected", "bbox": line["bbox"]}
            for line, text in zip(held, lines, strict=True)
        ]
        edit = {"id": f"e-{name}", "kind": "text", "page_index": 0, "put": put, "who": ""}
        assert client.post(f"api/{number}/edits", edit)[0] == 200
    client.connection.close()


@pytest.mark.slow
@pytest.mark.timeout(3000)  # half a minute of processor time
@pytest.mark.parametrize("correct", [in_the_browser, by_requests])
def test_corrected_lines_halve_the_errors_on_other_pages(
    correct: Callable[[Server, Truth, Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if correct is in_the_browser and executable() is None:
        pytest.skip("Chromium is not installed")
    if correct is by_requests and executable() is not None:
        pytest.skip("the loop runs in Chromium here")
    monkeypatch.setenv("NORDOCR_MODELS", str(tmp_path / "models"))
    scans, others = tmp_path / "scans", tmp_path / "others"
    truth = write_scans(scans, [f"letter-{number}" for number in range(5)], 8, 21)
    wanted = write_scans(others, ["other-0", "other-1"], 8, 22)
    before = cer("nano", others, tmp_path / "before", wanted)
    assert before > 0.15, "the face must be one that nano reads badly"

    results = results_of([scans], ReadingConfig(threads=1))
    with Desk(results, ReadingConfig(threads=1), who="ann") as desk, running(Server(Routes(desk))) as server:
        correct(server, truth, tmp_path / "profile")
    for path in results:
        said = [(line.text, line.who) for _, line in load_corrected(path).document.labelled()]
        assert said == [(text, "ann") for text in truth[path.stem]]

    lines, name = tmp_path / "lines", "letters"
    run("data", "from-results", str(scans), "-o", str(lines))
    rows = read_labels(lines).rows
    assert sorted(row.text for row in rows) == sorted(text for texts in truth.values() for text in texts)
    assert {(row.source, row.who) for row in rows} == {(document, "ann") for document in truth}
    capsys.readouterr()

    tuning = ["--yes", "--guard-lines", "50", "--threads", "1", *SHORT]
    run("tune", str(lines), "--name", name, "-o", str(tmp_path / "run"), *tuning)
    told = capsys.readouterr().out
    assert "The tuned model is better than nano." in told
    assert f"Installed as {name}: {tmp_path / 'models' / 'letters.onnx'}" in told
    report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert set(report["sets"]) == {HELD_OUT, "clean", "scans"}
    assert not any(c["standing"] == "worse" for kind in ("clean", "scans") for c in report["sets"][kind]["checks"][:4])
    held = {row.source for row in read_labels(tmp_path / "run" / "lines" / HELD_OUT).rows}
    trained = {row.source for row in read_labels(tmp_path / "run" / "lines" / "corrected").rows}
    assert held
    assert not held & trained

    assert cer(name, others, tmp_path / "after", wanted) <= before / 2


def test_too_few_lines_and_a_used_folder_are_refused(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = archive("few", 3, 5, 23)
    with pytest.raises(SystemExit, match="11"):
        main(["tune", str(few), "-o", str(tmp_path / "run")])
    assert "15 corrected lines are too few" in capsys.readouterr().err
    # The folder is that tuning's now: with one line less it is another.
    rows = read_labels(few).rows
    write_labels(few, rows[1:])
    with pytest.raises(SystemExit, match="14"):
        main(["tune", str(few), "-o", str(tmp_path / "run")])
    assert "holds a tuning of another model or of other lines" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="14"):
        main(["tune", str(few), "-o", str(few)])
    with pytest.raises(SystemExit, match="2"):
        main(["tune", str(few), "--yes"])
