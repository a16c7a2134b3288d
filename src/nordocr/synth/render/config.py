"""The configuration of drawing: how often each thing happens to a line, and how strongly."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("a range must not fall")
    return span


# Marks the fields that plain() sets to nought.
_CHANCE = "chance"

Chance = Annotated[float, Field(ge=0.0, le=1.0), _CHANCE]
Span = Annotated[tuple[float, float], AfterValidator(_ordered)]


class RenderConfig(BaseModel):
    """Probabilities (of one line, unless said otherwise) and ranges of :func:`render_line`. Frozen.

    ``em`` is the type size in pixels, ``lh`` the line height (ascender to descender) in pixels.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Size
    dpi_weights: tuple[tuple[int, float], ...] = (
        (100, 0.03), (150, 0.13), (200, 0.36), (240, 0.06), (300, 0.37), (400, 0.05),
    )  # fmt: skip
    """(resolution in dpi, weight) pairs."""
    points: Span = (5.5, 14.0)
    """Type size of running text in points; most lines lie near ``points_mode``."""
    points_mode: float = Field(default=10.0, gt=0.0)
    heading: Chance = 0.07
    """A heading, of a size within ``heading_points``."""
    heading_points: Span = (14.0, 24.0)
    em_pixels: Span = (10.5, 100.0)
    """Hard limits of the em in pixels: below, nobody could read the line; above, no line detector saw it."""
    stretch: Span = (0.93, 1.07)
    """Width scale; printers, fax machines and scanners rarely keep the aspect."""
    stretched: Chance = 0.4
    """A line whose width is scaled by ``stretch``."""

    # Setting
    kerning: Chance = 0.6
    """Pairs of letters are kerned as the face says."""
    tracking: Chance = 0.12
    """A line whose letters are spaced by ``tracking_em``."""
    tracking_em: Span = (-0.03, 0.14)
    """Letter spacing in em; added to every advance."""
    word_spacing: Chance = 0.3
    """A line whose word spaces are scaled by ``word_spacing_factor``."""
    word_spacing_factor: Span = (0.75, 1.6)
    letterspaced: Chance = 0.10
    """Of a short line of letters: a heading whose letters are spaced, in print by ``letterspaced_em``, by a typewriter
    with an empty cell behind each; its label has no spaces between them."""
    letterspaced_em: Span = (0.12, 0.30)
    """Letter spacing in em; word spaces grow so that words stay apart."""
    thin_groups: Chance = 0.15
    """Spaces between digits narrowed by ``thin_factor``: thousands set with a thin space, which reads as a space."""
    thin_factor: Span = (0.5, 0.8)
    justified: Chance = 0.12
    """Word spaces widened by up to ``justified_factor``, as in a justified line."""
    justified_factor: Span = (1.2, 2.6)
    tabbed: Chance = 0.06
    """One word space widened by ``tab_em``, as between a label and its figure or a number and its heading."""
    tab_em: Span = (0.8, 5.0)

    # Crop
    side_cut: Chance = 0.06
    """A side that takes 1 px of the ink (never the top of lines below 24 px an em: an å would lose its ring)."""
    side_tight: Chance = 0.23
    """A side with a margin of ``tight_margin``."""
    side_loose: Chance = 0.23
    """A side with a margin of ``loose_vertical`` or ``loose_horizontal``; the others take the usual margins."""
    tight_margin: Span = (0.0, 0.07)
    """In lh, as are the margins that follow."""
    margin_vertical: Span = (0.06, 0.34)
    margin_horizontal: Span = (0.05, 0.5)
    loose_vertical: Span = (0.28, 0.75)
    loose_horizontal: Span = (0.5, 2.0)
    hug: Chance = 0.35
    """The crop follows the line's own ink; otherwise the face's ascender and descender, whether used or not."""

    filled: Chance = 0.35
    """The ink fills ``fill`` of the crop's height and lies off its centre; neighbour lines keep their natural distance
    and show at the edges, at the corners of a line askew above all."""
    fill: Span = (0.55, 0.95)
    """Share of the crop's height that the line's own ink takes."""
    off_centre: Span = (0.1, 0.9)
    """Share of the rest that lies above the ink."""
    tight_leading: Span = (0.95, 1.3)
    """Baseline distance in em of neighbours of such a crop; never so small that lines touch."""

    # Neighbour lines
    neighbour_above: Chance = 0.3
    """Descenders of the line above show in the crop."""
    neighbour_below: Chance = 0.3
    """Ascenders of the line below show in the crop."""
    neighbour_visible: Span = (0.02, 0.33)
    """Share of lh of a neighbour line that the crop shows."""
    line_spacing: Span = (1.0, 1.5)
    """Baseline distance in em; never so small that lines touch."""

    # Geometry
    rotation: Chance = 0.45
    """A line turned by up to ``rotation_degrees``."""
    rotation_degrees: float = Field(default=1.5, ge=0.0, le=5.0)
    """Largest rotation either way; most lie below a third of it."""
    shear: Chance = 0.08
    """A line slanted by ``shear_range``."""
    shear_range: Span = (-0.06, 0.22)
    """Slant as columns per row; positive leans right, as an italic made by skewing."""
    wave: Chance = 0.07
    """A line whose baseline waves by ``wave_em``."""
    wave_em: Span = (0.01, 0.06)
    """Amplitude in em of a baseline that rises and falls."""
    perspective: Chance = 0.06
    """A line whose scale changes along it by ``perspective_range``."""
    perspective_range: Span = (-0.08, 0.08)
    """Relative change of the scale from the left end of a line to the right."""

    # Ruled marks
    underline: Chance = 0.06
    """A line under the text or a part of it; a typewriter strikes it letter by letter."""
    strike: Chance = 0.006
    """A line through the text."""
    box: Chance = 0.02
    """A frame round the text."""
    rule_side: Chance = 0.06
    """A vertical table rule at the left, and as often at the right."""
    rule_inside: Chance = 0.012
    """A vertical rule through a gap between two words."""
    rule_across: Chance = 0.05
    """A horizontal rule above, and as often below."""
    form_line: Chance = 0.015
    """A dotted or thin line under the text, as on forms."""
    check_box: Chance = 0.012
    """An empty or ticked square before the text."""

    # Pen and stamp
    handwriting: Chance = 0.02
    """Strokes of a pen across or beside the text."""
    stamp: Chance = 0.012
    """A fragment of a rubber stamp."""

    # Print
    faded: Chance = 0.05
    """Ink that fades and returns along the line."""
    fade_depth: Span = (0.3, 0.65)
    """Share of the ink lost at the faintest place."""
    doubled: Chance = 0.015
    """A second, weaker image of the whole line beside the first: a slipped plate, a moved carbon copy."""

    dot_matrix: Chance = 0.10
    """Of an untyped line in a monospaced face: printed by needles or a coarse thermal head."""
    dot_radius: Span = (0.42, 0.75)
    """Radius of a dot in cells of its grid; from about 0.6 on dots run together."""

    # Typewriter
    typed: Chance = 0.88
    """Lines of typewriter faces that are struck by a worn machine."""
    typed_monospace: Chance = 0.55
    """The same for faces of the group monospace."""
    typed_serif: Chance = 0.12
    """The same for serif and old faces: typewriters were cut after more book faces than there are fonts of them."""
    equal_pitch: Chance = 0.85
    """Of a typed line in a proportional face: each letter stands in the middle of an equal cell, squeezed to fit it."""
    typed_other: Chance = 0.02
    """The same for all other groups."""
    pitch_weights: tuple[tuple[float, float], ...] = ((10.0, 0.62), (12.0, 0.32), (15.0, 0.06))
    """(characters an inch, weight) of monospaced typed lines; the distance is exactly equal from letter to letter."""
    type_fill: Span = (0.85, 1.04)
    """Width of a monospaced machine's letters within their equal cells, as a factor on the face's own."""
    type_height: Span = (0.88, 1.14)
    """Height of its letters for their width, as a factor on the face's own: no two makers cut the same proportions."""
    one_is_ell: Chance = 0.4
    """Of a typed line: its machine has no key for 1, and the typist struck a small l, which reads as 1."""
    sentence_gap: Chance = 0.4
    """Of a monospaced typed line: two spaces after a full stop, colon, question or exclamation mark."""
    wear: Span = (0.25, 1.0)
    """How worn a machine is; scales everything below."""
    type_shift_em: float = Field(default=0.08, ge=0.0, le=0.15)
    """Largest vertical misplacement of one letter in em (three standard deviations)."""
    type_jitter_em: float = Field(default=0.045, ge=0.0, le=0.1)
    """Largest horizontal misplacement in em."""
    type_tilt_degrees: float = Field(default=3.0, ge=0.0, le=10.0)
    """Largest rotation of one letter."""
    type_weight_em: Span = (0.055, 0.115)
    """Stroke width in em that the ribbon leaves; thinner faces are thickened to it."""
    strike_force: Span = (0.5, 1.0)
    """Ink of the weakest and the strongest letters."""
    half_struck: Chance = 0.05
    """Of one letter of a wholly worn machine: its ink fades to one side or in blots."""
    worn_type: Chance = 0.15
    """Of one type of a wholly worn machine: a part of its face prints weakly at every strike."""
    hard_point: Chance = 0.5
    """Of a typed line: full stops, commas, hyphens and quotes, being small, strike deeper than letters: wide, dark."""
    punched: Chance = 0.12
    """Of a full stop of such a line, on a wholly worn machine: it cut the paper and left a ring."""
    force_drift: float = Field(default=0.16, ge=0.0, le=0.5)
    """Share of ink by which a typist's strength wanders from word to word (largest, on a wholly worn machine)."""
    overtyped: Chance = 0.004
    """Of one letter of a wholly worn machine: a wrong letter, weaker, lies under the right one."""
    ghost: Chance = 0.02
    """Of one letter of a wholly worn machine: struck twice, 1-2 px apart."""
    clogged: Chance = 0.35
    """Of a typed line: the counters of some letters are filled by dirt on the type."""
    ribbon: Chance = 0.65
    """Of a typed line: the weave of the ribbon shows in the ink."""
    ribbon_edge: Chance = 0.04
    """Of a typed line: upper or lower parts of letters struck by the other half of a two-colour ribbon, lighter."""
    ribbon_shadow: Chance = 0.12
    """Of a typed line: a weak smear of the ribbon round the letters."""

    @classmethod
    def plain(cls) -> RenderConfig:
        """Return the configuration of clean lines: no decoration, no misplacement, a small even margin."""
        chances = [name for name, field in cls.model_fields.items() if _CHANCE in field.metadata]
        still: dict[str, object] = dict.fromkeys(chances, 0.0)
        still |= {"kerning": 1.0, "hug": 1.0, "margin_vertical": (0.1, 0.1), "margin_horizontal": (0.15, 0.15)}
        return cls.model_validate(still)
