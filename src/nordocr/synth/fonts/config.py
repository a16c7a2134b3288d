"""What the font pool is told: folders, the share of each group, and which side of the hold-out."""

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
    """Which fonts are used and how often.

    ``folders`` empty means the system's fonts. Folders given replace them, unless one of them is the word ``system``.
    A folder written by :func:`nordocr.synth.fonts.pack` is a folder like any other.
    ``shares`` are relative weights >= 0 of the groups in :data:`GROUPS`; a group left out gets none.
    ``split``: ``train`` leaves the held-out families away, ``validation`` has only them, ``all`` has both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folders: tuple[str, ...] = ()
    shares: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_SHARES))
    split: Literal["train", "validation", "all"] = "train"

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
