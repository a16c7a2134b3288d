"""The learned detector: a model says where lines are and where they end, the page's own ink says how far they reach.

Differentiable binarisation (Liao et al., AAAI 2020) marks the core of each line. The paper grows a core to a line by a
rule of thumb ("unclip"); here every component of ink that a core touches belongs to its line, and the line's box is its
ink's, so that no ring or descender depends on the model.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Final

import numpy as np

from nordocr.detect import gaps, touching
from nordocr.detect.base import PageArray, Region
from nordocr.detect.beside.overlap import overlapped_lines
from nordocr.detect.beside.pictures import in_pictures, is_written
from nordocr.detect.beside.ticked import with_ticks
from nordocr.detect.beside.turned import turned_lines, turned_regions
from nordocr.detect.cells import find_cells
from nordocr.detect.combs import join_boxes
from nordocr.detect.components import Components, Ints
from nordocr.detect.dbnet.cores import Cores, find_cores
from nordocr.detect.dbnet.map import MapModel, PageMap
from nordocr.detect.gaps.edges import column_edges
from nordocr.detect.ink import to_gray
from nordocr.detect.order import in_reading_order
from nordocr.detect.regions import marked, regions_of
from nordocr.detect.sheet import Sheet, take_apart, working_copy
from nordocr.detect.textline import TextLine, extent, fit_line, page_slope

# A component with at least this share of its ink within a second core is of both lines.
_SHARED: Final = 0.15
# In core thicknesses, which is half a line's height: what is lower is a mark.
_LOWEST_LETTER: Final = 0.7
# How far beyond a line's ends, in letter heights, a letter or a mark that no core touches is still its own.
_REACH: Final = 0.5
_DASH_REACH: Final = 0.9
# A core without ink is a line only where the model is this certain.
_SURE: Final = 0.7
# The owner of a component that was cut: its parts have its ink.
_GONE: Final = -1
# How far beyond a core, in its thicknesses, a mark of its own may reach.
_OVER: Final = 1.0
_MOST_LOOSE: Final = 30_000


class DbNetDetector:
    """A :class:`nordocr.detect.base.Detector` on a learned map of a page.

    Args:
        model: A model file, or a map that is already open.
        threads: Threads of a model file; 0 for one a core.

    Raises:
        ModelMissing: There is no such file.
        ModelInvalid: It is not a detector.
    """

    name = "dbnet"

    def __init__(self, model: Path | PageMap, threads: int = 0) -> None:
        self.model = model if isinstance(model, PageMap) else MapModel(model, threads)

    def detect(self, image: PageArray) -> list[Region]:
        """The lines of the page in reading order; a page without type gives an empty list."""
        gray, scale = working_copy(to_gray(image))
        sheet = take_apart(gray)
        if sheet is None:
            return []
        seen = self.model.scale(gray.shape, sheet.size)
        cores = find_cores(self.model.probability(gray, seen), gray.shape)
        lines, bare = lines_of(sheet, cores)
        turned, size = turned_lines(sheet, lines), (image.shape[0], image.shape[1])
        regions = regions_of(sheet, lines, scale, *size, turned)
        written = [is_written(sheet.components, line) for line in lines]
        pictured = in_pictures(gray, sheet.size, scale, regions)
        regions = marked(regions, overlapped_lines(sheet, lines), written, pictured)
        regions += [_bare_region(cores, core, scale, image.shape, self.model.spec.kept_height) for core in bare]
        regions = with_ticks(sheet, regions, scale, *size)
        regions = in_reading_order(regions, find_cells(sheet.rules, scale))
        return regions + turned_regions(sheet, turned, lines, scale, *size)


def lines_of(sheet: Sheet, cores: Cores) -> tuple[list[TextLine], list[int]]:
    """The lines of ``cores``, made of the sheet's ink, and the cores without ink of which the model is sure."""
    components = sheet.components
    owner = _owners(sheet, cores)
    groups = _groups(owner, len(cores))
    chosen = {core: _sorted(components, cores, core, labels) for core, labels in groups.items()}
    rough = [fit_line(components, letters, marks) for letters, marks in chosen.values() if len(letters)]
    slope = page_slope(rough)
    lines = [fit_line(components, line.letters, line.marks, slope) for line in rough]
    loose = np.flatnonzero(sheet.candidates & (owner[: len(sheet.candidates)] == 0))
    if len(loose) > _MOST_LOOSE:
        loose = loose[np.argsort(-components.area[loose], kind="stable")[:_MOST_LOOSE]]
    _attach(components, lines, loose)
    lines = _joined(sheet, lines, slope)
    bare = [core for core in range(1, len(cores) + 1) if core not in groups and cores.certainty[core] >= _SURE]
    return lines, bare


def _owners(sheet: Sheet, cores: Cores) -> Ints:
    """The core of each component, 0 for none. A component of two lines is cut; its label is :data:`_GONE`'s then."""
    components = sheet.components
    ink = sheet.text[:, :] & (cores.labels > 0)
    size = len(cores) + 1
    keys, counts = np.unique(components.labels[ink].astype(np.int64) * size + cores.labels[ink], return_counts=True)
    component, core = keys // size, keys % size
    owner: dict[int, int] = {}
    for label in np.unique(component):
        mine = component == label if len(keys) < 64 else slice(*np.searchsorted(component, [label, label + 1]))
        found, ink_in = core[mine], counts[mine]
        owner[int(label)] = int(found[ink_in.argmax()])
        held = found[ink_in >= _SHARED * ink_in.sum()]
        if len(held) > 1:
            owner.update(_cut(components, int(label), cores, held))
    owners = np.zeros(len(components.left), dtype=np.int64)
    owners[list(owner)] = list(owner.values())
    return owners


