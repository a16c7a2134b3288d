"""What one input may cost: the limits of a reading run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """What one input may cost. Going over any of them raises :class:`nordocr.errors.InputTooLarge`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=2 * 1024**3, ge=1, description="Size of a file in bytes.")
    max_pixels: int = Field(
        default=200_000_000,
        ge=1,
        description="Size of a page in pixels, width times height; checked before the page is decoded.",
    )
    max_pages: int = Field(default=10_000, ge=1, description="Number of pages in a file.")
    max_seconds: float = Field(
        default=120.0,
        gt=0,
        description="Time to draw one page of a PDF, or to decode a page that is decoded in a process of its own, "
        "in seconds.",
    )
    max_memory: int = Field(
        default=3 * 1024**3,
        ge=512 * 1024**2,
        description="Memory of such a process in bytes of addresses, where the system has such a limit.",
    )
