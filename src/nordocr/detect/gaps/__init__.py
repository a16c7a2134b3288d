"""Where a row of type ends: the space between words, or the gap between columns and cells of a table.

How wide a word space is differs between print and typewriter by a factor of three, so the page's own is measured.
A gap that is wider is a column's edge if the rows above and below are white there too, a white corridor; in running
text they cover it.
"""

from nordocr.detect.gaps.judge import Page, parts
from nordocr.detect.gaps.rows import merge_lines, split_lines
from nordocr.detect.gaps.spacing import Spacing, measure

__all__ = ["Page", "Spacing", "measure", "merge_lines", "parts", "split_lines"]
