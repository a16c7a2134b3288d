"""A searchable PDF of a PDF: its pages as they are, each with invisible text under its content, by pikepdf."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import pikepdf

from nordocr.errors import InputEncrypted, InputUnreadable
from nordocr.formats.about import About
from nordocr.formats.pdf.existing import strip_invisible, text_of
from nordocr.formats.pdf.font import Codes, deflated, font_program, glyph_map
from nordocr.formats.pdf.objects import descendant_entries, descriptor_entries, font_entries
from nordocr.formats.pdf.originals import packed
from nordocr.formats.pdf.text import FONT, Placement, placement, text_layer
from nordocr.formats.pdf.uncovered import uncovered
from nordocr.formats.pdf_options import PdfOptions
from nordocr.pages import Origin
from nordocr.pages.pdftext import VisibleText
from nordocr.results import Page

_log = logging.getLogger(__name__)

# A tree of pages that is deeper is a circle.
_TREE: Final = 50


class OverlayPdf:
    """Adds text to the pages of a PDF; :meth:`end` writes the file.

    Annotations, outline and metadata stay; encryption does not.

    Args:
        source: The PDF.
        origin: Where it came from.
        about: Who read, and in which language.
        options: What becomes of pages that hold text already.

    Raises:
        InputEncrypted: The password is wrong or missing.
        InputUnreadable: The file is damaged.
    """

    def __init__(self, source: Path, origin: Origin, about: About, options: PdfOptions) -> None:
        try:
            self._pdf = pikepdf.Pdf.open(source, password=origin.password or "")
        except pikepdf.PasswordError as error:
            raise InputEncrypted(f"{origin.name} is encrypted and wants another password.") from error
        except pikepdf.PdfError as error:
            raise InputUnreadable(f"{origin.name} is too damaged to add text to.") from error
        self._name, self._origin = origin.name, origin
        self._about, self._options = about, options
        self._visible = VisibleText(source, origin.limits, origin.password)
        self._codes = Codes()
        self._font, self._unicode = self._make_font()

    def page(self, page: Page, number: int) -> None:
        """Add the text of a page, counted from 0."""
        if number >= len(self._pdf.pages):
            raise InputUnreadable(f"{self._name} has no page {number + 1}.")
        target = self._pdf.pages[number]
        existing = text_of(target.obj)
        if existing and self._options.existing_text == "skip":
            _log.info("%s: page %d holds text already and keeps it", self._name, number + 1)
            return
        where = placement(page, visible_box(target), rotation(target.obj))
        if existing.visible and self._options.existing_text == "force":
            self._picture(target, number)
        elif existing:
            strip_invisible(self._pdf, target.obj)
            if existing.visible:
                page = uncovered(page, where, self._visible.centres(number))
        layer = text_layer(page, where, self._codes)
        if not layer:
            return
        stream = pikepdf.Stream(self._pdf, deflated(layer), Filter=pikepdf.Name.FlateDecode)
        # In front of the page's own content, where the graphics state is still the initial one.
        target.contents_add(stream, prepend=True)
        fonts = target.resources.get("/Font")
        if fonts is None:
            target.resources["/Font"] = fonts = pikepdf.Dictionary()
        fonts[f"/{FONT}"] = self._font

    def _picture(self, target: Any, number: int) -> None:
        """Put a picture of a page in the place of all that it draws."""
        drawn = packed(self._origin.image(number))
        shown = Page(page_index=0, width=drawn.width, height=drawn.height)
        where = placement(shown, visible_box(target), rotation(target.obj))
        image = pikepdf.Stream(self._pdf, drawn.data)
        for key, value in pikepdf.Object.parse(f"<< {drawn.entries} >>".encode("ascii")).items():
            image[key] = value
        operation = f"q {_matrix(where, drawn.width, drawn.height)} cm /Im Do Q\n"
        target.obj["/Contents"] = pikepdf.Stream(self._pdf, operation.encode("ascii"))
        target.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        # What said which text is a heading or a paragraph says nothing any more.
        for holder, key in ((target.obj, "/StructParents"), (self._pdf.Root, "/StructTreeRoot")):
            if key in holder:
                del holder[key]

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
        self._visible.close()
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


def _matrix(where: Placement, width: int, height: int) -> str:
    """Where a picture goes whose pixels go to ``where``: PDF draws images on a square of one by one, upwards."""
    (x, y), (right, down) = where.at(0, height), (where.right, where.down)
    values = (width * right[0], width * right[1], -height * down[0], -height * down[1], x, y)
    return " ".join(f"{value:.4f}" for value in values)
