"""A searchable PDF of scans: each page is the scan's own image data with invisible text over it."""

from __future__ import annotations

from typing import BinaryIO, Final

from nordocr.formats.about import About
from nordocr.formats.pdf.font import Codes, deflated
from nordocr.formats.pdf.objects import PdfFile, text_string, write_font
from nordocr.formats.pdf.originals import Original
from nordocr.formats.pdf.text import FONT, placement, text_layer
from nordocr.results import Page

DEFAULT_DPI: Final = 300.0
"""The resolution of an image that does not say its own."""

_POINTS: Final = 72.0
# What readers take at most (ISO 32000-1, annex C).
_LONGEST: Final = 14_400.0


class ScanPdf:
    """Writes pages as they come; :meth:`end` completes the file.

    Args:
        file: Empty, opened for writing in binary mode.
        about: Who read, and in which language.
    """

    def __init__(self, file: BinaryIO, about: About) -> None:
        self._pdf = PdfFile(file)
        self._about = about
        self._codes = Codes()
        self._root, self._tree, self._font = (self._pdf.reserve() for _ in range(3))
        self._pages: list[int] = []

    def page(self, page: Page, original: Original) -> None:
        """Write a page.

        Args:
            page: What was read on it.
            original: Its image. The page is shown turned by the page's ``rotation``, as it was read.
        """
        width, height = page_size(page, original)
        image = self._pdf.stream(original.entries, original.data)
        matrix = " ".join(f"{value:g}" for value in _matrix(original.orientation))
        drawn = f"q {width:.2f} 0 0 {height:.2f} 0 0 cm {matrix} cm /Im Do Q\n".encode("ascii")
        text = text_layer(page, placement(page, (0, 0, width, height)), self._codes)
        content = self._pdf.stream("/Filter /FlateDecode", deflated(drawn + text))
        turned = f" /Rotate {page.rotation}" if page.rotation else ""
        self._add(
            f"/MediaBox [0 0 {width:.2f} {height:.2f}]{turned} /Contents {content} 0 R "
            f"/Resources << /XObject << /Im {image} 0 R >> /Font << /{FONT} {self._font} 0 R >> >>"
        )

    def text_page(self, page: Page, size: tuple[float, float], font: str) -> None:
        """Write a page of text alone.

        Args:
            page: What was read on it.
            size: Its width and height in points, as it lay before it was turned to be read.
            font: The font's name among the page's resources.
        """
        width, height = size
        text = text_layer(page, placement(page, (0, 0, width, height)), self._codes)
        # The text itself is hexadecimal.
        text = text.replace(f"/{FONT} ".encode("ascii"), f"/{font} ".encode("ascii"))
        content = self._pdf.stream("/Filter /FlateDecode", deflated(text))
        self._add(
            f"/MediaBox [0 0 {width:.2f} {height:.2f}] /Contents {content} 0 R "
            f"/Resources << /Font << /{font} {self._font} 0 R >> >>"
        )

    def empty_page(self) -> None:
        """Write a page without anything on it, of the size A4."""
        self._add("/MediaBox [0 0 595.28 841.89] /Resources << >>")

    def end(self, title: str) -> None:
        """Write what belongs to the whole file."""
        pdf = self._pdf
        write_font(pdf, self._font, self._codes)
        pdf.write(
            f"<< /Type /Pages /Count {len(self._pages)} /Kids [{' '.join(f'{n} 0 R' for n in self._pages)}] >>",
            self._tree,
        )
        language = f" /Lang {text_string(self._about.language)}" if self._about.language else ""
        shown = " /ViewerPreferences << /DisplayDocTitle true >>" if title else ""
        pdf.write(f"<< /Type /Catalog /Pages {self._tree} 0 R{language}{shown} >>", self._root)
        producer = text_string(" ".join(self._about.software))
        info = pdf.write(f"<< /Title {text_string(title)} /Producer {producer} >>")
        pdf.finish(self._root, info)

    def _add(self, entries: str) -> None:
        self._pages.append(self._pdf.write(f"<< /Type /Page /Parent {self._tree} 0 R {entries} >>"))


def page_size(page: Page, original: Original) -> tuple[float, float]:
    """Return the width and height of a page in points, as its file says it lies."""
    across, down = original.dpi or (DEFAULT_DPI, DEFAULT_DPI)
    rows, columns = (page.height, page.width) if page.rotation % 180 == 0 else (page.width, page.height)
    if not rows * columns:  # the page could not be read
        rows, columns = original.height, original.width
    own = (original.width, original.height) if original.orientation < 5 else (original.height, original.width)
    # A coarse fax was stretched to square pixels of the finer of the two resolutions.
    stretched = (columns, rows) != own
    dpi = max(across, down) if stretched else across
    width, height = columns * _POINTS / dpi, rows * _POINTS / dpi
    shrink = min(1.0, _LONGEST / max(width, height))
    return max(1.0, width * shrink), max(1.0, height * shrink)


def _matrix(orientation: int) -> tuple[float, ...]:
    """Where an image goes on a page of one by one that shows it upright; its orientation as EXIF numbers it."""

    def point(across: float, up: float) -> tuple[float, float]:
        x, y = _upright(orientation, across, 1 - up)
        return x, 1 - y

    (ox, oy), (rx, ry), (ux, uy) = point(0, 0), point(1, 0), point(0, 1)
    return rx - ox, ry - oy, ux - ox, uy - oy, ox, oy


def _upright(orientation: int, s: float, t: float) -> tuple[float, float]:
    """From shares of a stored image's width and height to those of the upright one (Exif 2.3, 4.6.4)."""
    return {
        2: (1 - s, t),
        3: (1 - s, 1 - t),
        4: (s, 1 - t),
        5: (t, s),
        6: (1 - t, s),
        7: (1 - t, 1 - s),
        8: (t, 1 - s),
    }.get(orientation, (s, t))
