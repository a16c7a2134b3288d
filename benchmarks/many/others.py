"""Other programs on the same pages: Tesseract with GNU parallel, OCRmyPDF with two jobs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

LANGUAGES = "swe+nor+dan+fin+isl+eng"


def run_tesseract(source: Path, output: Path) -> dict[str, object]:
    """Read each page with a process of its own, two at a time, one thread each."""
    output.mkdir()
    names = "\n".join(p.stem for p in sorted(source.iterdir()))
    each = f"tesseract {source}/{{}}.tif {output}/{{}} -l {LANGUAGES} 2>/dev/null"
    started = time.perf_counter()
    subprocess.run(
        ["parallel", "--will-cite", "-j", "2", each],
        input=names,
        encoding="utf-8",
        check=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )
    seconds = time.perf_counter() - started
    return _row(seconds, len(list(output.glob("*.txt"))))


def run_ocrmypdf(source: Path, output: Path) -> dict[str, object]:
    """Read a PDF of all pages with ``ocrmypdf --jobs 2`` and Tesseract; the PDF is made before the clock starts."""
    output.mkdir()
    pages = [str(page) for page in sorted(source.iterdir())]
    subprocess.run([sys.executable, "-m", "img2pdf", *pages, "--output", str(output / "in.pdf")], check=True)
    command = [sys.executable, "-m", "ocrmypdf", "--jobs", "2", "-l", LANGUAGES, "--output-type", "pdf", "--quiet"]
    command += ["--optimize", "0", "--sidecar", str(output / "out.txt")]
    started = time.perf_counter()
    subprocess.run([*command, str(output / "in.pdf"), str(output / "out.pdf")], check=True)
    seconds = time.perf_counter() - started
    return _row(seconds, (output / "out.txt").read_text(encoding="utf-8").count("\f") + 1)


def _row(seconds: float, done: int) -> dict[str, object]:
    return {"workers": 2, "seconds": f"{seconds:.1f}", "pages_a_second": f"{done / seconds:.3f}", "done": done}


def tesseract_version() -> str:
    """Return ``Tesseract 5.3.0``."""
    said = subprocess.run(["tesseract", "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    return f"Tesseract {said.split()[1]}"


def ocrmypdf_version() -> str:
    """Return ``OCRmyPDF 17.13.0, Tesseract 5.3.0``."""
    return f"OCRmyPDF {version('ocrmypdf')}, {tesseract_version()}"
