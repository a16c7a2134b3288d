"""The documentation builds as a site without a network, holds every page and name, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nordocr
from nordocr import errors
from nordocr.cli.app import available_verbs

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    variables = os.environ | nowhere | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(REPOSITORY / "src")}
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.slow
def test_every_document_is_a_page_of_the_site(site: Path) -> None:
    docs = REPOSITORY / "docs"
    home = (site / "index.html").read_text(encoding="utf-8")
    pages = [path.relative_to(docs).with_suffix(".html").as_posix() for path in docs.rglob("*.md")]
    assert len(pages) > 25
    for page in [*pages, "contributing.html", "changelog.html", "reference/commands.html"]:
        assert (site / page).is_file(), page
        assert f'href="{page}"' in home or page == "index.html", f"no way leads to {page}"
    assert not [*site.rglob("*.py")]


@pytest.mark.slow
def test_the_reference_has_every_public_name_and_verb(site: Path) -> None:
    reference = {path.stem: path.read_text(encoding="utf-8") for path in (site / "reference").glob("*.html")}
    for name in ("read", "pages", "stream", "aread", "apages", "read_lines", "close"):
        assert f'id="nordocr.Reader.{name}"' in reference["reader"], name
    for kind in (nordocr.Document, nordocr.Page):
        for name, member in vars(kind).items():
            if not name.startswith(("_", "model_")) and (callable(member) or isinstance(member, property)):
                assert f'id="nordocr.{kind.__name__}.{name}"' in reference["document"], name
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.NordocrError):
            assert f'id="nordocr.errors.{name}"' in reference["errors"], name
    assert not [name for name, text in reference.items() if re.search(r":(class|meth|func|attr|data):", text)]
    for verb in available_verbs():
        assert f'id="nordocr-{verb}"' in reference["commands"], verb


@pytest.mark.slow
def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r'<(?:script|img|iframe|link(?![^>]*rel="canonical"))[^>]*(?:src|href)="?(https?:)?//', re.I)
    for page in site.rglob("*.html"):
        assert loaded.search(page.read_text(encoding="utf-8")) is None, page.name
    for sheet in site.rglob("*.css"):
        assert re.search(r"url\((https?:)?//|@import", sheet.read_text(encoding="utf-8")) is None, sheet.name
