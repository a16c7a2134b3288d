"""The names of all steps and stories, apart from their code so that the configuration can check them."""

from __future__ import annotations

from typing import Final

STEP_NAMES: Final = frozenset(
    (
        *("spread", "erode", "carbon", "mimeograph", "ink_tone"),
        *("paper", "dark_paper", "texture", "shadow", "crease", "bleed", "illumination", "contrast", "ground", "dirt"),
        *("blur", "defocus", "motion", "halo", "halation", "resample", "reduce"),
        *("noise", "grain", "jpeg", "scratches"),
        *("threshold", "otsu", "sauvola", "adaptive", "ordered", "diffusion", "fax_grid", "generations", "ragged"),
        *("speckle", "streaks", "dropouts", "dead_dots"),
    )
)
"""Every single degradation that a story may hold."""

STORY_NAMES: Final = frozenset(
    (
        *("clean-1bit", "normal-1bit", "fax", "photocopy-1bit", "archive-1bit", "dither-1bit"),
        *("clean-gray", "jpeg-gray", "bilevel-jpeg", "archive-typewriter", "microfilm", "mimeograph"),
        *("microfilm-1bit", "fax-form", "thermal"),
    )
)
"""Every scanner story: a coherent chain of steps."""
