"""The configuration contract: no unknown key, today's names accepted, one sentence for every mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from nordocr.config import PRESETS, Limits, ReadingConfig, load_config, parse_config, settings
from nordocr.errors import ConfigInvalid, InputMissing


def written(folder: Path, text: str, name: str = "reading.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_and_json_give_the_same(tmp_path: Path) -> None:
    values = {"recognizer": "tesseract", "tess_lang": "swe+fin", "threads": 2, "limits": {"max_pages": 3}}
    lines = "recognizer: tesseract\ntess_lang: swe+fin\nthreads: 2\nlimits:\n  max_pages: 3\n"
    from_yaml = load_config(written(tmp_path, lines))
    from_json = load_config(written(tmp_path, json.dumps(values), "reading.json"))
    assert from_yaml == from_json
    assert (from_yaml.recognizer, from_yaml.tess_lang, from_yaml.threads) == ("tesseract", "swe+fin", 2)
    assert from_yaml.limits.max_pages == 3
    assert from_yaml.limits.max_pixels == Limits().max_pixels


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "# nothing yet\n")) == ReadingConfig()


def test_today_s_names_are_accepted(tmp_path: Path) -> None:
    text = "recognize_engine_path: models/x.onnx\nrecognize_max_input_width: 1024\nrecognize_max_seq_len: 256\n"
    config = load_config(written(tmp_path, text))
    assert (config.recognizer, config.max_input_width, config.max_seq_len) == ("models/x.onnx", 1024, 256)


@pytest.mark.parametrize(
    ("values", "ceiling"),
    [
        ({}, 1792),
        ({"max_input_width": 1024}, 1024),
        ({"max_input_width": 1024, "max_seq_len": 256}, 1024),
        ({"max_input_width": 1024, "max_seq_len": 192}, 768),
        ({"max_seq_len": 448}, 1792),
        ({"max_seq_len": 1000}, 1792),
    ],
)
def test_the_ceiling_is_the_lower_of_width_and_steps(values: dict[str, int], ceiling: int) -> None:
    assert parse_config(values, "here").ceiling == ceiling


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("recogniser: nano\n", "recognizer"),
        ("max_input_widht: 1024\n", "max_input_width"),
        ("recognize_max_seq: 256\n", "recognize_max_seq_len"),
        ("limits:\n  max_page: 3\n", "max_pages"),
        ("zzz: 1\n", "known keys are"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_one_named(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert text.split(":")[-2].split()[-1] in sentence
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("max_input_width: 1793\n", "max_input_width"),
        ("max_input_width: 0\n", "max_input_width"),
        ("max_seq_len: 7\n", "max_seq_len"),
        ("threads: -1\n", "threads"),
        ("device: abacus\n", "device"),
        ("limits:\n  max_bytes: 0\n", "limits.max_bytes"),
        ("batch_area: wide\n", "batch_area"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_key(tmp_path: Path, text: str, key: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_under_both_its_names_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "max_seq_len: 256\nrecognize_max_seq_len: 192\n")
    with pytest.raises(ConfigInvalid, match="max_seq_len"):
        load_config(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"- nano\n"),
        ("a.yaml", b"nano\n"),
        ("a.yaml", b"recognizer: [\n"),
        ("a.json", b"{"),
        ("a.yaml", b"recognizer: \xe5\n"),
    ],
)
def test_what_is_no_configuration_is_refused_by_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"nowhere\.yaml"):
        load_config(tmp_path / "nowhere.yaml")


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ReadingConfig().threads = 4  # type: ignore[misc]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_start_that_other_keys_change(tmp_path: Path, name: str) -> None:
    plain = load_config(written(tmp_path, f"preset: {name}\n"))
    assert {key: getattr(plain, key) for key in PRESETS[name]} == dict(PRESETS[name])
    changed = load_config(written(tmp_path, f'{{"preset": "{name}", "batch_area": 512}}', "reading.json"))
    assert changed == plain.model_copy(update={"batch_area": 512})


def test_the_gpus_presets_hold_the_batches_of_the_guide() -> None:
    a6000, blackwell = (parse_config({"preset": name}, "here") for name in ("a6000", "blackwell"))
    assert (a6000.batch_area // 768, a6000.max_batch) == (32, 64)
    assert (blackwell.batch_area // 768, blackwell.max_batch) == (64, 128)
    assert {a6000.ceiling, blackwell.ceiling} == {4 * 448}


def test_options_stand_over_the_file_and_the_file_over_an_options_preset(tmp_path: Path) -> None:
    path = written(tmp_path, "threads: 3\nbatch_area: 700\nrecognize_max_input_width: 1024\n")
    made = settings(path, {"preset": "a6000", "threads": None, "device": "cpu"})
    assert (made.threads, made.batch_area, made.max_input_width, made.max_batch, made.device) == (
        3,
        700,
        1024,
        64,
        "cpu",
    )
    assert settings(None, {"threads": None}) == ReadingConfig()
    with pytest.raises(ConfigInvalid, match="has 'gpu' for 'preset'; the presets are cpu, a6000, blackwell"):
        settings(path, {"preset": "gpu"})
    with pytest.raises(ConfigInvalid, match=r"bad\.yaml has -1 for 'threads'"):
        settings(written(tmp_path, "threads: -1\n", "bad.yaml"), {"threads": 2})
