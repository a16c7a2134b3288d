"""The commands' reference names every verb, argument and option that the parser takes, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from nordocr.cli.app import available_verbs
from nordocr.cli.reference import markdown

TABLE = Path(__file__).with_name("options.txt")


def test_every_option_of_every_verb_is_explained() -> None:
    text = markdown()
    sections = re.split(r"^#{2,4} ", text, flags=re.MULTILINE)[1:]
    shown = {section.splitlines()[0]: section for section in sections}
    verb = ""
    seen = 0
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            verb = line.strip()
            assert verb in shown
            continue
        for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", line.split(" = ")[0]):
            assert re.search(rf"^\| .*`{option}`.* \| \S.* \|$", shown[verb], re.MULTILINE), (verb, option)
            seen += 1
    assert seen > 200
    assert {name.split()[1] for name in shown} == {*available_verbs()}


def test_a_section_says_how_a_verb_is_called_and_what_is_the_default() -> None:
    text = markdown()
    assert "```\nnordocr process INPUT... [OPTIONS]\n```\n\nRead scanned pages and write their text." in text
    assert "#### nordocr synth fonts pack\n\n```\nnordocr synth fonts pack " in text
    assert "| `--timing`, `--no-timing` |" in text
    assert re.search(r"^\| `--format`, `-f` `TEXT` \| .* Default: `text`\. \|$", text, re.MULTILINE)
    assert re.search(r"^\| `--data`, `-d` `PATH\.\.\.` \| .* Required\. \|$", text, re.MULTILINE)
    assert "Args:" not in text
