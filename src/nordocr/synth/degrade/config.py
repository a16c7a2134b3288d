"""The configuration of degradation: how often each scanner story comes, how strong it is, the range of every step.

Lengths are in pixels at 200 dpi; :func:`~nordocr.synth.degrade.degrade` scales them to the image at hand.
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
    "clean-1bit": 0.085,
    "normal-1bit": 0.14,
    "fax": 0.07,
    "photocopy-1bit": 0.075,
    "archive-1bit": 0.105,
    "dither-1bit": 0.015,
    "microfilm-1bit": 0.03,
    "clean-gray": 0.09,
    "jpeg-gray": 0.08,
    "bilevel-jpeg": 0.05,
    "archive-typewriter": 0.11,
    "microfilm": 0.065,
    "mimeograph": 0.025,
    "fax-form": 0.04,
    "thermal": 0.02,
}
"""Default weights. The names that end 1-bit (the first seven) hold 52 % of the whole."""


class DegradeConfig(BaseModel):
    """Probabilities and ranges of all degradations. Frozen; unknown keys, stories and steps are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profiles: dict[str, float] = Field(default_factory=lambda: dict(STORIES))
    """Relative weights of the scanner stories; none at all means that images stay as they are."""
    odds: dict[str, float] = Field(default_factory=dict)
    """Factors on the probability of single steps in every story: 0 switches a step off, a missing one counts as 1."""
    strength: Range = (0.1, 1.0)
    """Strength of a scan, drawn once an image; above 1 it goes beyond the ranges below."""
    strength_power: float = Field(default=1.0, gt=0)
    """Skew of the strength: above 1 towards the low end."""
    floor: float = Field(default=0.7, ge=0, lt=1)
    """Legibility that the guard asks of a result (see ``guard.py``); 0 lets everything pass."""
    keep_size: bool = False
    """Whether a scan at another resolution is brought back to the size of the input, as pages with boxes need."""
    inverted: float = Field(default=0.015, ge=0, le=1)
    """Probability of a negative: white on black."""

    banded: float = Field(default=0.015, ge=0, le=1)
    """Probability of a black band: white text on black, with edges of white paper where the crop has room for them.
    Lines only, not pages."""

    blur_sigma: Range = (0.25, 1.25)
    """Standard deviation of soft optics in pixels."""
    defocus_radius: Range = (0.6, 1.9)
    """Radius of a disc out of focus in pixels."""
    motion_length: Range = (1.2, 3.2)
    """Pixels that the paper moves during the exposure."""
    spread: Range = (0.05, 0.75)
    """Pixels by which ink grows or shrinks at each edge."""
    noise_sigma: Range = (1.0, 14.0)
    """Gray levels, white noise of the sensor."""
    grain_sigma: Range = (2.0, 18.0)
    """Gray levels, correlated grain of film and ink."""
    light_paper: Range = (200.0, 253.0)
    """Gray level of toned paper."""
    dark_paper: Range = (135.0, 212.0)
    """Gray level of brown paper and of film."""
    ink_gray: Range = (12.0, 95.0)
    """Gray level of full ink on white paper."""
    illumination: Range = (0.03, 0.30)
    """Share of the light that is missing at the darkest spot."""
    bleed: Range = (0.05, 0.30)
    """Share of the other side's ink that shows through."""
    ground: Range = (0.08, 0.5)
    """Share of the light that is missing in dark patches of a film's ground."""
    halation: Range = (0.1, 0.55)
    """Share of a lone thin stroke's ink that the light around it takes."""
    dirt: Range = (0.0001, 0.0025)
    """Specks, blots and hairs of dust per pixel."""
    reduced_dpi: Range = (85.0, 130.0)
    """Resolution of faxed forms as archives keep them, whatever the strength."""
    jpeg_quality: Range = (15.0, 90.0)
    """JPEG quality; strength 1 gives the low end."""
    contrast_left: Range = (0.45, 0.95)
    """Share of the contrast that remains; strength 1 gives the low end."""
    resample: Range = (0.6, 1.5)
    """Factor on the resolution, whatever the strength."""
    threshold_shift: Range = (0.0, 0.24)
    """Distance of a threshold from the middle between ink and paper, as a share of theirs, either way."""
    speckle: Range = (0.00002, 0.0018)
    """Clusters of specks per pixel."""

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
        """Return the configuration that leaves images as they are."""
        return cls(profiles={}, inverted=0.0, banded=0.0)

    def only(self, *profiles: str) -> DegradeConfig:
        """Return this configuration with the named stories alone, equally often; for contact sheets."""
        return DegradeConfig.model_validate({**self.model_dump(), "profiles": dict.fromkeys(profiles, 1.0)})


def _checked(weights: dict[str, float], known: frozenset[str], kind: str) -> dict[str, float]:
    for name, weight in weights.items():
        if name not in known:
            raise ValueError(f"there is no {kind} {name!r}; known are {', '.join(sorted(known))}")
        if not 0 <= weight < float("inf"):
            raise ValueError(f"the weight of {name!r} must be finite and not below 0, not {weight}")
    return weights