def _cut(components: Components, label: int, cores: Cores, held: Ints) -> dict[int, int]:
    """A component cut midway between the rows of the cores that it joins; nothing where they stand in one row."""
    left, right = int(components.left[label]), int(components.right[label])
    bands = []
    for core in held:
        rows = np.flatnonzero(
            (cores.labels[components.top[label] : components.bottom[label], left:right] == core).any(1)
        )
        bands.append((int(rows[0]), int(rows[-1]) + 1, int(core)))
    bands.sort()
    if any(below[0] < above[1] for above, below in itertools.pairwise(bands)):
        return {}
    top = int(components.top[label])
    cuts = [top + (above[1] + below[0]) // 2 for above, below in itertools.pairwise(bands)]
    parts = touching.cut_rows(components, label, cuts)
    return {label: _GONE} | {part: band[2] for part, band in zip(parts, bands, strict=True) if part}


def _groups(owner: Ints, count: int) -> dict[int, Ints]:
    """The components of each core that has any."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(1, count + 2))
    return {
        core: order[bounds[core - 1] : bounds[core]] for core in range(1, count + 1) if bounds[core] > bounds[core - 1]
    }


def _joined(sheet: Sheet, lines: list[TextLine], slope: float) -> list[TextLine]:
    """Lines whose pieces are no farther apart than words are joined: the model parts justified text here and there."""
    if not lines:
        return lines
    spacing = gaps.measure(sheet.components, lines)
    none = np.zeros(0, dtype=np.int64)
    edges = column_edges(sheet.components, lines, spacing, slope)
    page = gaps.Page(sheet.components, sheet.text, sheet.rules, none, spacing, sheet.combs, edges)
    return join_boxes(sheet.components, gaps.merge_lines(page, lines, slope), sheet.combs, slope)


def _sorted(components: Components, cores: Cores, core: int, labels: Ints) -> tuple[Ints, Ints]:
    """Letters and marks among the components of a core; all are letters where none is high enough.

    What is low and reaches beyond the core is the crumb of a rule or of a row of dots, and no part of the line.
    """
    thick = cores.thickness[core]
    high = components.height[labels] >= _LOWEST_LETTER * thick
    beyond = np.maximum(cores.left[core] - components.left[labels], components.right[labels] - cores.right[core])
    kept = high | (beyond <= _OVER * thick)
    labels, high = labels[kept], high[kept]
    return (labels[high], labels[~high]) if high.any() else (labels, labels[:0])


def _attach(components: Components, lines: list[TextLine], loose: Ints) -> None:
    """Give each of ``loose`` that stands in or right beside one line to the nearest: dots, accents, commas, and
    letters at the ends. Lines do not grow by it, so that a row of dots is not taken in one by one."""
    if not lines or not len(loose):
        return
    x = (components.left[loose] + components.right[loose]) / 2
    top, bottom = components.top[loose], components.bottom[loose]
    best, owner = np.full(len(loose), np.inf), np.full(len(loose), -1)
    for number, line in enumerate(lines):
        left, right = extent(components, line)
        base = line.base + (line.slope or 0.0) * x
        beside = np.maximum(left - components.left[loose], components.right[loose] - right)
        # What stands beside a line's end must fit between x-height and baseline; what stands in it may be an accent.
        outside = (components.right[loose] <= left) | (components.left[loose] >= right)
        fits = (beside <= np.where(outside, _DASH_REACH + 0.6, _REACH) * line.unit) & (
            (top + bottom) / 2 < base + 0.45 * line.unit
        )
        fits &= (top + bottom) / 2 > base - np.where(outside, 1.4 * line.rise, 1.6 * line.rise + 0.45 * line.unit)
        gap = np.maximum(np.maximum(left - components.right[loose], components.left[loose] - right), 0)
        # A minus stands farther off than a letter.
        dash = (components.width[loose] >= 1.4 * components.height[loose]) & (components.right[loose] <= left)
        fits &= gap <= np.where(dash, _DASH_REACH, _REACH) * line.unit
        # No line begins with a full stop: a small dot to the left is dirt.
        size = np.maximum(components.width[loose], components.height[loose])
        fits &= (components.right[loose] > left) | (size >= 0.4 * line.unit)
        away = np.maximum(np.maximum(base - line.rise - bottom, top - base), 0) / line.unit + gap / line.unit
        nearer = fits & (away < best)
        owner[nearer], best[nearer] = number, away[nearer]
    for number, line in enumerate(lines):
        mine = loose[owner == number]
        line.marks = np.union1d(line.marks, mine)


def _bare_region(cores: Cores, core: int, scale: float, page: tuple[int, ...], kept_height: float) -> Region:
    """The paper's way, for a line whose ink is lost: the core grown by what training shrank."""
    grow = cores.thickness[core] * (1 / kept_height - 1) / 2 + 0.2 * cores.thickness[core]
    x, y = max(0, int((cores.left[core] - grow) / scale)), max(0, int((cores.top[core] - grow) / scale))
    right = min(page[1], round((cores.right[core] + grow) / scale))
    bottom = min(page[0], round((cores.bottom[core] + grow) / scale))
    return Region(x, y, max(1, right - x), max(1, bottom - y), 0.0, float(max(1, bottom - y)))
