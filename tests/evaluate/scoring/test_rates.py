"""A figure that is added to the list of rates is everywhere at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tests.evaluate.paper import Paper, call, cut_short, lines_of, no_rings, truth_json, write

from nordocr.cli.compare import compare
from nordocr.evaluate.compare.gate import gate
from nordocr.evaluate.scoring.metrics import Metrics, Pair, score
from nordocr.evaluate.scoring.rates import RATES, Columns, Rate
from nordocr.evaluate.scoring.table import ScoredTable


def last_letter(table: ScoredTable) -> Columns:
    """Lines that end as their reference does: what a recogniser that cuts lines short loses."""
    same = [bool(r) and r[-1:] == h[-1:] for r, h in zip(table.references, table.hypotheses, strict=True)]
    return np.array(same, dtype=np.int64), np.ones(len(table), dtype=np.int64)


def test_a_new_rate_is_everywhere(tmp_path: Path, paper: Paper) -> None:
    rate = Rate("same_end", "same end", "ends alike", last_letter, larger_is_better=True, tolerance=0.1, goal=True)
    RATES.append(rate)
    try:
        metrics = score([("Summa", "Summ"), ("Summa", "Summa")] * 5)
        assert metrics.rate("same_end") == 0.5 and "same_end" in metrics.intervals
        again = Metrics.model_validate_json(metrics.to_json())
        assert again == metrics and again.rate("same_end") == 0.5 and again.rate("unknown") is None
        svtr = write(tmp_path / "a.json", lines_of(paper, cut_short))
        tess = write(tmp_path / "b.json", lines_of(paper, no_rings))
        truth = write(tmp_path / "t.json", truth_json(paper))
        options = ["--svtrv2", svtr, "--tess", tess, "--reference", truth, "-o", tmp_path / "o"]
        shown = call(compare, [paper.file, *options])
        found = json.loads((tmp_path / "o" / "comparison.json").read_text(encoding="utf-8"))
        assert found["engines"]["tess"]["metrics"]["same_end"] == 1.0
        assert found["pairs"][0]["differences"]["rates"]["same_end"]["second"] == 1.0
        assert "ends alike" in shown.stdout
        report = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
        assert "<th>ends alike %</th>" in report and "<td>same end</td>" in report
        decision = gate([Pair("Summa", "Summ")] * 300, [Pair("Summa", "Summa")] * 300)
        assert [check.name for check in decision.checks if check.name == "same_end"] == ["same_end"]
    finally:
        RATES.remove(rate)
