"""Whole pages: the same everywhere, every box exactly round its line's ink, texts and sums right, files readable."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
import re
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image, ImageFont
from pydantic import ValidationError
from typer.testing import CliRunner

from nordocr.charset import NORDIC_126, NORDIC_LETTERS, Charset
from nordocr.errors import ConfigInvalid, DataInvalid, InputMissing, OutputUnwritable, UsageError
from nordocr.results import Document
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.dice import Dice
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import (
    PageRecipe,
    PageSynth,
    SynthPage,
    load_page_recipe,
    read_truth,
    write_pages,
)
from nordocr.synth.pages import demo_text as say
from nordocr.synth.pages.demo import NAME, demo_pages
from nordocr.synth.pages.recipe import KINDS, LANGUAGES
from nordocr.synth.pages.sheet import INK_LEVEL
from nordocr.synth.pages.statements import added_up, balance_sheet, income_statement, parsed
from nordocr.synth.pages.writer import page_wording

PRINTED = ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
TYPED = ("DejaVuSansMono.ttf",)
LIBERATION = (
    "LiberationSerif-Regular.ttf",
    "LiberationSerif-Bold.ttf",
    "LiberationSerif-Italic.ttf",
    "LiberationSans-Regular.ttf",
    "LiberationSans-Bold.ttf",
)
STILL = DegradeConfig(profiles={}, inverted=0.0, keep_size=True)


def font_folder(names: tuple[str, ...], folder: Path) -> str:
    for name in names:
        try:
            found = ImageFont.truetype(name, 20).path
        except OSError:
            pytest.skip(f"this machine has no {name}")
        shutil.copy(str(found), folder / name)
    return str(folder)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORDOCR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> FontConfig:
    folder = font_folder(PRINTED + TYPED, tmp_path_factory.mktemp("fonts"))
    return FontConfig(folders=(folder,), split="all")


@pytest.fixture(scope="module")
def synth(fonts: FontConfig) -> PageSynth:
    """Pages at a low resolution that no scanner has touched."""
    return PageSynth(PageRecipe(fonts=fonts, dpi=((100, 1.0),), degrade=STILL, bilevel=0.0), seed=3)


def fingerprint(page: SynthPage) -> str:
    told = repr((page.lines, page.dpi, page.language, page.kind, page.tags)).encode()
    return hashlib.sha256(page.image.tobytes() + told).hexdigest()


def fingerprints(synth: PageSynth, indices: list[int]) -> list[str]:
    return [fingerprint(synth.make(index)) for index in indices]


def test_a_page_depends_on_recipe_seed_and_index_alone(fonts: FontConfig) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((100, 1.0),))
    first = fingerprints(PageSynth(recipe, 7), [0, 1, 2, 3])
    used = PageSynth(recipe, 7)
    assert fingerprints(used, [3, 1, 2, 0]) == [first[3], first[1], first[2], first[0]]
    assert len(set(first)) == 4
    assert fingerprints(PageSynth(recipe, 8), [0])[0] not in first
    assert len(pickle.dumps(used)) < 20_000
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        assert workers.apply(fingerprints, (used, [2, 0])) == [first[2], first[0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_in_every_language(synth: PageSynth, language: str) -> None:
    for number, kind in enumerate(KINDS):
        sheet, _ = synth.laid_out(kind, language, 72, number % 3 == 0, np.random.default_rng([number, 5]))
        image, lines = sheet.finish()
        high, wide = image.shape
        assert (wide, high) == (595, 842)
        assert [line.order for line in lines] == list(range(len(lines)))
        assert len(lines) >= 8
        for line in lines:
            assert not NORDIC_126.outside(line.text)
            assert line.text == " ".join(line.text.split()) != ""
            x, y, w, h = line.bbox
            assert x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= wide and y + h <= high
    words = page_wording(language)
    sheet, _ = synth.laid_out("invoice", language, 72, False, np.random.default_rng(1))
    assert {words.invoice, words.totals[2]} <= {laid.text for laid in sheet.laid}


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_hold_their_ink_and_nothing_else_of_the_line(synth: PageSynth, kind: str) -> None:
    """Leaving a line out changes the page inside its box only, and up to each edge of the box."""
    sheet, _ = synth.laid_out(kind, "sv", 110, kind == "letter", np.random.default_rng(21))
    whole, lines = sheet.finish(0.9)
    exact = 0
    for place in range(len(lines)):
        laid = sheet.laid.pop(place)
        without, _ = sheet.finish(0.9)
        sheet.laid.insert(place, laid)
        changed = np.abs(whole.astype(int) - without) >= INK_LEVEL
        x, y, w, h = lines[place].bbox
        assert changed[y : y + h, x : x + w].any(), lines[place]
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        assert y <= rows[0] and rows[-1] < y + h and x <= columns[0] and columns[-1] < x + w, lines[place]
        exact += (rows[0], columns[0], rows[-1], columns[-1]) == (y, x, y + h - 1, x + w - 1)
    assert exact >= 0.9 * len(lines)  # the rest touches a rule or a signature


def test_lines_of_a_straight_page_hardly_overlap(synth: PageSynth) -> None:
    for number, kind in enumerate(KINDS * 2):
        sheet, _ = synth.laid_out(kind, LANGUAGES[number % 6], 100, number % 2 == 1, np.random.default_rng(number))
        boxes = [line.bbox for line in sheet.finish()[1]]
        for place, (ax, ay, aw, ah) in enumerate(boxes):
            for bx, by, bw, bh in boxes[place + 1 :]:
                wide, high = min(ax + aw, bx + bw) - max(ax, bx), min(ay + ah, by + bh) - max(ay, by)
                assert max(wide, 0) * max(high, 0) <= 0.12 * min(aw * ah, bw * bh)


def test_scanned_pages_keep_size_and_ink_where_the_truth_says(fonts: FontConfig) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((150, 1.0),), bilevel=1.0, borders=1.0, stamps=1.0)
    synth = PageSynth(recipe, 2)
    stamped = 0
    for index in range(3):
        page = synth.make(index)
        assert page.image.shape == (1754, 1240) and page.image.dtype == np.uint8
        assert set(np.unique(page.image)) <= {0, 255} and page.bilevel
        stamped += any(line.kind == "stamp" for line in page.lines)
        dark = [float((page.image[y : y + h, x : x + w] < 128).mean()) for x, y, w, h in (b.bbox for b in page.lines)]
        assert np.mean(np.array(dark) > 0.03) > 0.97
    assert stamped


def test_a_typewriter_keeps_its_pitch(synth: PageSynth) -> None:
    sheet, typed = synth.laid_out("letter", "nb", 200, True, np.random.default_rng(4))
    assert typed
    press = sheet.press
    style_widths = {round(press.width(text, synth_style(press)) / len(text), 4) for text in ("iiii", "WMWM", "a b,")}
    assert len(style_widths) == 1
    assert style_widths.pop() in (7.2, 6.0)  # 10 and 12 characters an inch


def synth_style(press: Any) -> Any:
    from nordocr.synth.pages.press import Style

    return Style("body", 10.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_statements_add_up(language: str) -> None:
    wording = page_wording(language).statements
    for seed in range(20):
        income = income_statement(Dice(seed), wording, 2, 40_000)
        assets, owed = balance_sheet(Dice(seed), wording, 2, 40_000)
        assert assets[-1].figures == owed[-1].figures
        for rows in (income, assets, owed):
            for year in range(2):
                items = sum(row.figures[year] for row in rows if row.mark in "+-*")
                assert rows[-1].figures[year] == items
        assert all(value < 0 for row in income if row.mark == "-" for value in row.figures)


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
