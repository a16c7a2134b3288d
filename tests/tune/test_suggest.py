"""Which lines are worth correcting: each sign by itself, and a batch whose lines are not alike."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.tune.conftest import Archive

from nordocr.cli.app import main
from nordocr.correct.pages import CorrectedDocument, page_of_result
from nordocr.data.labels import read_labels
from nordocr.errors import InputMissing, InputUnreadable, UsageError
from nordocr.evaluate.lines.predict import read_crop
from nordocr.recognize.bundled import bundled_model
from nordocr.recognize.onnx import OnnxRecognizer
from nordocr.results import BBox, Document, Engine, Line, Page
from nordocr.tune.suggest.candidates import Candidate, from_results, read_results
from nordocr.tune.suggest.choose import farthest_first
from nordocr.tune.suggest.features import FeatureReader
from nordocr.tune.suggest.run import suggest_lines, suggest_results, table, write_chosen
from nordocr.tune.suggest.value import disagreement, uncertainty, values


def line(text: str, sure: float = 0.99, other: str | None = None, margin: float | None = None) -> Candidate:
    return Candidate("letter", "1", 1, "", text, sure, (sure,) * len(text), margin, other)


def test_the_signs_of_a_line() -> None:
    assert uncertainty(Candidate("a", None, 1, "", "ab", 0.5, (0.5, 0.98))) == pytest.approx(1 - 0.49**0.5)
    assert uncertainty(Candidate("a", None, 1, "", "ab", 0.8)) == pytest.approx(0.2)
    assert disagreement(line("abcd", other="abxd")) == pytest.approx(0.25)
    assert disagreement(line("a  b", other="a b")) == 0.0
    assert disagreement(line("abcd")) == 0.0


def test_unsure_disputed_and_rare_lines_are_worth_more_and_say_why() -> None:
    pool = [line("den stora staden vid sjön och andra städer") for _ in range(60)]
    marked = [
        line("den stora staden", sure=0.6),
        line("den stora staden", other="den stera stadn"),
        line("þat stora staden"),
        line("den stora staden", margin=0.05),
    ]
    found = values([*pool, *marked])
    plain = found[0].score
    unsure, disputed, rare, narrow = found[-4:]
    assert all(value.score > plain + 0.02 for value in (unsure, disputed, rare, narrow))
    assert not found[0].reasons
    assert unsure.reasons == ("confidence 0.60",)
    assert disputed.reasons == ("engines differ by 12 %",)
    assert rare.reasons == ("rare 'þ'",)
    assert narrow.reasons == ("margin 0.05",)


def test_what_cannot_be_read_at_all_is_worth_less_than_what_half_can() -> None:
    hopeless, half = values([line("xqjz", sure=0.02), line("Stad", sure=0.6)])
    assert half.score > hopeless.score


def test_a_batch_takes_from_every_cluster_before_it_takes_alike_lines() -> None:
    rng = np.random.default_rng(1)
    centres = np.eye(6, dtype=np.float32)[:3]
    vectors = []
    for number in range(30):
        vector = centres[0 if number < 24 else 1 if number < 27 else 2] + rng.normal(0, 0.01, 6).astype(np.float32)
        vectors.append((vector / np.linalg.norm(vector)).astype(np.float32))
    chosen = [place for place, _ in farthest_first([0.5] * 30, vectors, 3)]
    assert {0 if place < 24 else 1 if place < 27 else 2 for place in chosen} == {0, 1, 2}
    # A line that looks like what is corrected already is not asked for again.
    known = [vectors[0], vectors[24]]
    assert farthest_first([0.5] * 30, vectors, 1, known)[0][0] >= 27
    # Among lines that are equally far the more valuable one comes first.
    assert farthest_first([0.5] * 29 + [0.9], vectors, 1, known)[0][0] == 29
    assert len({place for place, _ in farthest_first([0.5] * 30, vectors, 99)}) == 30


def test_without_images_documents_take_turns() -> None:
    worth = [0.9] * 10 + [0.8] * 10
    documents = ["bad scan"] * 10 + ["other"] * 10
    chosen = [place for place, _ in farthest_first(worth, [None] * 20, 6, (), documents)]
    assert {documents[place] for place in chosen[:2]} == {"bad scan", "other"}


def test_the_reader_reads_what_the_engine_reads(archive: Archive) -> None:
    crops = [read_crop(row.image) for row in read_labels(archive("plain", 2, 5, 3)).rows]
    reader = FeatureReader(bundled_model("nano"), threads=1)
    seen = reader.read(crops)
    engine = OnnxRecognizer(bundled_model("nano"), threads=1)
    for ours, theirs in zip(seen, engine.read(crops), strict=True):
        assert ours.text == theirs.text
        assert ours.confidence == pytest.approx(theirs.confidence, abs=1e-4)
        assert 0.0 <= ours.margin <= max(ours.characters)
        assert np.linalg.norm(ours.vector) == pytest.approx(1.0, abs=1e-5)
    engine.close()


def test_lines_of_a_face_unlike_the_others_are_asked_for(archive: Archive, tmp_path: Path) -> None:
    plain, lean = archive("plain", 4, 10, 3), archive("lean", 1, 6, 4, 0.6)
    reader = FeatureReader(bundled_model("nano"), threads=1)
    chosen, lines = suggest_lines([plain, lean], 6, reader)
    assert len(lines) == 46
    assert sum(one.line.document.startswith("lean") for one in chosen) >= 3
    assert write_chosen(chosen, tmp_path / "next") == 6
    rows = read_labels(tmp_path / "next").rows
    assert [row.text for row in rows] == [" ".join(one.line.text.split()) for one in chosen if one.line.text]


def result(texts: list[str], source: str = "scans/letter.tif", sure: float = 0.9) -> Document:
    lines = [
        Line(text=text, confidence=sure, bbox=BBox(x=10, y=50 * n, width=200, height=40))
        for n, text in enumerate(texts)
    ]
    page = Page(page_index=0, width=300, height=900, lines=lines)
    return Document(source=source, pages=[page], engine=Engine(name="x", recognizer="x", detector="x", nordocr="0"))


def test_results_of_two_engines_are_laid_upon_each_other_by_their_boxes(tmp_path: Path) -> None:
    ours, theirs = result(["Summa", "Malmö"]), result(["Malmo"])
    theirs.pages[0].lines[0].bbox.y = 55
    found = list(from_results([(Path("a.json"), ours)], [(Path("b/other.json"), theirs)]))
    assert [(one.document, one.page, one.line, one.other) for one in found] == [
        ("letter", "1", 1, None),
        ("letter", "1", 2, "Malmo"),
    ]
    for name, document in {"ours": ours, "theirs": theirs}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "letter.json").write_text(document.model_dump_json(), encoding="utf-8")
    (tmp_path / "ours" / "notes.json").write_text("{}", encoding="utf-8")
    chosen, _ = suggest_results([tmp_path / "ours"], 1, others=[tmp_path / "theirs" / "letter.json"])
    assert (chosen[0].line.text, chosen[0].reasons) == ("Malmö", ("engines differ by 20 %",))
    with pytest.raises(InputUnreadable, match="not a result"):
        read_results([tmp_path / "ours" / "notes.json"])
    with pytest.raises(InputMissing):
        read_results([tmp_path / "away.json"])
    with pytest.raises(UsageError, match="Only lines of folders"):
        write_chosen(chosen, tmp_path / "next")


def test_a_tab_in_a_text_does_not_break_the_table(tmp_path: Path) -> None:
    (tmp_path / "letter.json").write_text(result(["a\tb", "cd"]).model_dump_json(), encoding="utf-8")
    chosen, _ = suggest_results([tmp_path / "letter.json"], 2)
    rows = [row.split("\t") for row in table(chosen).splitlines()]
    assert {len(row) for row in rows} == {8}


def test_the_command_prints_lines_or_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, sure in {"good": 0.99, "bad": 0.55}.items():
        document = result(["den ena raden", "den andra raden"], f"{name}.tif", sure)
        (tmp_path / f"{name}.json").write_text(document.model_dump_json(), encoding="utf-8")
    with pytest.raises(SystemExit, match="0"):
        main(["data", "suggest", str(tmp_path), "-n", "1"])
    header, row = capsys.readouterr().out.splitlines()
    assert header.split("\t")[:4] == ["rank", "document", "page", "line"]
    assert row.split("\t")[1] == "bad"
    with pytest.raises(SystemExit, match="0"):
        main(["data", "suggest", str(tmp_path), "-n", "2", "--documents"])
    assert [row.split("\t")[1] for row in capsys.readouterr().out.splitlines()[1:]] == ["bad", "good"]
    with pytest.raises(SystemExit, match="0"):
        main(["data", "suggest", str(tmp_path), "-n", "2", "-o", str(tmp_path / "next.json")])
    values_ = json.loads((tmp_path / "next.json").read_text(encoding="utf-8"))
    assert [value["rank"] for value in values_] == [1, 2]


def test_with_the_scans_at_hand_lines_are_seen_as_reading_saw_them(repository: Path, tmp_path: Path) -> None:
    from nordocr.config import ReadingConfig
    from nordocr.pages import Selection
    from nordocr.pipeline.preparation import Preparation
    from nordocr.pipeline.reader import Reader

    scan = repository / "src" / "nordocr" / "demo" / "nordic-report.tif"
    config = ReadingConfig(threads=1, lm="none")
    engine = OnnxRecognizer(bundled_model("nano"), threads=1)
    with Reader(config, engine) as reading:
        document = reading.document(scan, Selection(((2, 2),)))
    (tmp_path / "report.json").write_text(document.model_dump_json(), encoding="utf-8")
    reader = FeatureReader(bundled_model("nano"), threads=1)
    _, lines = suggest_results([tmp_path / "report.json"], 3, scans=[scan], reader=reader)
    [page] = Preparation(config).pages(scan, engine, Selection(((2, 2),)))
    counts = Counter(one.text for one in lines)
    seen = {one.text: one.vector for one in reader.read(page.crops)}
    found = [one for one in lines if counts[one.text] == 1 and one.text in seen and one.vector is not None]
    assert len(found) > 20
    assert all(np.allclose(one.vector, seen[one.text], atol=1e-5) for one in found)  # type: ignore[arg-type]


def test_lines_that_a_person_has_worked_on_are_not_suggested_again(tmp_path: Path) -> None:
    document = result(["den ena", "den andra", "den tredje"], sure=0.5)
    path = tmp_path / "letter.json"
    path.write_text(document.model_dump_json(), encoding="utf-8")
    page = page_of_result(document.pages[0])
    page.lines[0] = page.lines[0].model_copy(update={"state": "seen"})
    del page.lines[2]  # it was no line
    corrected = CorrectedDocument(source=document.source, engine=document.engine, pages=[page])
    (tmp_path / "letter.corrected.json").write_text(corrected.model_dump_json(), encoding="utf-8")
    chosen, lines = suggest_results([tmp_path], 9)
    assert [one.text for one in lines] == ["den andra"]
    assert len(chosen) == 1
