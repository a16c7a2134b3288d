"""Three-way comparison: the guide's command, what it writes, and its table of errors beside ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.evaluate.paper import Paper, call, crops_of, cut_short, lines_of, no_rings, paper, truth_json, write
from tests.evaluate.referee.vlm_server import Behaviour, serving

from nordocr.cli.compare import compare
from nordocr.errors import UsageError
from nordocr.evaluate.compare.guide import GUIDE, beside_guide
from nordocr.evaluate.scoring.metrics import score
from nordocr.evaluate.scoring.table import Pair
from nordocr.evaluate.scoring.taxonomy import ErrorClass

__all__ = ["paper"]


@pytest.fixture
def results(tmp_path: Path, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The guide's ``--svtrv2`` and ``--tess``, as ``benchmark`` leaves their files, in the working folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("NORDOCR_VLM_URL", "NORDOCR_VLM_MODEL", "NORDOCR_VLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path / "svtrv2_result.json", lines_of(paper, cut_short))
    write(tmp_path / "tess_result.json", lines_of(paper, no_rings))
    write(tmp_path / "truth.json", truth_json(paper))
    return ["--svtrv2", "svtrv2_result.json", "--tess", "tess_result.json"]


def test_output_3way_json_is_that_file_with_a_report_beside_it(tmp_path: Path, results: list[str]) -> None:
    done = call(compare, [*results, "--output", "3way.json", "--reference", "truth.json"])
    assert done.exception is None, done.output
    assert sorted(path.name for path in (tmp_path / "3way").iterdir()) == [
        "comparison.json",
        "lines.tsv",
        "reference.tsv",
        "report.html",
    ]
    found = json.loads((tmp_path / "3way.json").read_text(encoding="utf-8"))
    assert found == json.loads((tmp_path / "3way" / "comparison.json").read_text(encoding="utf-8"))
    assert (found["referenced"], list(found["engines"])) == (36, ["svtrv2", "tess"])
    assert "Wrote 3way.json" in done.stdout


def test_a_configured_vlm_is_the_reference_where_no_truth_is_given(
    tmp_path: Path, paper: Paper, results: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = crops_of(paper, write(tmp_path / "again.json", lines_of(paper, lambda text, _: text)))
    with serving(Behaviour(truth)) as url:
        monkeypatch.setenv("NORDOCR_VLM_URL", url)
        monkeypatch.setenv("NORDOCR_VLM_MODEL", "m")
        done = call(compare, [*results, "--output", "3way.json", "--workers", "4"])
    assert done.exception is None, done.output
    found = json.loads(Path("3way.json").read_text(encoding="utf-8"))
    assert found["reference"] == "m" and found["referee"]["asked"] == 36
    # Truth that is given is not overruled by what the environment says, and nobody is asked.
    done = call(compare, [*results, "--output", "again.json", "--reference", "truth.json"])
    assert done.exception is None, done.output
    assert json.loads(Path("again.json").read_text(encoding="utf-8"))["reference"] == "truth.json"


def test_without_a_vlm_its_options_are_refused_and_pages_must_be_known(tmp_path: Path, results: list[str]) -> None:
    done = call(compare, [*results, "--output", "3way.json", "--workers", "4"])
    assert isinstance(done.exception, UsageError) and "--workers" in str(done.exception)
    held = json.loads(Path("tess_result.json").read_text(encoding="utf-8"))
    write(tmp_path / "tess_result.json", held | {"source": "elsewhere.tif"})
    done = call(compare, [*results, "--output", "3way.json"])
    assert isinstance(done.exception, UsageError) and "elsewhere.tif" in str(done.exception)
    assert not Path("3way.json").exists()


def test_every_class_has_its_share_of_the_failures_beside_the_guides(results: list[str]) -> None:
    done = call(compare, [*results, "--output", "3way.json", "--reference", "truth.json"])
    shown = {cells[0]: cells[1:] for cells in map(_cells, done.stdout.partition("Beside the guide's")[2].splitlines())}
    metrics = json.loads(Path("3way.json").read_text(encoding="utf-8"))["engines"]["svtrv2"]["metrics"]
    failures = metrics["lines"] - metrics["taxonomy"]["exact"]
    for kind in ErrorClass:
        if kind is not ErrorClass.EXACT:
            lines = metrics["taxonomy"].get(kind, 0)
            assert shown[kind.replace("_", " ")][0] == f"{lines} ({100 * lines / failures:.1f} %)"
    assert shown["right truncation"][2] == "27 (12.5 %)" and shown["leading garbage"][2] == "13 (6.0 %)"
    assert shown["exact %"][2:] == ["75.3", "79.0"] and shown["CER %"][2:] == ["5.46", "5.38"]
    page = Path("3way/report.html").read_text(encoding="utf-8")
    table = page.partition("Beside the guide&#x27;s table")[2] or page.partition("Beside the guide's table")[2]
    assert "guide: SVTRv2-B, 768 px" in table and "27 (12.5 %)" in table and shown["minor"][0] in table


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().split("  ") if cell.strip()] or [""]


def test_the_guides_figures_are_those_of_its_table() -> None:
    svtr, tess = GUIDE
    assert (svtr.exact, svtr.space_insensitive, svtr.cer, svtr.lines) == (0.753, 0.855, 0.0546, 875)
    assert (tess.exact, tess.space_insensitive, tess.cer) == (0.790, 0.905, 0.0538)
    assert svtr.failures == 216  # of 875, 659 exact: 75.3 %
    assert svtr.count(ErrorClass.SPACE_ONLY) == 748 - 659
    assert svtr.count(ErrorClass.MINOR) is tess.count(ErrorClass.RIGHT_TRUNCATION) is None


def test_a_set_without_failures_divides_by_nothing() -> None:
    head, rows = beside_guide({"all right": score([Pair("a", "a")], resamples=0)})
    assert head[1] == "all right" and {row[0]: row[1] for row in rows}["minor"] == "0"
