"""Scanner stories: which steps follow each other, so that every result is one that a device could give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from nordocr.synth.degrade import bilevel, ink, optics, paper, sensor
from nordocr.synth.degrade.scan import Scan, UInt8Array

Step = Callable[[UInt8Array, Scan], UInt8Array]

STEPS: Final[dict[str, Step]] = {
    step.__name__: step
    for step in (
        *(ink.spread, ink.erode, ink.carbon, ink.mimeograph, ink.ink_tone),
        *(paper.paper, paper.dark_paper, paper.texture, paper.shadow, paper.crease, paper.bleed),
        *(paper.illumination, paper.contrast, paper.ground, paper.dirt),
        *(optics.blur, optics.defocus, optics.motion, optics.halo, optics.halation, optics.resample, optics.reduce),
        *(sensor.noise, sensor.grain, sensor.jpeg, sensor.scratches),
        *(bilevel.threshold, bilevel.otsu, bilevel.sauvola, bilevel.adaptive, bilevel.ordered, bilevel.diffusion),
        *(bilevel.fax_grid, bilevel.generations, bilevel.ragged),
        *(sensor.speckle, sensor.streaks, sensor.dropouts, sensor.dead_dots),
    )
}
"""Every step by its name: ``step(uint8 [H, W], scan) -> uint8 [H, W]`` (only ``resample`` may change H and W)."""

BILEVEL: Final = frozenset(
    ("threshold", "otsu", "sauvola", "adaptive", "ordered", "diffusion", "fax_grid", "generations", "ragged")
)
"""Steps after which an image holds only 0 and 255."""

STAYS: Final = frozenset(("speckle", "streaks", "dropouts"))
"""Steps that write only 0 and 255, so a 1-bit image stays one."""


DIRT: Final = frozenset(("speckle", "streaks", "dirt", "dead_dots"))
"""Steps that add to what is there rather than take from it."""


class Do(NamedTuple):
    """One place in a story: one of ``steps`` with ``chance``, at ``gain`` times the strength of the scan.

    ``steps`` holds names divided by spaces, a name said twice comes twice as often.
    """

    steps: str
    chance: float = 1.0
    gain: float = 1.0


_FLAWS: Final = (Do("dropouts", 0.03), Do("speckle", 0.30), Do("streaks", 0.07, 0.5))

STORIES: Final[dict[str, tuple[Do, ...]]] = {
    "clean-1bit": (
        Do("spread erode", 0.35, 0.4),
        Do("blur", 0.8, 0.5),
        Do("resample", 0.2),
        Do("noise", 0.2, 0.4),
        Do("threshold threshold otsu", 1.0, 0.5),
    ),
    "normal-1bit": (
        Do("spread erode", 0.6, 0.8),
        Do("ink_tone", 0.6, 0.8),
        Do("bleed", 0.08),
        Do("illumination shadow", 0.25, 0.8),
        Do("paper", 0.3),
        Do("blur blur blur defocus motion"),
        Do("resample", 0.25),
        Do("noise grain", 0.7),
        Do("threshold threshold otsu sauvola adaptive ragged"),
        *_FLAWS,
    ),
    "fax": (
        Do("spread erode", 0.5, 0.7),
        Do("ink_tone", 0.3),
        Do("blur", 0.7, 0.6),
        Do("fax_grid"),
        Do("dropouts", 0.15),
        Do("speckle", 0.45),
        Do("streaks", 0.15, 0.6),
    ),
    "photocopy-1bit": (
        Do("spread erode", 0.5, 0.7),
        Do("resample", 0.15),
        Do("shadow", 0.1, 0.6),
        Do("generations"),
        Do("speckle", 0.6),
        Do("streaks", 0.10, 0.6),
    ),
    "archive-1bit": (
        Do("spread erode", 0.5),
        Do("carbon", 0.75, 0.75),
        Do("ink_tone", 0.7),
        Do("bleed", 0.15),
        Do("illumination", 0.3),
        Do("texture", 0.4),
        Do("blur defocus"),
        Do("resample", 0.25),
        Do("grain noise", 0.8, 0.8),
        Do("threshold threshold otsu sauvola adaptive ragged"),
        *_FLAWS,
    ),
    "dither-1bit": (
        Do("ink_tone", 0.4, 0.5),
        Do("paper", 0.5, 0.6),
        Do("blur", 0.8, 0.6),
        Do("ordered diffusion"),
    ),
    "clean-gray": (
        Do("spread erode", 0.3, 0.4),
        Do("blur", 0.6, 0.5),
        Do("resample", 0.3),
        Do("noise", 0.25, 0.3),
    ),
    "jpeg-gray": (
        Do("spread erode", 0.5, 0.6),
        Do("ink_tone", 0.6),
        Do("bleed", 0.12),
        Do("illumination shadow", 0.3),
        Do("crease", 0.05),
        Do("paper", 0.5),
        Do("blur blur defocus motion", 0.9),
        Do("resample", 0.4),
        Do("halo", 0.2, 0.5),
        Do("noise", 0.5, 0.6),
        Do("contrast", 0.2),
        Do("jpeg"),
    ),
    "bilevel-jpeg": (
        Do("spread erode", 0.5, 0.8),
        Do("carbon", 0.5, 0.75),
        Do("blur defocus", 0.9),
        Do("grain noise", 0.7, 0.8),
        Do("threshold otsu adaptive ragged"),
        Do("speckle", 0.2),
        Do("resample", 0.5),
        Do("blur", 0.3, 0.4),
        Do("jpeg", 0.9, 0.8),
    ),
    "archive-typewriter": (
        Do("spread spread erode", 0.6),
        Do("carbon", 0.75),
        Do("ink_tone", 1.0, 0.8),
        Do("bleed", 0.25),
        Do("texture", 0.6, 0.6),
        Do("illumination shadow", 0.2, 0.6),
        Do("crease", 0.05),
        Do("paper paper paper dark_paper", 1.0, 0.6),
        Do("blur blur defocus", 0.8, 0.4),
        Do("resample", 0.3),
        Do("grain noise noise", 0.5, 0.25),
        Do("contrast", 0.12, 0.8),
        Do("jpeg", 0.6, 0.7),
    ),
    "microfilm": (
        Do("spread erode", 0.4),
        Do("carbon", 0.3),
        Do("ink_tone", 0.7),
        Do("halation", 0.5),
        Do("ground ground illumination shadow", 0.75),
        Do("dark_paper dark_paper paper"),
        Do("blur defocus"),
        Do("halo", 0.35),
        Do("resample", 0.3),
        Do("grain grain noise", 1.0, 0.85),
        Do("scratches", 0.3),
        Do("dirt", 0.5),
        Do("contrast", 0.45),
        Do("jpeg", 0.4, 0.7),
    ),
    "microfilm-1bit": (
        Do("spread erode", 0.5),
        Do("carbon", 0.5),
        Do("ink_tone", 0.6),
        Do("halation", 0.6),
        Do("ground illumination", 0.6),
        Do("paper", 0.5),
        Do("blur defocus"),
        Do("dirt", 0.3),
        Do("grain noise", 0.9, 0.9),
        Do("threshold otsu sauvola adaptive ragged"),
        Do("speckle", 0.4),
    ),
    "fax-form": (
        Do("spread erode", 0.5),
        Do("ink_tone", 0.3),
        Do("blur", 0.6, 0.5),
        Do("noise", 0.4),
        Do("threshold threshold otsu generations fax_grid"),
        Do("speckle", 0.5),
        Do("streaks", 0.1, 0.5),
        Do("reduce"),
        Do("noise", 0.3, 0.4),
        Do("jpeg", 0.3, 0.6),
    ),
    "thermal": (
        Do("spread erode erode", 0.6),
        Do("carbon", 0.3, 0.5),
        Do("ink_tone"),
        Do("dead_dots", 0.2),
        Do("ground illumination", 0.5, 0.7),
        Do("crease", 0.15),
        Do("paper", 0.7),
        Do("blur defocus", 0.8, 0.7),
        Do("noise", 0.6, 0.6),
        Do("contrast", 0.5),
        Do("jpeg", 0.7, 0.8),
    ),
    "mimeograph": (
        Do("mimeograph"),
        Do("ink_tone", 0.8),
        Do("bleed", 0.3),
        Do("texture", 0.7),
        Do("paper paper dark_paper"),
        Do("blur", 1.0, 0.7),
        Do("noise", 0.5, 0.6),
        Do("jpeg", 0.5, 0.7),
    ),
}
"""The chain of each story, in the order of nature: ink, paper, optics, sampling, sensor, binarising, flaws."""


class Played(NamedTuple):
    """A result: ``image`` uint8 ``[H, W]``; ``judged``, the same before dirt; ``taken``, the steps; ``bitonal``.

    Speckle and streaks cross letters without hiding them, yet look like a great loss to a correlation, so the guard
    sees ``judged``.
    """

    image: UInt8Array
    judged: UInt8Array
    taken: tuple[str, ...]
    bitonal: bool


def play(story: str, image: UInt8Array, scan: Scan) -> Played:
    """Run one story on uint8 ``[H, W]``, which is not changed."""
    judged = image
    taken: list[str] = []
    bitonal = False
    strength = scan.strength
    for place in STORIES[story]:
        names = place.steps.split()
        name = names[int(scan.rng.integers(0, len(names)))] if len(names) > 1 else names[0]
        # The chance is drawn even where the odds are 0, so that the odds of one step move no draw before it.
        if scan.rng.random() >= place.chance * scan.config.odds.get(name, 1.0):
            continue
        scan.strength = strength * place.gain
        image = STEPS[name](image, scan)
        if name not in DIRT:
            judged = image
        taken.append(name)
        bitonal = name in BILEVEL or (bitonal and name in STAYS)
    scan.strength = strength
    return Played(image, judged, tuple(taken), bitonal)
