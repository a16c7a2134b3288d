"""The configuration of the font pool: folders, the share of each group, the side of the hold-out."""

from __future__ import annotations

import math
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

GROUPS: Final = ("typewriter", "monospace", "serif", "sans", "condensed", "bold", "italic", "old")
"""Every group a face can belong to; each face is in exactly one (see :mod:`nordocr.synth.fonts.grouping`)."""

DEFAULT_SHARES: Final[dict[str, float]] = {
    "typewriter": 0.22,
    "monospace": 0.08,
    "serif": 0.25,
    "sans": 0.22,
    "condensed": 0.05,
    "bold": 0.08,
    "italic": 0.06,
    "old": 0.04,
}
"""Shares for scanned Nordic business documents: typewritten pages are where a recogniser fails first, so they get more
than their part of an archive; bold is headings and sums; monospace stands for line printers and ledgers."""

SYSTEM: Final = "system"
"""The word in ``folders`` that stands for the operating system's own font folders."""


class FontConfig(BaseModel):
    """Which fonts are used and how often. Frozen; unknown keys and groups are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folders: tuple[str, ...] = ()
    """Folders to search, those written by :func:`nordocr.synth.fonts.pack` included. None: the system's fonts, which
    the word ``system`` adds to folders given."""
    shares: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_SHARES))
    """Relative weights of the groups of :data:`GROUPS`; a group left out gets none."""
    split: Literal["train", "validation", "all"] = "train"
    """``train`` leaves out the held-out families, ``validation`` has only them, ``all`` has both."""

    @field_validator("shares")
    @classmethod
    def _known_groups(cls, shares: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(shares) - set(GROUPS))
        if unknown:
            raise ValueError(f"no font group is called {unknown[0]!r}; the groups are {', '.join(GROUPS)}")
        if any(not math.isfinite(share) or share < 0 for share in shares.values()):
            raise ValueError("shares are finite numbers of at least 0")
        if sum(shares.values()) <= 0:
            raise ValueError("at least one share must be above 0")
        return shares
