from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein
from tests.evaluate.paper import Paper, call, cut_short, lines_of, no_rings, truth_json, write

from nordocr.cli.compare import compare
from nordocr.errors import DataInvalid, InputMissing, UsageError
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.evaluate.scoring.units import normalise
from nordocr.jsontext import load_json


@pytest.fixture
def results(tmp_path: Path, paper: Paper) -> tuple[Path, Path, Path]:
    """SVTRv2's and Tesseract's results, and the truth."""
    svtr = write(tmp_path / "svtrv2_result.json", lines_of(paper, cut_short, shift=3))
    tess = write(tmp_path / "tess_result.json", lines_of(paper, no_rings, shift=-2))
    return svtr, tess, write(tmp_path / "truth" / "report.json", truth_json(paper))


def compared(paper: Paper, output: Path, *arguments: str | Path) -> dict[str, Any]:
    result = call(compare, [paper.file, "--output", output, *arguments])
    if result.exception is not None:
        raise result.exception
    found: dict[str, Any] = json.loads((output / "comparison.json").read_text(encoding="utf-8"))
    return found


def test_figures_are_those_counted_by_hand(tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]) -> None:
    svtr, tess, truth = results
    found = compared(paper, tmp_path / "out", "--svtrv2", svtr, "--tess", tess, "--reference", truth)
    assert (found["regions"], found["referenced"], found["spurious"], found["notes"]) == (36, 36, 0, [])
    texts = [text for page in paper.pages for text, _ in page]
    for name, path in (("svtrv2", svtr), ("tess", tess)):
        read = [
            line["text"] for page in json.loads(path.read_text(encoding="utf-8"))["pages"] for line in page["lines"]
        ]
        exact = [normalise(a) == normalise(b) for a, b in zip(texts, read, strict=True)]
        edits = [Levenshtein.distance(normalise(a), normalise(b)) for a, b in zip(texts, read, strict=True)]
        metrics = found["engines"][name]["metrics"]
        assert metrics["exact"] == sum(exact) / 36
        assert metrics["edits"] == sum(edits)
        assert [line["edits"][name] for line in found["lines"]] == edits
        assert found["engines"][name]["seconds"] == {"recognize": 1.5}
    (pair,) = found["pairs"]
    both = [pair[key] for key in ("both", "only_first", "only_second", "neither")]
    assert sum(both) == 36 and both[0] + both[1] == round(36 * found["engines"]["svtrv2"]["metrics"]["exact"])
    assert sum(sum(row.values()) for row in pair["classes"].values()) == 36
    assert sum(found["verdicts"].values()) == 36
    assert [page["regions"] for page in found["by_page"]] == [12, 12, 12]
    assert found["engines"]["svtrv2"]["metrics"]["taxonomy"]["right_truncation"] > 3
    rings = pair["differences"]["letters"]["Å"]
    assert rings["occurrences"] == "".join(texts).count("Å") > 5
    assert rings["second"] == "".join(read).count("Å") / rings["occurrences"] < 1


def test_every_output_is_there_and_the_reference_can_be_read_again(
    tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]
) -> None:
    svtr, tess, truth = results
    first = compared(paper, tmp_path / "a", "--svtrv2", svtr, "--tess", tess, "--reference", truth.parent)
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [
        "comparison.json",
        "lines.tsv",
        "reference.tsv",
        "report.html",
    ]
    second = compared(
        paper, tmp_path / "b", "--svtrv2", svtr, "--tess", tess, "--reference", tmp_path / "a" / "reference.tsv"
    )
    assert first["engines"] == second["engines"] and first["pairs"] == second["pairs"]
    rows = (tmp_path / "a" / "lines.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 37 and len({row.count("\t") for row in rows}) == 1


def test_the_table_of_lines_by_hand(tmp_path: Path, paper: Paper) -> None:
    truth, read = truth_json(paper), truth_json(paper)
    lines = read["pages"][0]["lines"]
    lines[0] |= {"text": "Års\tx", "confidence": 0.25}
    lines.append({"text": "fläck", "bbox": {"x": 700, "y": 5, "width": 30, "height": 9}})
    files = [write(tmp_path / f"{name}.json", value) for name, value in (("read", read), ("truth", truth))]
    compared(paper, tmp_path / "out", "--engine", f"one={files[0]}", "--reference", files[1])
    rows = [line.split("\t") for line in (tmp_path / "out" / "lines.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == [
        *("document", "page", "x", "y", "width", "height", "verdict", "reference"),
        *("one_text", "one_confidence", "one_class", "one_edits"),
    ]
    text, (x, y, w, h) = paper.pages[0][0]
    edits = Levenshtein.distance(text, "Års x")
    assert rows[1] == ["report.tif", "1", *map(str, (x, y, w, h)), "tie", text, "Års x", "0.2500", "major", str(edits)]
    assert rows[13] == ["report.tif", "1", "700", "5", "30", "9", "spurious", "", "fläck", "", "", ""]
    assert rows[14][:2] == ["report.tif", "2"] and rows[14][6] == "all right"
    places = (tmp_path / "out" / "reference.tsv").read_text(encoding="utf-8").splitlines()
    assert len(places) == 37 and places[1].split("\t") == ["report.tif", "1", *map(str, (x, y, w, h)), text]


def test_without_a_reference_there_is_agreement_alone(
    tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]
) -> None:
    svtr, tess, _ = results
    found = compared(paper, tmp_path / "out", "--svtrv2", svtr, "--tess", tess)
    (agreement,) = found["agreement"]
    same = sum(line["texts"]["svtrv2"] == line["texts"]["tess"] for line in found["lines"])
    assert agreement["both"] == 36 and agreement["identical"] == same < 36
    assert found["referenced"] == 0 and found["pairs"] == [] and found["engines"]["tess"]["metrics"] is None


def test_three_engines(tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]) -> None:
    svtr, tess, truth = results
    found = compared(
        paper, tmp_path / "out", "--svtrv2", svtr, "--tess", tess, "--engine", f"perfect={truth}", "--reference", truth
    )
    assert [(p["first"], p["second"]) for p in found["pairs"]] == [
        ("svtrv2", "tess"),
        ("svtrv2", "perfect"),
        ("tess", "perfect"),
    ]
    assert found["engines"]["perfect"]["metrics"]["exact"] == 1.0
    assert found["none_right"] == 0
    difference = found["pairs"][1]["differences"]["rates"]["exact"]
    assert difference["value"] > 0 and difference["interval"]["low"] > 0


