"""The plugin's options: through OCRmyPDF's own models, checked before the first page, and with the cores shared."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ocrmypdf", reason="needs ocrmypdf")

import pluggy
from ocrmypdf import pluginspec
from ocrmypdf._options import OcrOptions
from ocrmypdf.api import setup_plugin_infrastructure
from ocrmypdf.exceptions import BadArgsError

from nordocr import ocrmypdf as plugin
from nordocr.ocrmypdf import installed
from nordocr.ocrmypdf.engine import NordocrEngine
from nordocr.ocrmypdf.options import NordocrOptions, reading_config, tag


def options(**keys: Any) -> OcrOptions:
    """OCRmyPDF's options as its command line makes them: those of plugins are extra attributes."""
    setup_plugin_infrastructure(plugins=["nordocr.ocrmypdf"])
    own = {key: keys.pop(key) for key in [*keys] if key.startswith("nordocr_")}
    return OcrOptions(input_file="in.pdf", output_file="out.pdf", _extra_attrs=own, **keys)


def parsed(module: Any, *arguments: str) -> dict[str, Any]:
    parser = ArgumentParser()
    parser.add_argument("--ocr-engine", choices=["auto", "tesseract", "none"])
    module.add_options(parser)
    return vars(parser.parse_args(arguments))


@pytest.mark.parametrize("module", [plugin, installed])
def test_the_command_line_reaches_the_model(module: Any) -> None:
    given = parsed(module, "--nordocr-model", "nano", "--nordocr-threads", "3", "--ocr-engine", "nordocr")
    assert given.pop("ocr_engine") == "nordocr"
    own = options(**given).nordocr
    assert own == NordocrOptions(model="nano", threads=3)
    with pytest.raises(ValueError, match="threads"):
        _ = options(nordocr_threads=0).nordocr


def test_options_survive_the_way_to_a_worker() -> None:
    sent = options(nordocr_model="nano", languages=["swe"], jobs=2)
    plugin.validate(pdfinfo=[1], options=sent)
    got = OcrOptions.model_validate_json_safe(sent.model_dump_json_safe())
    assert reading_config(got) == reading_config(sent)
    assert (reading_config(got).threads, reading_config(got).lang) == (2, ("sv",))


def test_languages_are_those_of_ocrmypdf() -> None:
    assert reading_config(options()).lang == ()  # nobody said English
    assert reading_config(options(languages=["swe", "isl", "eng"])).lang == ("sv", "is", "en")
    assert {"swe", "nor", "dan", "fin", "isl", "sv", "nb"} <= set(NordocrEngine.languages(options()))
    assert "jpn" not in NordocrEngine.languages(options())
    assert tag(options()) is None and tag(options(languages=["nob"])) == "nb"


def test_a_file_of_settings_stands_below_the_options(tmp_path: Path) -> None:
    file = tmp_path / "reading.yaml"
    file.write_text("lang: is\nthreads: 5\nlm: none\n", encoding="utf-8")
    config = reading_config(options(nordocr_config=str(file), nordocr_share=2))
    assert (config.lang, config.threads, config.lm) == (("is",), 5, "none")
    assert reading_config(options(nordocr_config=str(file), languages=["swe"], nordocr_threads=1)).threads == 1
    assert reading_config(options(nordocr_config=str(file), languages=["swe"])).lang == ("sv",)


def test_wrong_settings_are_found_before_the_first_page(tmp_path: Path) -> None:
    file = tmp_path / "reading.yaml"
    file.write_text("langs: is\n", encoding="utf-8")
    for own in ({"nordocr_config": str(file)}, {"nordocr_config": str(tmp_path / "none.yaml")}):
        with pytest.raises(BadArgsError, match=r"yaml"):
            plugin.check_options(options(**own))
        plugin.check_options(options(ocr_engine="tesseract", **own))


@pytest.mark.parametrize(("jobs", "pages", "threads"), [(8, 2, 4), (8, 100, 1), (1, 3, 1), (2, 1, 2), (3, 2, 1)])
def test_workers_share_the_cores(jobs: int, pages: int, threads: int) -> None:
    given = options(jobs=jobs)
    plugin.validate(pdfinfo=range(pages), options=given)
    assert reading_config(given).threads == threads


def test_installed_alone_it_reads_only_when_asked() -> None:
    assert installed.get_ocr_engine(options=options()) is None
    assert installed.get_ocr_engine(options=None) is None
    assert isinstance(installed.get_ocr_engine(options=options(ocr_engine="nordocr")), NordocrEngine)
    assert isinstance(plugin.get_ocr_engine(options=options()), NordocrEngine)
    assert plugin.get_ocr_engine(options=options(ocr_engine="tesseract")) is None


def test_installed_and_asked_for_it_is_there_once() -> None:
    manager = pluggy.PluginManager("ocrmypdf")
    manager.add_hookspecs(pluginspec)
    manager.register(installed, name="nordocr")
    manager.register(plugin)
    manager.hook.initialize(plugin_manager=manager)
    assert manager.get_plugins() == {plugin}
    alone = pluggy.PluginManager("ocrmypdf")
    alone.register(installed, name="nordocr")
    alone.hook.initialize(plugin_manager=alone)
    assert alone.get_plugins() == {installed}


@pytest.mark.parametrize("there", [True, False])
def test_tesseract_is_not_needed(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin.shutil, "which", lambda name: "tesseract" if there else None)
    manager = pluggy.PluginManager("ocrmypdf")
    plugin.initialize(plugin_manager=manager)
    assert manager.is_blocked("ocrmypdf.builtin_plugins.tesseract_ocr") is not there
