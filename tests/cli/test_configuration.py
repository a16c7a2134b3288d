"""``docs/configuration.md`` says what the configuration's fields say."""

from __future__ import annotations

from pathlib import Path

from nordocr.cli.configuration import markdown
from nordocr.config import Limits, ReadingConfig

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_page_is_current() -> None:
    """Write it anew with ``python -m nordocr.cli.configuration > docs/configuration.md``."""
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == markdown()


def test_every_key_is_described_in_a_sentence() -> None:
    for model in (ReadingConfig, Limits):
        for name, info in model.model_fields.items():
            assert info.description, name
            assert info.description.endswith("."), name
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    keys = {line.split("`")[1] for line in rows}
    assert keys >= set(ReadingConfig.model_fields) - {"limits"} | set(Limits.model_fields)
    threads = next(line for line in rows if line.startswith("| `threads` "))
    assert threads.split(" | ")[1:4] == ["integer from 0", "`0`", "all"]
    spec = next(line for line in rows if line.startswith("| `linespec` "))
    assert spec.split(" | ")[1:4] == ["path", "", "onnx, openvino, tensorrt"]