def test_pages_and_lines_that_lack_are_counted_and_named(tmp_path: Path, paper: Paper) -> None:
    few, many, truth = truth_json(paper), truth_json(paper), truth_json(paper)
    del few["pages"][2]
    del few["pages"][0]["lines"][4]
    many["pages"].append({**many["pages"][0], "page_index": 9})
    del truth["pages"][1]
    truth["pages"][0]["lines"][0]["text"] = ""
    del truth["pages"][0]["lines"][11]
    files = [
        write(tmp_path / f"{name}.json", value) for name, value in (("few", few), ("many", many), ("truth", truth))
    ]
    found = compared(paper, tmp_path / "out", "--svtrv2", files[0], "--tess", files[1], "--reference", files[2])
    notes = "\n".join(found["notes"])
    assert "svtrv2: 1 of 3 pages are not there (report.tif page 3); their regions count as missed." in notes
    assert "tess: 1 pages with 12 lines are not in the files (report.tif page 10)" in notes
    assert "The reference: 1 of 3 pages are not there (report.tif page 2); their regions have no reference." in notes
    assert "1 regions without text" in notes
    assert found["engines"]["svtrv2"]["missed"] == 13
    assert (found["referenced"], found["unreferenced"], found["spurious"]) == (23, 24, 1)
    assert found["engines"]["svtrv2"]["metrics"]["taxonomy"]["missed"] == 13
    assert found["engines"]["tess"]["metrics"]["taxonomy"]["spurious"] == 1


def test_an_empty_result_misses_everything_and_says_so(
    tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]
) -> None:
    _, tess, truth = results
    empty = write(tmp_path / "empty.json", {"source": "report.tif", "pages": [], "engine": {}})
    found = compared(paper, tmp_path / "out", "--svtrv2", empty, "--tess", tess, "--reference", truth)
    assert found["engines"]["svtrv2"]["missed"] == 36 and found["engines"]["svtrv2"]["metrics"]["exact"] == 0
    assert "svtrv2: there is no line on any page." in found["notes"]
    with pytest.raises(DataInvalid, match="no line to compare"):
        compared(paper, tmp_path / "none", "--svtrv2", empty)


