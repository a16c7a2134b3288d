"""The interface's texts: every language has every one, with the same places to fill."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

VIEW = Path(str(resources.files("nordocr.view")))
LANGUAGES = ("en", "sv", "nb", "da", "fi", "is")


def catalogue(language: str) -> dict[str, str]:
    pairs = json.loads((VIEW / "words" / f"{language}.json").read_text("utf-8"), object_pairs_hook=list)
    found = dict(pairs)
    assert len(found) == len(pairs)
    return found


def test_the_page_offers_the_languages_that_there_are() -> None:
    listed = (VIEW / "page" / "words.js").read_text("utf-8").split("};")[0]
    assert tuple(re.findall(r"(\w\w): \"", listed)) == LANGUAGES
    assert {path.stem for path in (VIEW / "words").iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_with_its_places(language: str) -> None:
    english, own = catalogue("en"), catalogue(language)
    assert own.keys() == english.keys()
    for key, text in own.items():
        assert text.strip() and set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), key
    if language != "en":
        same = [key for key in own if own[key] == english[key]]
        assert len(same) <= 6, same


def test_every_text_that_the_page_asks_for_exists_and_is_asked_for() -> None:
    sources = "".join(path.read_text("utf-8") for path in sorted((VIEW / "page").iterdir()) if path.suffix != ".css")
    english = catalogue("en")
    asked = set(re.findall(r"data-(?:t|label|hint)=\"(\w+)\"", sources)) | set(re.findall(r"\bt\(\"(\w+)\"", sources))
    assert asked <= english.keys(), asked - english.keys()
    states = {key for key in english if key.startswith("state_")}
    for key in english.keys() - asked - states:
        assert f'"{key}"' in sources, f"nobody asks for {key}"
    assert states == {"state_untouched", "state_seen", "state_corrected", "state_unreadable", "state_not_text"}


def test_every_module_is_fetched_at_once() -> None:
    html = (VIEW / "page" / "index.html").read_text("utf-8")
    asked = set(re.findall(r"page/(\w+)\.js", html))
    assert asked == {path.stem for path in (VIEW / "page").iterdir() if path.suffix == ".js"}


def test_the_page_has_no_address_of_elsewhere_and_short_files() -> None:
    for path in (VIEW / "page").iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"(^|\s)//.*", "", text, flags=re.MULTILINE).replace("*/", ""), path.name
        assert "style=" not in text and len(text.splitlines()) <= 300, path.name
