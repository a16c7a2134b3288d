"""What a degrading run may do: how often each scanner story comes, how strong, and the ranges of every step.

Lengths are in pixels at 200 dpi; :func:`~nordocr.synth.degrade.degrade` scales them to the line at hand.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from nordocr.synth.degrade.registry import STEP_NAMES, STORY_NAMES


def _rising(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError("a range is (low, high)")
    return pair


Range = Annotated[tuple[float, float], AfterValidator(_rising)]
"""``(low, high)``: strength 0 gives the low end, strength 1 reaches the high end."""

STORIES: Final[dict[str, float]] = {
    "clean-1bit": 0.10,
    "normal-1bit": 0.17,
    "fax": 0.07,
    "photocopy-1bit": 0.09,
    "archive-1bit": 0.12,
    "dither-1bit": 0.015,
    "clean-gray": 0.09,
    "jpeg-gray": 0.09,
    "bilevel-jpeg": 0.05,
    "archive-typewriter": 0.13,
    "microfilm": 0.05,
    "mimeograph": 0.025,
}
"""Default weights. The names that end 1-bit (the first six) hold 56.5 % of the whole."""


class DegradeConfig(BaseModel):
    """Chances and ranges of all degradations. Frozen; unknown keys, stories and steps are refused.

    ``profiles`` weighs the scanner stories (need not sum to 1; none at all means identity). ``odds`` multiplies the
    chance of single steps in every story (0 switches one off; a missing one counts as 1). ``strength`` is drawn once
    a line, skewed to the low end where ``strength_power`` is above 1; a strength above 1 goes beyond the ranges.
    ``floor`` is what the legibility guard asks of a result (see ``guard.py``), 0 to let all pass.
    ``keep_size``: a scan at another resolution is brought back to the size of the input, as pages with boxes need.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profiles: dict[str, float] = Field(default_factory=lambda: dict(STORIES))
    odds: dict[str, float] = Field(default_factory=dict)
    strength: Range = (0.1, 1.0)
    strength_power: float = Field(default=1.0, gt=0)
    floor: float = Field(default=0.7, ge=0, lt=1)
    keep_size: bool = False
    inverted: float = Field(default=0.015, ge=0, le=1)
    """Chance of a negative: white on black."""

    blur_sigma: Range = (0.25, 1.25)
    defocus_radius: Range = (0.6, 1.9)
    motion_length: Range = (1.2, 3.2)
    spread: Range = (0.05, 0.75)
    """Pixels that ink grows or shrinks at each edge."""
    noise_sigma: Range = (1.0, 14.0)
    """Gray levels, white noise of the sensor."""
    grain_sigma: Range = (2.0, 18.0)
    """Gray levels, correlated grain of film and ink."""
    light_paper: Range = (200.0, 253.0)
    dark_paper: Range = (135.0, 212.0)
    ink_gray: Range = (12.0, 95.0)
    """Gray level of full ink on white paper."""
    illumination: Range = (0.03, 0.30)
    """Part of the light that is missing in the darkest spot."""
    bleed: Range = (0.05, 0.30)
    """Part of the ink of the other side that shows through."""
    jpeg_quality: Range = (15.0, 90.0)
    """Strength 1 gives the low end."""
    contrast_left: Range = (0.45, 0.95)
    """Part of the contrast that remains. Strength 1 gives the low end."""
    resample: Range = (0.6, 1.5)
    """Factor on the resolution. Not touched by strength."""
    threshold_shift: Range = (0.0, 0.24)
    """How far a threshold lies from the middle between ink and paper, as a part of their distance, either way."""
    speckle: Range = (0.00002, 0.0018)
    """Clusters for each pixel."""

    @field_validator("profiles")
    @classmethod
    def _known_stories(cls, profiles: dict[str, float]) -> dict[str, float]:
        return _checked(profiles, STORY_NAMES, "profile")

    @field_validator("odds")
    @classmethod
    def _known_steps(cls, odds: dict[str, float]) -> dict[str, float]:
        return _checked(odds, STEP_NAMES, "step")

    @classmethod
    def none(cls) -> DegradeConfig:
        """The identity: images come back as they were, as a copy."""
        return cls(profiles={}, inverted=0.0)

    def only(self, *profiles: str) -> DegradeConfig:
        """This configuration with the named stories alone, equally often; for contact sheets."""
        return DegradeConfig.model_validate({**self.model_dump(), "profiles": dict.fromkeys(profiles, 1.0)})


def _checked(weights: dict[str, float], known: frozenset[str], kind: str) -> dict[str, float]:
    for name, weight in weights.items():
        if name not in known:
            raise ValueError(f"there is no {kind} {name!r}; known are {', '.join(sorted(known))}")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"the weight of {name!r} must be finite and not below 0, not {weight}")
    return weights
