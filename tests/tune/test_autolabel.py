"""Labels by agreement: when a line gets one, that a run goes on, and how wrong the labels are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.referee.vlm_server import Behaviour, serving

from nordocr.cli.app import main
from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelRow, read_labels, write_labels
from nordocr.errors import DataInvalid, EngineUnavailable
from nordocr.evaluate.referee.client import referee_settings
from nordocr.recognize.base import Crop
from nordocr.tune.autolabel.agree import Label, Opinion, Rule, decide
from nordocr.tune.autolabel.engines import RapidVoice, VlmVoice
from nordocr.tune.autolabel.measure import measure, wilson
from nordocr.tune.autolabel.run import PROVENANCE, SAMPLE, autolabel, folder_sources


def said(*texts: tuple[str, float | None]) -> list[Opinion]:
    return [Opinion(f"e{number}", text, sure) for number, (text, sure) in enumerate(texts)]


def test_one_engine_labels_what_it_is_sure_of() -> None:
    rule = Rule(agree=1, least=0.95)
    assert decide(said(("Summa  skulder ", 0.96)), rule) == Label("Summa skulder", 0.96, ("e0",))
    assert decide(said(("Summa", 0.94)), rule) is None
    assert decide(said(("", 1.0)), rule) is None
    assert decide(said(("Summa", 0.96), ("Sunma", 0.99)), rule) == Label("Sunma", 0.99, ("e1",))


def test_two_engines_label_what_they_agree_on() -> None:
    rule = Rule(agree=2, least=0.5)
    assert decide(said(("A 1", 0.6), ("A  1", 0.9)), rule) == Label("A 1", 0.9, ("e0", "e1"))
    assert decide(said(("A 1", 0.9), ("A I", 0.9)), rule) is None
    assert decide(said(("A 1", 0.3), ("A 1", 0.4)), rule) is None
    assert decide(said(("A 1", 0.3), ("A 1", None)), rule) is None
    assert decide(said(("A 1", None), ("A 1", None)), rule) == Label("A 1", 1.0, ("e0", "e1"))
    assert decide(said(("A", 0.9), ("B", 0.9), ("A", 0.2)), rule) == Label("A", 0.9, ("e0", "e2"))
    # Two pairs of two opinions: nobody knows which is right.
    assert decide(said(("A", 0.9), ("B", 0.9), ("A", 0.9), ("B", 0.9)), rule) is None


class Fixed:
    """Reads the gray of a crop's first pixel as a text from a list."""

    key = "1"

    def __init__(self, name: str, texts: dict[int, str], sure: float = 0.9) -> None:
        self.name, self.texts, self.sure, self.asked = name, texts, sure, 0

    def read(self, crops: Sequence[Crop]) -> list[Opinion]:
        self.asked += len(crops)
        return [Opinion(self.name, self.texts[int(crop[0, 0])], self.sure) for crop in crops]

    def close(self) -> None:
        pass


