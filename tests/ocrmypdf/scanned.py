"""Small scans for OCRmyPDF to read: four lines of the demo document, level, turned and askew, and PDFs of them."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from PIL import Image

import nordocr

DEMO = Path(nordocr.__file__).parent / "demo" / "nordic-report.tif"
DPI = 200
FIRST = "Mekaniska Verkstad AB avger härmed"
LINE = ("Styrelsen", "och", "verkställande", "direktören", *FIRST.split())
"""Words from the beginning to the end of the line that :data:`FIRST` is in."""
LAST = "Tillverkningen"


def scan() -> Image.Image:
    """A 1-bit scan at 200 dpi whose lines begin with "Förvaltningsberättelse" and end with :data:`LAST`."""
    with Image.open(DEMO) as demo:
        page = Image.new("1", (demo.width, 400), 1)
        page.paste(demo.convert("1").crop((0, 640, demo.width, 820)), (0, 100))
    return page


def askew(degrees: float) -> Image.Image:
    """The scan with lines that climb to the right by so many degrees."""
    return scan().convert("L").rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def pdf_of(path: Path, *images: Image.Image) -> Path:
    """A PDF of scans without text."""
    first, *others = images
    first.save(path, "PDF", resolution=DPI, save_all=True, append_images=others)
    return path


def with_text(path: Path, text: str, *, mode: int, source: Path | None = None) -> Path:
    """A PDF whose first page shows ``text`` in the render mode ``mode``, on top of the pages of ``source``."""
    with pikepdf.Pdf.open(source) if source is not None else pikepdf.Pdf.new() as pdf:
        if source is None:
            pdf.add_blank_page(page_size=(595, 300))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        font.Encoding = pikepdf.Name.WinAnsiEncoding
        page = pdf.pages[0]
        page.resources["/Font"] = pikepdf.Dictionary(F1=font)
        content = f"q BT {mode} Tr /F1 14 Tf 50 100 Td ({text}) Tj ET Q".encode("cp1252")
        page.contents_add(pikepdf.Stream(pdf, content))
        pdf.save(path)
    return path


def joined(path: Path, *parts: Path) -> Path:
    """The pages of several PDFs in one."""
    with pikepdf.Pdf.new() as pdf:
        for part in parts:
            with pikepdf.Pdf.open(io.BytesIO(part.read_bytes())) as opened:
                pdf.pages.extend(opened.pages)
        pdf.save(path)
    return path
