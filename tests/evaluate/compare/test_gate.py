from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluate.paper import WORDS, Paper, call, cut_short, lines_of, no_rings, truth_json, write

from nordocr.cli.compare import compare
from nordocr.cli.gate import gate as verb
from nordocr.data.labels import LabelRow
from nordocr.errors import DataInvalid, InputMissing, UsageError
from nordocr.evaluate.compare.gate import REFUSED, GateReport, gate
from nordocr.evaluate.compare.gate_input import gate_input
from nordocr.evaluate.documents.readings import read_readings
from nordocr.evaluate.lines.outputs import predictions_table
from nordocr.evaluate.lines.predict import Prediction
from nordocr.evaluate.scoring.metrics import Pair
from nordocr.evaluate.scoring.taxonomy import ErrorClass

Change = Callable[[str, random.Random], str]


def pairs(change: Change, seed: int, lines: int = 600) -> list[Pair]:
    texts, dice = random.Random(0), random.Random(seed)
    truth = [" ".join(texts.choices(WORDS, k=texts.randint(1, 6))) for _ in range(lines)]
    return [Pair(t, change(t, dice), None, "d", str(i // 15)) for i, t in enumerate(truth)]


def noisy(share: float) -> Change:
    def change(text: str, dice: random.Random) -> str:
        at = dice.randrange(len(text))
        return text[:at] + "?" + text[at + 1 :] if dice.random() < share else text

    return change


def right(text: str, _: random.Random) -> str:
    return text


def standing(report: GateReport, name: str) -> str:
    return next(check.standing for check in report.checks if check.name == name)


def test_a_surely_better_engine_passes() -> None:
    report = gate(pairs(noisy(0.3), 1), pairs(noisy(0.1), 2))
    assert report.allowed and standing(report, "exact") == standing(report, "cer") == "better"
    assert report.unit == "pages" and report.units == 40
    assert "MAY replace" in report.words()


def test_the_same_engine_and_a_worse_one_do_not() -> None:
    same = pairs(noisy(0.2), 1)
    assert not gate(same, same).allowed and "could be noise" in gate(same, same).reasons[0]
    worse = gate(pairs(noisy(0.1), 2), pairs(noisy(0.3), 1))
    assert not worse.allowed and standing(worse, "exact") == "worse" and "noise" not in worse.words()


def test_noise_promotes_hardly_ever() -> None:
    """Two engines of equal quality: 2.5 % would be promoted by chance through one goal, at most 5 % through two."""
    allowed = sum(gate(pairs(noisy(0.2), s, 300), pairs(noisy(0.2), 1000 + s, 300)).allowed for s in range(40))
    assert allowed <= 4


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("right_truncation", lambda text, dice: text[:-3] if dice.random() < 0.03 and len(text) > 12 else text),
        ("leading_garbage", lambda text, dice: "e" + text if dice.random() < 0.03 else text),
        ("ä", lambda text, dice: text.replace("ä", "a") if dice.random() < 0.15 else text),
        ("Å", lambda text, dice: text.replace("Å", "A") if dice.random() < 0.15 else text),
    ],
)
def test_a_gain_does_not_buy_a_loss_that_hurts(name: str, spoil: Change) -> None:
    report = gate(pairs(noisy(0.6), 1), pairs(spoil, 2))
    assert standing(report, "exact") == "better"
    assert not report.allowed
    assert [check.name for check in report.checks if not check.passed] == [name]


def test_a_letter_that_is_rare_is_named_and_not_decided() -> None:
    def with_one_ring(change: Change, seed: int) -> list[Pair]:
        held = pairs(change, seed)
        return [*held[:-1], Pair("Þingvellir", "Pingvellir" if seed == 2 else "Þingvellir", None, "d", "99")]

    report = gate(with_one_ring(noisy(0.4), 1), with_one_ring(right, 2))
    assert report.allowed and standing(report, "Þ") == "too few to tell"
    assert any("Þ" in reason for reason in report.reasons)


@pytest.mark.parametrize(
    ("occurrences", "lost", "expected"),
    [(100, 3, "looks worse"), (100, 2, "no worse"), (50, 2, "no worse"), (201, 4, "no worse"), (100, 0, "no worse")],
)
def test_a_letter_looks_worse_by_its_tolerance_and_three_occurrences(
    occurrences: int, lost: int, expected: str
) -> None:
    """All losses lie on one page, so that nothing about the letter is sure."""

    def with_thorns(change: Change, seed: int, lose: int) -> list[Pair]:
        thorns = [
            Pair("Þing", "Ping" if i // 40 < lose and i % 40 == 0 else "Þing", None, "d", str(i % 40))
            for i in range(occurrences)
        ]
        return [*pairs(change, seed), *thorns]

    lines = [with_thorns(noisy(0.6), 1, 0), with_thorns(right, 2, lost)]
    spoiled = [i for i, pair in enumerate(lines[1]) if pair.hypothesis == "Ping"]
    assert len(spoiled) == min(lost, -(-occurrences // 40))
    for extra in range(lost - len(spoiled)):  # the rest of them on the same page
        lines[1][600 + extra + 1] = Pair("Þing", "Ping", None, "d", "0")
        lines[0][600 + extra + 1] = Pair("Þing", "Þing", None, "d", "0")
    report = gate(*lines)
    assert standing(report, "Þ") == expected
    assert report.allowed is (expected == "no worse")


def test_the_limits_themselves() -> None:
    before, after = pairs(noisy(0.9), 1), pairs(right, 2)
    assert gate(before, after, unshared=6).allowed and not gate(before, after, unshared=7).allowed
    assert gate(before, after, fewest_lines=600).allowed and not gate(before, after, fewest_lines=601).allowed
    assert gate(before[:200], after[:200]).allowed and not gate(before[:199], after[:199]).allowed


def test_the_reason_has_the_figures() -> None:
    report = gate(pairs(noisy(0.9), 1), pairs(right, 2), baseline_name="old", candidate_name="new", notes=["A note."])
    check = next(check for check in report.checks if check.name == "exact")
    d = check.difference
    assert d.first is not None and d.value is not None and d.interval is not None
    spread = f"(95 % interval {100 * d.interval.low:+.1f} to {100 * d.interval.high:+.1f})"
    points = f"{100 * d.first:.1f} % to 100.0 %, {100 * d.value:+.1f} points"
    assert check.reason == f"Exact lines surely better: {points} {spread}."
    words = report.words().splitlines()
    assert words[0] == "The candidate (new) MAY replace the baseline (old): 600 lines, intervals over 40 pages."
    assert words[1] == f"- {check.reason}" and words[-1] == "- A note."
    thorn = gate(
        [*pairs(noisy(0.9), 1), Pair("Þ", "Þ", None, "d", "0")], [*pairs(right, 2), Pair("Þ", "Þ", None, "d", "0")]
    )
    assert any("Recall of Þ too few to tell" in reason and "over 1 occurrence." in reason for reason in thorn.reasons)


def test_too_few_lines_and_unshared_lines_refuse() -> None:
    few = gate(pairs(noisy(0.9), 1, 50), pairs(right, 2, 50))
    assert not few.allowed and "50 lines" in few.reasons[0]
    assert not gate([], []).allowed
    unshared = gate(pairs(noisy(0.9), 1), pairs(right, 2), unshared=20)
    assert not unshared.allowed and "20 lines are on one side only" in unshared.reasons[0]


def test_other_references_are_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="same lines"):
        gate(pairs(right, 1), [Pair("x", "x")] * 600)


@pytest.fixture
def files(tmp_path: Path, paper: Paper) -> dict[str, Path]:
    values = {"bad": lines_of(paper, cut_short), "good": truth_json(paper), "rings": lines_of(paper, no_rings)}
    return {name: write(tmp_path / f"{name}.json", value) for name, value in values.items()}


def test_results_with_a_reference(tmp_path: Path, files: dict[str, Path]) -> None:
    few = ["--fewest-lines", "30", "--reference", files["good"]]
    passed = call(verb, ["--baseline", files["bad"], "--candidate", files["good"], *few, "-o", tmp_path / "gate.json"])
    assert passed.exit_code == 0, passed.output
    report = GateReport.model_validate_json((tmp_path / "gate.json").read_text(encoding="utf-8"))
    assert report.allowed and report.lines == 36 and report.words() == passed.stdout
    refused = call(verb, ["--baseline", files["good"], "--candidate", files["bad"], *few])
    assert refused.exit_code == REFUSED and "may NOT replace" in refused.stdout
    assert call(verb, ["--baseline", files["bad"], "--candidate", files["good"], *few[2:]]).exit_code == REFUSED


def test_a_comparison_has_both_engines(tmp_path: Path, paper: Paper, files: dict[str, Path]) -> None:
    options = ["--svtrv2", files["good"], "--tess", files["bad"], "--reference", files["good"], "-o", tmp_path / "c"]
    assert call(compare, [paper.file, *options]).exit_code == 0
    found = tmp_path / "c" / "comparison.json"
    both = ["--baseline", found, "--candidate", found, "--fewest-lines", "30"]
    named = call(verb, [*both, "--baseline-engine", "tess", "--candidate-engine", "svtrv2"])
    assert named.exit_code == 0 and "36 lines" in named.stdout
    assert isinstance(call(verb, both).exception, UsageError)
    assert isinstance(call(verb, [*both, "--baseline-engine", "no"]).exception, UsageError)


def test_evaluations_are_joined_by_their_tables(tmp_path: Path) -> None:
    dice = random.Random(0)
    rows = [(f"{i}.png", " ".join(dice.choices(WORDS, k=3))) for i in range(300)]
    for side, change in (("old", noisy(0.4)), ("new", right)):
        lines = [f"{name}\t{text}\t{change(text, dice)}\t0.9\tx" for name, text in rows]
        lines += ["only.png\tå\tå\t1\texact"] if side == "old" else []
        (tmp_path / side).mkdir()
        table = "\n".join(["filename\ttext\tprediction\tconfidence\tclass", *lines]) + "\n"
        (tmp_path / side / "predictions.tsv").write_text(table, encoding="utf-8")
        write(tmp_path / side / "metrics.json", {"taxonomy": {}, "lines": 300})
    old, new = tmp_path / "old" / "metrics.json", tmp_path / "new" / "metrics.json"
    result = call(verb, ["--baseline", old, "--candidate", new])
    assert result.exit_code == 0, result.output
    assert "1 lines are in the baseline only and not compared (only.png)" in result.stdout
    (tmp_path / "new" / "predictions.tsv").unlink()
    assert isinstance(call(verb, ["--baseline", old, "--candidate", new]).exception, InputMissing)


def test_evaluations_are_judged_over_their_documents(tmp_path: Path) -> None:
    """25 documents of 12 lines: the intervals are those of 25 units, not of 300 lines."""
    paths = []
    for side, change in (("old", noisy(0.4)), ("new", right)):
        dice = random.Random(side)
        lines = []
        for number in range(300):
            text = f"{WORDS[number % len(WORDS)]} resultat {number}"
            row = LabelRow(f"{number}.png", text, tmp_path / "x.png", number + 2, source=f"d{number // 12}", page="1")
            lines.append(Prediction(row, change(text, dice), 0.5, ErrorClass.MAJOR, 300))
        table = predictions_table({"set": lines})
        paths.append(tmp_path / f"{side}.tsv")
        paths[-1].write_text(table, encoding="utf-8")
    found = gate_input(*paths)
    report = gate(found.baseline, found.candidate)
    assert (report.unit, report.units, report.lines) == ("documents", 25, 300)
    assert {(p.source, p.page) for p in found.baseline} == {(f"d{d}", "1") for d in range(25)}


def test_what_cannot_be_compared_is_one_sentence(tmp_path: Path, files: dict[str, Path]) -> None:
    two = ["--baseline", files["bad"], "--candidate", files["good"]]
    assert isinstance(call(verb, two).exception, UsageError)
    assert isinstance(
        call(verb, ["--baseline", tmp_path / "no.json", "--candidate", files["good"]]).exception, InputMissing
    )
    (tmp_path / "odd.json").write_text("{", encoding="utf-8")
    assert isinstance(
        call(verb, ["--baseline", tmp_path / "odd.json", "--candidate", files["good"]]).exception, DataInvalid
    )
    damaged = write(tmp_path / "d.json", {"engines": {"a": {}}, "lines": [json.loads("{}")]})
    assert isinstance(call(verb, ["--baseline", damaged, "--candidate", damaged]).exception, DataInvalid)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"engines": {"a": {}}, "lines": ' + "[" * 50_000,
        '{"engines": {"a": {}}, "lines": [{"document": [], "page": 0, "box": {"x": 1}, "reference": "x"}]}',
        '{"engines": {"a": {}}, "lines": [{"document": "d", "page": 0, "box": {"x": 1}, "reference": 7, '
        '"spurious": false, "texts": {"a": "x"}, "width": 3}]}',
        '{"pages": [{"lines": [{"text": "x", "bbox": [1e999, 0, 1, 1]}]}]}',
        '{"pages": [{"lines": [{"text": "x", "bbox": []}]}]}',
        '{"pages": 7}',
        '{"text": "\\ud800"}',
        "9" * 5000,
        "",
    ],
)
def test_absurd_json_is_a_sentence_that_names_the_file(tmp_path: Path, text: str) -> None:
    absurd = tmp_path / "absurd.json"
    absurd.write_text(text, encoding="utf-8")
    with pytest.raises(DataInvalid, match=r"absurd\.json"):
        gate_input(absurd, absurd, reference=absurd)
    with pytest.raises(DataInvalid, match=r"absurd\.json"):
        read_readings(absurd)
