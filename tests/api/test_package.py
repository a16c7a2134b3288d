"""``import nordocr`` costs nothing, its names are few and documented, and a user's code passes mypy."""

from __future__ import annotations

import doctest
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nordocr

REPOSITORY = Path(__file__).resolve().parents[2]

SNIPPET = """\
import asyncio
import io
from pathlib import Path

import numpy as np
from PIL import Image

from nordocr import Document, Page, Reader

with Reader(recognizer="nano", threads=2, limits={"max_pages": 5}) as reader:
    document: Document = reader.read(Path("scan.tif"), pages="1-3")
    reader.read(b"...")
    reader.read(io.BytesIO())
    with open("scan.pdf", "rb") as file:
        reader.read(file)
    reader.read(np.zeros((9, 9), np.uint8))
    reader.read([Image.new("L", (9, 9)), "scan.tif"])
    for page in reader.pages("scan.tif"):
        text: str = page.text
        page.draw().save("page.png")
    first: Page = document.pages[0]
    confidence: float = first.lines[0].words[0].confidence
    x: int = reader.read_lines([np.zeros((9, 9), np.uint8)])[0].bbox.x
    written: list[Path] = document.save("scan.hocr", language="sv")
    again: Document = asyncio.run(reader.aread("scan.tif"))
    for field in reader.read("invoice.pdf", fields=True).fields:
        valid: bool | None = field.valid
        print(field.kind, field.value, field.bbox.x)
    reader.stream("scan.tif", lambda page: print(page.text), on_error=print)
    document.show()


    async def count() -> int:
        return len([page async for page in reader.apages("scan.tif")])
"""


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, nordocr\n"
        "heavy = {'onnxruntime', 'cv2', 'numpy', 'pydantic', 'PIL', 'lxml', 'torch'}\n"
        "print(sorted(heavy & sys.modules.keys()), 'Reader' in dir(nordocr))\n"
        "from nordocr import Reader\n"
        "print('cv2' in sys.modules, 'torch' in sys.modules, 'onnxruntime' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout.splitlines() == ["[] True", "True False False"], done.stderr


def test_the_names_are_few_and_documented() -> None:
    assert nordocr.__all__ == ["Document", "Page", "Reader", "__version__"]
    for name in ("Document", "Page", "Reader"):
        kind = getattr(nordocr, name)
        public = [member for key, member in vars(kind).items() if not key.startswith(("_", "model_"))]
        for member in [kind, *public]:
            function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            if inspect.isfunction(function) or inspect.isclass(function):
                assert inspect.getdoc(function), f"{name}: {function}"
    with pytest.raises(AttributeError, match="no attribute 'Writer'"):
        nordocr.Writer  # noqa: B018


def mypy(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--ignore-missing-imports"]
    options = ["--follow-imports", "silent", "--cache-dir", str(path.parent / "cache"), str(path)]
    variables = {**os.environ, "MYPYPATH": str(REPOSITORY / "src")}
    return subprocess.run([*command, *options], capture_output=True, encoding="utf-8", env=variables, cwd=path.parent)


@pytest.mark.slow
def test_a_users_code_passes_mypy_and_its_mistakes_do_not(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(SNIPPET, encoding="utf-8")
    bad.write_text(SNIPPET + "Reader(threads='two')\nreader.read(7)\n", encoding="utf-8")
    done = mypy(good)
    assert done.returncode == 0, done.stdout
    found = mypy(bad)
    assert re.findall(r"\[([a-z-]+)\]$", found.stdout, re.MULTILINE) == ["arg-type", "arg-type"], found.stdout
    assert (REPOSITORY / "src" / "nordocr" / "py.typed").is_file()


def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = REPOSITORY / "docs" / "python.md"
    demo = REPOSITORY / "src" / "nordocr" / "demo" / "nordic-report.tif"
    text = guide.read_text(encoding="utf-8").replace("```", "")
    (tmp_path / "scan.tif").write_bytes(demo.read_bytes())
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(text, {}, guide.name, str(guide), 0)
    assert len(examples.examples) > 10
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples)
    assert runner.failures == 0
