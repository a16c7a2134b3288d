"""The reading configuration: known keys, today's key names, refusals that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from nordocr.config import ReadingConfig, load_config, parse_config
from nordocr.errors import ConfigInvalid, InputMissing


def written(tmp_path: Path, text: str, name: str = "reading.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_read_the_bundled_model_up_to_the_ceiling() -> None:
    config = ReadingConfig()
    assert (config.recognizer, config.ceiling, config.device) == ("nano", 1792, "cpu")


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    yaml = written(tmp_path, "recognizer: tesseract\ntess_lang: swe\nlimits:\n  max_pages: 7\n")
    json = written(tmp_path, '{"recognizer": "tesseract", "tess_lang": "swe", "limits": {"max_pages": 7}}', "r.json")
    assert load_config(yaml) == load_config(json)
    assert load_config(yaml).limits.max_pages == 7
    assert load_config(written(tmp_path, "", "empty.yaml")) == ReadingConfig()


def test_todays_key_names_are_understood(tmp_path: Path) -> None:
    text = "recognize_engine_path: models/svtrv2-1024/recognize_svtrv2.onnx\nrecognize_max_input_width: 1024\n"
    config = load_config(written(tmp_path, text + "recognize_max_seq_len: 256\n"))
    assert config.recognizer == "models/svtrv2-1024/recognize_svtrv2.onnx"
    assert config.ceiling == 1024


@pytest.mark.parametrize(("width", "steps", "ceiling"), [(1024, 192, 768), (768, 448, 768), (1792, None, 1792)])
def test_the_ceiling_is_the_smaller_of_width_and_steps(width: int, steps: int | None, ceiling: int) -> None:
    assert ReadingConfig(max_input_width=width, max_seq_len=steps).ceiling == ceiling


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("recogniser: nano", r"unknown key 'recogniser'; did you mean 'recognizer'\?"),
        ("recognize_max_width: 9", r"unknown key 'recognize_max_width'; did you mean 'recognize_max_input_width'\?"),
        ("limits: {max_page: 3}", r"unknown key 'limits.max_page'; did you mean 'max_pages'\?"),
        ("zzz: 1", "unknown key 'zzz'; known keys are recognizer, "),
        ("max_input_width: 4000", "4000 for 'max_input_width': input should be less than or equal to 1792"),
        ("threads: many", "'many' for 'threads'"),
        ("device: tpu", "'tpu' for 'device'"),
        ("recognizer: a\nrecognize_engine_path: b", "gives 'recognizer' twice, once as 'recognize_engine_path'"),
        ("- nano", "contains a list"),
        ("a: [", "cannot be parsed"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigInvalid, match=sentence) as caught:
        load_config(written(tmp_path, text))
    assert "reading.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_one_that_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"no configuration file .*away\.yaml"):
        load_config(tmp_path / "away.yaml")
    (tmp_path / "latin.yaml").write_bytes("recognizer: å".encode("latin-1"))
    with pytest.raises(ConfigInvalid, match=r"latin\.yaml is not UTF-8"):
        load_config(tmp_path / "latin.yaml")


def test_a_mapping_can_come_from_anywhere() -> None:
    with pytest.raises(ConfigInvalid, match="The command line has an unknown key 'thread'"):
        parse_config({"thread": 1}, "The command line")
