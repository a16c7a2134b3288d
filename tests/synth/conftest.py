"""Fixtures of the synthetic engine's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.synth.drawing import MONO_NAMES, NAMES, Face, find
from tests.synth.page_fonts import PRINTED, STILL, TYPED, font_folder

from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, PageSynth


@pytest.fixture(scope="module")
def face() -> Face:
    path = find(NAMES, any_font=True)
    if path is None:
        pytest.skip("no TrueType font on this system")
    return Face(path)


@pytest.fixture(scope="module")
def mono() -> Face:
    path = find(MONO_NAMES, any_font=False)
    if path is None:
        pytest.skip("no monospaced font on this system")
    return Face(path, group="typewriter")


@pytest.fixture(scope="module")
def page_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORDOCR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def fonts(page_cache: None, tmp_path_factory: pytest.TempPathFactory) -> FontConfig:
    folder = font_folder(PRINTED + TYPED, tmp_path_factory.mktemp("fonts"))
    return FontConfig(folders=(folder,), split="all")


@pytest.fixture(scope="module")
def synth(fonts: FontConfig) -> PageSynth:
    """Pages at a low resolution that no scanner has touched."""
    return PageSynth(PageRecipe(fonts=fonts, dpi=((100, 1.0),), degrade=STILL, bilevel=0.0), seed=3)
