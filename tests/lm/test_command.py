"""``nordocr lm``: a small model built twice, shown, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nordocr.cli.app import main
from nordocr.lm.file import load_model


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_a_model_is_built_the_same_twice_and_says_what_it_is_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "sv.txt.gz"
    text = "Årets resultat uppgick till 12 345 kronor.\nBolaget har sitt säte i Malmö.\n"
    corpus.write_bytes(gzip.compress(text.encode()))
    spanish = tmp_path / "es-prose.txt"  # a language that reading knows and no line is rendered in
    spanish.write_text("El consejo aprobó las cuentas.\n", encoding="utf-8")
    files = [tmp_path / "a.lm", tmp_path / "b.lm"]
    for file in files:
        options = ("--corpora", corpus, "--corpora", spanish, "--samples", 0, "--order", 4, "--size", "60kB")
        assert run("lm", "build", "--output", file, *options) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].stat().st_size <= 60_000
    assert load_model(files[0]).order == 4
    capsys.readouterr()
    assert run("lm", "show", files[0]) == 0
    said = capsys.readouterr().out
    assert "corpus sv.txt.gz: 2 lines, 72 characters, weight 4" in said
    assert "corpus es-prose.txt: 1 lines" in said
    assert "order 4" in said


def test_what_cannot_be_built_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "x.lm"
    assert run("lm", "build", "--output", output, "--size", "four") == 2
    assert "--size 'four' is not a number of bytes" in capsys.readouterr().err
    assert run("lm", "build", "--output", output, "--samples", 0) != 0
    assert "There is no text to build a language model from" in capsys.readouterr().err
    unknown = tmp_path / "xx.txt"
    unknown.write_text("Text.\n", encoding="utf-8")
    assert run("lm", "build", "--output", output, "--samples", 0, "--corpora", unknown) != 0
    assert "does not begin with a language code (sv, nb, nn, no, da" in capsys.readouterr().err
    assert run("lm", "show", output) == 8
    assert not output.exists()