TEXTS = {0: "noll", 1: "ett", 2: "två", 3: "tre", 4: "fyra", 5: "fem"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six lines of two documents, whose labels are not to be looked at."""
    out = tmp_path / "lines"
    (out / IMAGES).mkdir(parents=True)
    rows = []
    for number in TEXTS:
        path = out / IMAGES / f"{number}.png"
        path.write_bytes(encode_png(np.full((32, 100 + number), number, np.uint8)))
        rows.append(LabelRow(path.name, "?", path, 0, source=f"doc {number % 2}", page="1"))
    write_labels(out, rows)
    return out


def test_agreed_lines_become_labels_with_their_provenance(folder: Path, tmp_path: Path) -> None:
    voices = [Fixed("one", TEXTS), Fixed("two", TEXTS | {3: "tri"}, 0.7)]
    found = autolabel(folder_sources([folder]), voices, Rule(2, 0.5), tmp_path / "auto", sample=2)
    assert (found.documents, found.lines, found.left_out, found.sampled) == (2, 5, 1, 2)
    labels = read_labels(tmp_path / "auto")
    assert {row.text for row in labels.rows} == set(TEXTS.values()) - {"tre"}
    assert {(row.confidence, row.page) for row in labels.rows} == {(0.9, "1")}
    assert {row.source for row in labels.rows} == {"doc 0", "doc 1"}
    assert not labels.report.issues
    rows = [row.split("\t") for row in (tmp_path / "auto" / PROVENANCE).read_text(encoding="utf-8").splitlines()]
    assert rows[0][:2] == ["filename", "engines"]
    assert {row[1] for row in rows[1:]} == {"one+two"}
    assert len(read_labels(tmp_path / "auto" / SAMPLE).rows) == 2


def test_a_run_goes_on_and_reads_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    class Breaks(Fixed):
        def read(self, crops: Sequence[Crop]) -> list[Opinion]:
            if self.asked:
                raise KeyboardInterrupt
            return super().read(crops)

    out = tmp_path / "auto"
    with pytest.raises(KeyboardInterrupt):
        autolabel(folder_sources([folder]), [Breaks("one", TEXTS)], Rule(1, 0.5), out)
    voice = Fixed("one", TEXTS)
    found = autolabel(folder_sources([folder]), [voice], Rule(1, 0.5), out)
    assert (voice.asked, found.unchanged, found.lines) == (3, 1, 6)
    # Another rule, another engine or other pixels are other labels.
    for changed in (Rule(1, 0.6), Rule(1, 0.5)):
        voice = Fixed("one", TEXTS)
        voice.key = "2" if changed.least == 0.5 else "1"
        autolabel(folder_sources([folder]), [voice], changed, out)
        assert voice.asked == 6
    (folder / IMAGES / "0.png").write_bytes(encode_png(np.full((32, 100), 5, np.uint8)))
    voice.asked = 0
    found = autolabel(folder_sources([folder]), [voice], Rule(1, 0.5), out)
    texts = sorted(row.text for row in read_labels(out).rows)
    assert (voice.asked, found.unchanged, texts) == (3, 1, ["ett", "fem", "fem", "fyra", "tre", "två"])


def test_a_sample_that_is_being_corrected_is_left_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "auto"
    autolabel(folder_sources([folder]), [Fixed("one", TEXTS)], Rule(1, 0.5), out, sample=6)
    rows = read_labels(out / SAMPLE).rows
    corrected = [replace(row, text="rättad", who="kim") if row.text == "två" else row for row in rows]
    write_labels(out / SAMPLE, corrected)
    found = autolabel(folder_sources([folder]), [Fixed("two", TEXTS)], Rule(1, 0.5), out, sample=6)
    assert found.sampled == 0
    error = measure(out, out / SAMPLE)
    assert (error.lines, error.wrong, error.vouched) == (6, 1, 1)
    assert error.cer == pytest.approx(5 / len("nolletträttadtrefyrafem"))  # två: one t is kept
    assert (out / "error.json").is_file()
    assert error.interval.low < 1 / 6 < error.interval.high


def test_wilsons_interval() -> None:
    # Worked by hand from the formula with z = 1.96: 10 of 100, and none of 20.
    ten, none = wilson(10, 100), wilson(0, 20)
    assert (ten.low, ten.high) == (pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))
    assert (none.low, none.high) == (0.0, pytest.approx(0.1611, abs=1e-4))


def test_what_cannot_be_done_is_said(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataInvalid, match="No line of the 2 documents"):
        autolabel(folder_sources([folder]), [Fixed("one", TEXTS, 0.1)], Rule(1, 0.5), tmp_path / "auto")
    with pytest.raises(DataInvalid, match="None of the lines"):
        other = tmp_path / "other"
        (other / IMAGES).mkdir(parents=True)
        (other / IMAGES / "x.png").write_bytes(encode_png(np.full((32, 50), 9, np.uint8)))
        write_labels(other, [LabelRow("x.png", "x", other / IMAGES / "x.png", 0)])
        measure(folder, other)
    for arguments, reason in (
        (["--agree", "2"], "2 engines cannot agree where 1"),
        (["--measure", "x"], "labels nothing"),
    ):
        with pytest.raises(SystemExit, match="2"):
            main(["autolabel", str(folder), "-o", str(tmp_path / "out"), *arguments])
        assert reason in capsys.readouterr().err


def test_rapidocr_is_asked_for_by_name_and_missed_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match="pip install rapidocr"):
        RapidVoice()


def test_a_vision_language_model_is_a_voice_and_is_not_asked_twice(folder: Path, tmp_path: Path) -> None:
    class Knows(Behaviour):
        def answer(self, crop: str) -> str:
            return self.truth[crop]

    files = {text: (folder / IMAGES / f"{number}.png").read_bytes() for number, text in TEXTS.items()}
    behaviour = Knows({hashlib.sha256(png).hexdigest(): text for text, png in files.items()})
    with serving(behaviour) as url:
        asked = referee_settings(url, "judge", wait=0.01)
        for rule in (Rule(2, 0.5), Rule(2, 0.6)):
            voices = [Fixed("one", TEXTS | {4: "fyrtio"}), VlmVoice(asked, tmp_path / "cache")]
            found = autolabel(folder_sources([folder]), voices, rule, tmp_path / "auto")
            assert (found.lines, found.left_out) == (5, 1)
    assert {row.text for row in read_labels(tmp_path / "auto").rows} == set(TEXTS.values()) - {"fyra"}
    table = (tmp_path / "auto" / PROVENANCE).read_text(encoding="utf-8")
    assert table.count("one+judge") == 5
    assert set(behaviour.asked.values()) == {1}
