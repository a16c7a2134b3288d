"""The configuration of dirt: which share of pages has which kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class DirtConfig(BaseModel):
    """Shares of pages with each kind of dirt, each at a strength of its own. Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ragged_edges: Share = 0.0
    """Ragged dark strips of 3 to 15 px (at 200 dpi) along some of the page's borders."""
    wedge: Share = 0.0
    """A slanted black wedge above the sheet, where it lay askew on the glass."""
    pepper: Share = 0.0
    """Specks in clouds, as local thresholds make of paper shade, thickest towards one border."""
    broken_rules: Share = 0.0
    """Rules that a threshold broke into dashes of uneven length."""
    light_ink: Share = 0.0
    """Of gray pages: ink of light gray on clean white paper."""
    surround: Share = 0.0
    """Black round the whole sheet, as under an open lid: up to more than half of the picture."""

    @property
    def any(self) -> bool:
        """Whether any page has dirt."""
        return any(self.model_dump().values())
