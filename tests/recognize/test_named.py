"""Models that were installed under a name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nordocr.config import ReadingConfig
from nordocr.errors import ModelMissing
from nordocr.recognize.bundled import bundled_model
from nordocr.recognize.named import installed_folder, installed_names, named_model
from nordocr.recognize.registry import open_recognizer


def test_an_installed_model_is_read_with_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORDOCR_MODELS", str(tmp_path))
    assert installed_names() == []
    shutil.copy(bundled_model("nano"), tmp_path / "letters.onnx")
    (tmp_path / "nano.onnx").write_bytes(b"not the bundled one")
    assert installed_names() == ["letters"]
    assert named_model("letters") == tmp_path / "letters.onnx"
    assert named_model("nano") == bundled_model("nano")
    engine = open_recognizer("letters", ReadingConfig(threads=1))
    assert Path(engine.model).name == "letters.onnx"
    engine.close()
    with pytest.raises(ModelMissing, match=r"no model 'leters'.*Installed: letters"):
        named_model("leters")


def test_without_the_variable_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NORDOCR_MODELS", raising=False)
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    for system in ("linux", "win32"):
        monkeypatch.setattr("sys.platform", system)
        assert installed_folder() == tmp_path / "nordocr" / "models"
