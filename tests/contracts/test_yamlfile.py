"""YAML of strangers: what is read, and what is refused before it costs anything."""

from __future__ import annotations

import pytest
import yaml

from nordocr.config import load_config
from nordocr.errors import ConfigInvalid
from nordocr.yamlfile import MOST_NODES, load_yaml


def test_plain_yaml_is_read_as_before() -> None:
    text = "a: 1\nb: [x, 2.5, null, true]\nc: {d: e}\nf: &g {h: 1}\ni: *g\nj:\n  <<: *g\n  k: 2\n"
    assert load_yaml(text) == yaml.safe_load(text)
    assert load_yaml("") is None
    assert load_yaml("\ufeffa: å") == {"a": "å"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key 'a' is given twice"),
        ("x: {1: a, 1: b}", "the key 1 is given twice"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("[" * 300 + "]" * 300, "nested more than 100 deep|nested too deeply"),
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
        ("a: &a [*a]", "contains itself"),
    ],
)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(yaml.YAMLError, match=sentence):
        load_yaml(text)


def test_aliases_that_multiply_are_counted_and_not_made() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(yaml.YAMLError, match=f"aliases repeat more than {MOST_NODES} values"):
        load_yaml("\n".join(lines))
    assert len(load_yaml("\n".join(lines[:4]))) == 4


@pytest.mark.parametrize("name", ["c.yaml", "c.json"])
def test_a_configuration_may_begin_with_a_byte_order_mark(name: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / name).write_bytes(b'\xef\xbb\xbf{"threads": 3}')
    assert load_config(tmp_path / name).threads == 3


def test_absurd_json_is_a_sentence(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "c.json").write_text("[" * 100_000 + "]" * 100_000, encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="cannot be parsed"):
        load_config(tmp_path / "c.json")
