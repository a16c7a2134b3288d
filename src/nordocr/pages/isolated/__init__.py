"""Decoders in processes of their own: PDFium, and those of image files whose cost nobody can tell beforehand."""
