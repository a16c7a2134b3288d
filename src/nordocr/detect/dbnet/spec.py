"""What a detector's model file says of itself, in the ONNX metadata under ``nordocr_detector``."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr.errors import ModelInvalid
from nordocr.invalid import first_fault

METADATA_KEY: Final = "nordocr_detector"
"""The ONNX metadata key whose value is a :class:`DetectorSpec` as JSON."""

INPUT: Final = "input"
OUTPUT: Final = "output"


class DetectorSpec(BaseModel):
    """The contract of a detector's model. Frozen; unknown keys are refused.

    The input ``[batch, 1, H, W]`` float32 is gray, ``pixel / 127.5 - 1``, padded with white on the right and below to
    multiples of ``cell``; the output ``[batch, 1, H / stride, W / stride]`` float32 is the probability that a pixel
    lies in the core of a line, which is ``kept_height`` of the line's ink high. It was trained on pages of
    ``long_side`` pixels, A4. ``sha256`` is the checksum of the weights file that it was made of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["detector"] = "detector"
    version: Literal[1] = 1
    long_side: int = Field(ge=320, le=4096)
    stride: int = Field(ge=1, le=8)
    cell: int = Field(ge=1, le=128)
    kept_height: float = Field(gt=0, le=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @classmethod
    def from_json(cls, text: str, source: Path) -> DetectorSpec:
        """From the metadata of ``source``; :class:`ModelInvalid` where it is not such a spec."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            fault = first_fault(error, "the whole")
            raise ModelInvalid(f"The detector spec in {source} is not valid: {fault}.") from error
