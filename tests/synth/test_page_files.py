"""Pages on disk: pictures and truth, the recipe's file, the command, the demo document."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from pydantic import ValidationError
from tests.synth.page_fonts import LIBERATION, font_folder
from typer.testing import CliRunner

from nordocr.charset import NORDIC_126, NORDIC_LETTERS, Charset
from nordocr.errors import ConfigInvalid, DataInvalid, InputMissing, OutputUnwritable, UsageError
from nordocr.results import Document
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import (
    PageRecipe,
    PageSynth,
    load_page_recipe,
    read_truth,
    write_pages,
)
from nordocr.synth.pages import demo_text as say
from nordocr.synth.pages.demo import NAME, demo_pages
from nordocr.synth.pages.statements import added_up, parsed

pytestmark = pytest.mark.usefixtures("page_cache")


def test_files_say_what_was_made(fonts: FontConfig, tmp_path: Path) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((100, 1.0),), bilevel=0.5)
    told: list[tuple[int, int]] = []
    paths = write_pages(tmp_path / "out", 5, 4, recipe, lambda done, total: told.append((done, total)))
    assert told == [(n, 5) for n in range(1, 6)]
    assert {path.suffix for path in paths} == {".png", ".tif"}
    synth = PageSynth(recipe, 4)
    for index, path in enumerate(paths):
        page = synth.make(index)
        with Image.open(path) as image:
            assert image.mode == ("1" if page.bilevel else "L")
            assert image.info.get("compression") == ("group4" if page.bilevel else None)
            assert [round(float(d)) for d in image.info["dpi"]] == [100, 100]
            assert np.array_equal(np.asarray(image.convert("L")), page.image)
        content = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        truth = content.pop("truth")
        document = Document.model_validate(content)  # what a reading would give, but for "truth"
        assert document.engine.name == "truth" and document.source == path.name
        assert [line.text for line in document.pages[0].lines] == [line.text for line in page.lines]
        assert document.pages[0].lines[2].bbox.width == page.lines[2].bbox[2]
        assert truth[0]["language"] == page.language and truth[0]["line_kinds"][0] == page.lines[0].kind
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[-1] == f"page-00004{paths[4].suffix}"
    assert len(list((tmp_path / "out").iterdir())) == 10


def test_a_document_is_one_bilevel_tiff_of_one_language(fonts: FontConfig, tmp_path: Path) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((100, 1.0), (120, 0.5)))
    (path,) = write_pages(tmp_path, 3, 1, recipe, document=True)
    truth = read_truth(path.with_suffix(".json"))
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
        for number in range(3):
            image.seek(number)
            assert (image.mode, image.info["compression"]) == ("1", "group4")
            assert image.size == (truth.pages[number].width, truth.pages[number].height)
    assert [page.page_index for page in truth.pages] == [0, 1, 2]
    assert len({page.language for page in truth.truth}) == 1 and {page.dpi for page in truth.truth} == {100}


def test_what_cannot_be_is_told(fonts: FontConfig, tmp_path: Path) -> None:
    for wrong in (
        {"kinds": {"novel": 1.0}},
        {"text": {"languages": {"de": 1.0}}},
        {"dpi": ((10, 1.0),)},
        {"degrade": DegradeConfig(keep_size=False)},
        {"colour": 1},
    ):
        with pytest.raises(ValidationError):
            PageRecipe.model_validate(wrong)
    file = tmp_path / "recipe.yaml"
    file.write_text("kinds: {letter: 1}\nskew_degres: 2\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="skew_degres"):
        load_page_recipe(file)
    file.write_text("kinds: {letter: 1}\ntext: {languages: {is: 1}}\n", encoding="utf-8")
    assert load_page_recipe(file).kinds == {"letter": 1.0}
    with pytest.raises(InputMissing):
        load_page_recipe(tmp_path / "none.yaml")
    small = Charset("small", NORDIC_126.characters.replace("Å", ""))
    recipe = PageRecipe(fonts=fonts).with_text(languages={"sv": 1.0})
    with pytest.raises(DataInvalid, match="'Å'"):
        PageSynth(recipe, 0, small).make(0)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputUnwritable):
        write_pages(tmp_path / "file", 1, 0, recipe.model_copy(update={"dpi": ((72, 1.0),)}))
    file.with_suffix(".json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataInvalid):
        read_truth(file.with_suffix(".json"))


def test_the_command(fonts: FontConfig, tmp_path: Path) -> None:
    from nordocr.cli.synth_pages import pages

    app = typer.Typer()
    app.command()(pages)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps({"fonts": fonts.model_dump(mode="json")}), encoding="utf-8")
    common = ["--recipe", str(recipe), "--dpi", "80"]
    out = tmp_path / "out"
    result = CliRunner().invoke(app, [str(out), "-n", "2", "-l", "fi", "-k", "letter", *common])
    assert result.exit_code == 0, result.output
    kinds = [read_truth(path).truth[0] for path in sorted(out.glob("*.json"))]
    assert [(page.kind, page.language, page.dpi) for page in kinds] == [("letter", "fi", 80)] * 2
    result = CliRunner().invoke(app, [str(out), "-l", "xx", *common])
    assert isinstance(result.exception, UsageError) and "xx" in str(result.exception)


def demo_file(suffix: str) -> Path:
    return Path(str(resources.files("nordocr") / "demo" / f"{NAME}{suffix}"))


def test_the_demo_is_three_pages_of_group_4() -> None:
    path = demo_file(".tif")
    truth = read_truth(demo_file(".json"))
    assert path.stat().st_size < 150_000
    assert len(truth.pages) == len(truth.truth) == 3
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
        for number, page in enumerate(truth.pages):
            image.seek(number)
            assert (image.mode, image.info["compression"]) == ("1", "group4")
            assert [round(float(d)) for d in image.info["dpi"]] == [200, 200]
            assert image.size == (page.width, page.height)
            pixels = np.asarray(image.convert("L"))
            for line in page.lines:
                box = line.bbox
                part = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
                assert (part == 0).mean() > 0.05, line.text
    told = truth.text
    assert not NORDIC_126.outside(told.replace("\n", "").replace("\f", ""))
    assert set("ÅÄÖÆÞåäöøæðþ") <= set(told) <= set(NORDIC_126.characters) | {"\n", "\f"}
    assert len(set(NORDIC_LETTERS) & set(told)) >= 12
    assert "SUMMA EGET KAPITAL OCH SKULDER" in told and "31 987" in told


def test_the_demo_adds_up() -> None:
    def figures(wording: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
        rows, values = [], []
        for mark, text in parsed(wording):
            label, _, *years = (text + ";" * (3 - text.count(";"))).split(";")
            rows.append((mark, label))
            values.append([int(year or 0) for year in years])
        return {row.label: row.figures for row in added_up(rows, values)}

    income, assets, owed = figures(say.INCOME), figures(say.ASSETS), figures(say.LIABILITIES)
    staff, machines = figures(say.STAFF), figures(say.MACHINES)
    assert assets["SUMMA TILLGÅNGAR"] == owed["SUMMA EGET KAPITAL OCH SKULDER"] == (31_987, 29_547)
    assert income["Årets resultat"] == owed["Årets resultat"] == (1_927, 993)
    assert tuple(-value for value in income["Personalkostnader"]) == staff["Summa personalkostnader"]
    assert machines["Utgående redovisat värde"] == assets["Maskiner och andra tekniska anläggningar"]
    assert assets["Färdiga varor"][0] - assets["Färdiga varor"][1] == income["Förändring av lager av färdiga varor"][0]
    free = owed["Balanserat resultat"][0] + owed["Årets resultat"][0]
    told = {label: int(re.sub(" ", "", figure)) for label, figure in say.PROFIT}
    assert told["Till årsstämmans förfogande"] == free == 600 + told["I ny räkning överförs"]


def test_the_demo_can_be_built_again(tmp_path: Path) -> None:
    pages = demo_pages(FontConfig(folders=(font_folder(LIBERATION, tmp_path),), split="all"))
    truth = read_truth(demo_file(".json"))
    for page, known in zip(pages, truth.pages, strict=True):
        assert [line.text for line in page.lines] == [line.text for line in known.lines]
        for line, other in zip(page.lines, known.lines, strict=True):
            box = other.bbox
            assert np.abs(np.array(line.bbox) - (box.x, box.y, box.width, box.height)).max() <= 4
