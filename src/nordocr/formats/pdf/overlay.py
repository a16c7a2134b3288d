"""A searchable PDF of a PDF: its pages as they are, each with invisible text under its content, by pikepdf."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import pikepdf

from nordocr.errors import InputEncrypted, InputUnreadable
from nordocr.formats.about import About
from nordocr.formats.pdf.font import Codes, deflated, font_program, glyph_map
from nordocr.formats.pdf.objects import descendant_entries, descriptor_entries, font_entries
from nordocr.formats.pdf.text import FONT, placement, text_layer
from nordocr.results import Page

_log = logging.getLogger(__name__)

_SHOWING: Final = "Tj TJ ' \""
# How deep forms within forms are searched for text.
_DEPTH: Final = 5
# A tree of pages that is deeper is a circle.
_TREE: Final = 50


class OverlayPdf:
    """Adds text to the pages of a PDF; :meth:`end` writes the file.

    A page that holds text already keeps its own. Annotations, outline and metadata stay; encryption does not.

    Args:
        source: The PDF.
        name: What errors call it.
        about: Who read, and in which language.
        password: The password of an encrypted one.

    Raises:
        InputEncrypted: The password is wrong or missing.
        InputUnreadable: The file is damaged.
    """

    def __init__(self, source: Path, name: str, about: About, password: str | None) -> None:
        try:
            self._pdf = pikepdf.Pdf.open(source, password=password or "")
        except pikepdf.PasswordError as error:
            raise InputEncrypted(f"{name} is encrypted and wants another password.") from error
        except pikepdf.PdfError as error:
            raise InputUnreadable(f"{name} is too damaged to add text to.") from error
        self._name = name
        self._about = about
        self._codes = Codes()
        self._font, self._unicode = self._make_font()

    def page(self, page: Page, number: int) -> None:
        """Add the text of a page, counted from 0."""
        if number >= len(self._pdf.pages):
            raise InputUnreadable(f"{self._name} has no page {number + 1}.")
        target = self._pdf.pages[number]
        if holds_text(target.obj):
            _log.info("%s: page %d holds text already and keeps it", self._name, number + 1)
            return
        layer = text_layer(page, placement(page, visible_box(target), rotation(target.obj)), self._codes)
        if not layer:
            return
        stream = pikepdf.Stream(self._pdf, deflated(layer), Filter=pikepdf.Name.FlateDecode)
        # In front of the page's own content, where the graphics state is still the initial one.
        target.contents_add(stream, prepend=True)
        fonts = target.resources.get("/Font")
        if fonts is None:
            target.resources["/Font"] = fonts = pikepdf.Dictionary()
        fonts[f"/{FONT}"] = self._font

    def end(self, target: Path, title: str) -> None:
        """Write the file."""
        self._unicode.write(deflated(self._codes.to_unicode()), filter=pikepdf.Name.FlateDecode)
        producer = " ".join(self._about.software)
        for key, value in (("/Title", title), ("/Producer", producer)):
            if key not in self._pdf.docinfo:
                self._pdf.docinfo[key] = pikepdf.String(value)
        if self._about.language and "/Lang" not in self._pdf.Root:
            self._pdf.Root["/Lang"] = pikepdf.String(self._about.language)
        self._pdf.save(
            target,
            deterministic_id=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )

    def close(self) -> None:
        """Close the source."""
        self._pdf.close()

    def _make_font(self) -> tuple[Any, Any]:
        program = font_program()
        compressed = pikepdf.Name.FlateDecode
        embedded = pikepdf.Stream(self._pdf, deflated(program), Filter=compressed, Length1=len(program))
        glyphs = pikepdf.Stream(self._pdf, deflated(glyph_map()), Filter=compressed)
        unicode = pikepdf.Stream(self._pdf, b"")
        made = {}
        for name, entries, refers in (
            ("descriptor", descriptor_entries("null"), {"/FontFile2": embedded}),
            ("descendant", descendant_entries("null", "null"), {"/CIDToGIDMap": glyphs}),
            ("font", font_entries("null", "null"), {"/ToUnicode": unicode}),
        ):
            made[name] = self._pdf.make_indirect(pikepdf.Object.parse(entries.encode("ascii")))
            for key, value in refers.items():
                made[name][key] = value
        made["descendant"]["/FontDescriptor"] = made["descriptor"]
        made["font"]["/DescendantFonts"] = pikepdf.Array([made["descendant"]])
        return made["font"], unicode


def visible_box(page: Any) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top edges of what a page shows: its crop box within its media box."""
    media, crop = (_sorted([float(value) for value in box]) for box in (page.mediabox, page.cropbox))
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def rotation(page: Any) -> int:
    """Return the degrees clockwise by which a page is turned to be shown; the tree above a page may say so."""
    for _ in range(_TREE):
        if "/Rotate" in page:
            return int(page["/Rotate"]) % 360 // 90 * 90
        if "/Parent" not in page:
            break
        page = page["/Parent"]
    return 0


def _sorted(box: list[float]) -> tuple[float, float, float, float]:
    return min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])


def holds_text(page: Any, depth: int = _DEPTH) -> bool:
    """Decide whether a page, or a form on it, shows text."""
    try:
        if any(True for _ in pikepdf.parse_content_stream(page, _SHOWING)):
            return True
    except pikepdf.PdfError:  # a damaged content stream shows what it can, which is not asked here
        return False
    forms = page.get("/Resources", {}).get("/XObject", {})
    found = [item for item in forms.values() if item.get("/Subtype") == "/Form"]
    return depth > 0 and any(holds_text(form, depth - 1) for form in found)