def test_other_page_sizes_are_scaled_and_named(tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]) -> None:
    _, tess, truth = results
    half = truth_json(paper)
    for page in half["pages"]:
        page["width"], page["height"] = page["width"] // 2, page["height"] // 2
        for line in page["lines"]:
            line["bbox"] = {key: value // 2 for key, value in line["bbox"].items()}
    found = compared(
        paper, tmp_path / "out", "--svtrv2", write(tmp_path / "half.json", half), "--tess", tess, "--reference", truth
    )
    assert found["engines"]["svtrv2"]["metrics"]["exact"] == 1.0
    assert sum("were scaled" in note for note in found["notes"]) == 3


def test_a_verified_sample_corrects_a_bad_reference(tmp_path: Path, paper: Paper) -> None:
    truth = write(tmp_path / "truth.json", truth_json(paper))
    bad = write(
        tmp_path / "bad.json",
        lines_of(paper, lambda text, dice: text.replace(" ", "") if dice.random() < 0.5 else text),
    )
    found = compared(
        paper, tmp_path / "out", "--svtrv2", truth, "--tess", truth, "--reference", bad, "--verified", truth
    )
    sample = found["verified"]
    assert sample["regions"] == 36 and sample["unmatched"] == 0
    wrong = sample["metrics"]["reference"]["taxonomy"]["space_only"]
    assert wrong > 8 and sample["exact"]["svtrv2"]["by_reference"] == pytest.approx(1 - wrong / 36)
    assert sample["exact"]["svtrv2"]["corrected"] == pytest.approx(1.0)
    assert found["doubt"] == {"regions": wrong, "of": 36, "classes": {"space_only": wrong}}
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f"<td>space only</td><td>{wrong}</td>" in report.partition("the reference, alone")[2]


def test_each_result_file_is_parsed_once(
    tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counting(text: str) -> Any:
        parsed.append(text)
        return load_json(text)

    monkeypatch.setattr("nordocr.evaluate.documents.readings.load_json", counting)
    svtr, tess, truth = results
    assert (
        call(
            compare, [paper.file, "-o", tmp_path / "o", "--svtrv2", svtr, "--tess", tess, "--reference", truth]
        ).exit_code
        == 0
    )
    assert len(parsed) == len(set(parsed)) == 3


def test_the_console_shows_every_class_with_its_share_of_the_failures(
    tmp_path: Path, paper: Paper, results: tuple[Path, Path, Path]
) -> None:
    svtr, tess, truth = results
    options = ["--svtrv2", svtr, "--tess", tess, "--reference", truth]
    stdout = call(compare, [paper.file, "-o", tmp_path / "o", *options]).stdout
    shown = stdout.partition("Beside the guide")[0].splitlines()
    found = json.loads((tmp_path / "o" / "comparison.json").read_text(encoding="utf-8"))["engines"]
    for kind in ErrorClass:
        (row,) = [line.split() for line in shown if line.split()[:1] == [str(kind)]]
        expected = []
        for name in ("svtrv2", "tess"):
            metrics = found[name]["metrics"]
            lines, failures = metrics["taxonomy"][kind], 36 - metrics["taxonomy"]["exact"]
            expected += [str(lines), "–" if kind == "exact" else f"{100 * lines / failures:.1f}"]
        assert row[1:] == expected
    report = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    cut = found["svtrv2"]["metrics"]["taxonomy"]["right_truncation"]
    failures = 36 - found["svtrv2"]["metrics"]["taxonomy"]["exact"]
    assert f"<td>right truncation</td><td>{cut}</td><td>{100 * cut / failures:.1f}</td>" in report
    assert f"<td>all failures</td><td>{failures}</td><td>100.0</td>" in report


@pytest.mark.parametrize(
    ("arguments", "failure", "said"),
    [
        ([], UsageError, "nothing to compare"),
        (["--engine", "x"], UsageError, "NAME=RESULT"),
        (["--tess", "gone.json"], InputMissing, "gone.json"),
        (["--tess", "gone.json", "--engine", "tess=a.json"], UsageError, "two readers"),
        (["--tess", "gone.json", "--reference", "vlm"], UsageError, "--vlm-url"),
        (["--tess", "gone.json", "--vlm-model", "m"], UsageError, "--vlm-url"),
        (["--tess", "gone.json", "--threads", "2"], UsageError, "--threads has no effect without --engines"),
        (["--tess", "gone.json", "--tess-lang", "swe"], UsageError, "--tess-lang has no effect"),
        (["--tess", "gone.json", "--no-lm"], UsageError, "--no-lm has no effect"),
        (["--tess", "gone.json", "--model", "gone.onnx"], UsageError, "--recognizer has no effect"),
        (["--tess", "gone.json", "--runtime", "onnx"], UsageError, "--runtime has no effect"),
        (["--tess", "gone.json", "--config", "gone.yaml"], InputMissing, "gone.yaml"),
        (["--tess", "gone.json", "--password-file", "gone.txt"], InputMissing, "gone.txt"),
        (["--tess", "gone.json", "--workers", "2"], UsageError, "--workers has no effect without --reference vlm"),
        (["--tess", "gone.json", "--reference", "t.json", "--vlm-url", "http://h"], UsageError, "--vlm-url has no"),
        (["--engines", "svtrv2", "--reference", "gone.json"], InputMissing, "gone.json"),
        (["--engines", "svtrv2", "--verified", "gone.tsv"], InputMissing, "gone.tsv"),
    ],
)
def test_what_does_not_fit_together_is_one_sentence(
    tmp_path: Path, paper: Paper, arguments: list[str], failure: type[Exception], said: str
) -> None:
    with pytest.raises(failure, match=said):
        compared(paper, tmp_path / "out", *arguments)
