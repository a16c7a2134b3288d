"""Options that verbs share are defined once, and end in the configuration that the user asked for."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.testing

from nordocr.cli.app import available_verbs
from nordocr.cli.options import PASSWORD_VARIABLE, LineOptions, PageOptions, reading_options
from nordocr.config import ReadingConfig
from nordocr.errors import InputMissing

TABLE = Path(__file__).with_name("options.txt")
Seen = list[tuple[str, LineOptions]]


def verb_of(group: type[LineOptions], seen: Seen) -> typer.Typer:
    def verb(name: str, reading: LineOptions) -> None:
        """Read."""
        seen.append((name, reading))

    verb.__annotations__["reading"] = group
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(reading_options(verb))
    return app


def given(group: type[LineOptions], *arguments: str) -> LineOptions:
    seen: Seen = []
    result = typer.testing.CliRunner().invoke(verb_of(group, seen), ["who", *arguments])
    assert result.exit_code == 0, result.output
    [(name, reading)] = seen
    assert name == "who"
    assert type(reading) is group
    return reading


def test_nothing_given_is_the_default_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    for group in (LineOptions, PageOptions):
        config = given(group).settings()
        assert config == ReadingConfig()
        assert config.model_fields_set == set()


@pytest.mark.parametrize("spelling", ["--recognizer", "--model", "-m"])
def test_the_model_has_three_spellings(spelling: str) -> None:
    assert given(LineOptions, spelling, "tesseract").settings().recognizer == "tesseract"


def test_options_stand_over_the_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("threads: 3\nprecision: bf16\n", encoding="utf-8")
    config = given(LineOptions, "-c", str(file), "--threads", "2").settings(batch_area=640, max_batch=None)
    assert (config.threads, config.precision, config.batch_area) == (2, "bf16", 640)
    assert config.model_fields_set == {"threads", "precision", "batch_area"}


def test_every_option_reaches_its_key(tmp_path: Path) -> None:
    values = {
        "recognizer": "m.onnx",
        "engine": "openvino",
        "precision": "bf16",
        "device": "cuda",
        "linespec": "spec.json",
        "threads": "5",
        "tess_lang": "swe",
        "tessdata": "data",
        "detector": "dbnet",
    }
    arguments = [part for key, value in values.items() for part in (f"--{key.replace('_', '-')}", value)]
    held = given(PageOptions, *arguments).settings()
    assert {key: str(getattr(held, key)) for key in values} == values


def test_the_password_is_a_files_first_line_else_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "from outside")
    assert given(PageOptions).settings().password() == "from outside"
    file = tmp_path / "secret"
    file.write_bytes(b"\xef\xbb\xbfhemligt \xc3\xa5\r\nsecond line")
    assert given(PageOptions, "--password-file", str(file)).settings().password() == "hemligt å"
    with pytest.raises(InputMissing, match=r"away cannot be read"):
        given(PageOptions, "--password-file", str(tmp_path / "away")).settings()


def test_lines_have_no_options_of_pages() -> None:
    result = typer.testing.CliRunner().invoke(verb_of(LineOptions, []), ["who", "--detector", "dbnet"])
    assert result.exit_code == 2


def described() -> list[str]:
    """Every verb with its arguments and options: names, short forms, defaults; ``!`` for what must be given."""
    lines = []
    for verb, (module, attribute, _) in available_verbs().items():
        target = getattr(importlib.import_module(module), attribute)
        app = target
        if not isinstance(target, typer.Typer):
            app = typer.Typer(add_completion=False)
            app.command()(target)
        command = typer.main.get_command(app)
        parts = getattr(command, "commands", {"": command})
        for name in parts:
            lines.append(f"nordocr {verb} {name}".rstrip())
            lines += [f"    {_parameter(p)}" for p in parts[name].params if p.name != "help"]
    return lines


def _parameter(parameter: Any) -> str:
    names = parameter.name.upper() if parameter.param_type_name == "argument" else " ".join(parameter.opts)
    names += "".join(f" {name}" for name in parameter.secondary_opts)
    default = parameter.default
    shown = "" if default is None or default is False or callable(default) else f" = {default}"
    return (
        f"{names}{' ...' if parameter.multiple or parameter.nargs != 1 else ''}{' !' if parameter.required else shown}"
    )


def test_the_verbs_and_their_options_are_these() -> None:
    """Scripts rely on them. After a deliberate change: ``python tests/cli/test_options.py > tests/cli/options.txt``."""
    assert TABLE.read_text(encoding="utf-8").splitlines() == described()


if __name__ == "__main__":
    sys.stdout.write("\n".join(described()) + "\n")
