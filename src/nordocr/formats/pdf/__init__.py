"""Searchable PDF: the scan's own image data, or the PDF's own pages, with invisible text over each word."""

from nordocr.formats.pdf.output import PdfOutput, pdf_output

__all__ = ["PdfOutput", "pdf_output"]
