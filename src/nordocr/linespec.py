"""The line contract: how a crop becomes the recogniser's input, and how wide its output is.

One :class:`LineSpec` says all of it. Data set, trainer, exporter and every engine use this object and the functions
here, so that a line is prepared in the same way for training and for reading; it is written into each checkpoint and
each ONNX file, and loading a file whose spec differs is an error.

Geometry follows SVTRv2 (Du et al., ICCV 2025) as OpenOCR runs it: height 32, one output step for every 4 columns.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_serializer, model_validator

from nordocr.charset import NORDIC_126, Charset
from nordocr.errors import DataInvalid, ModelInvalid
from nordocr.framing import frame
from nordocr.invalid import first_fault

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]

LADDER: Final = (32, 64, 128, 192, 256, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792)
"""Widths in pixels that lines are padded to: few shapes for kernels and TensorRT profiles."""

CEILING: Final = LADDER[-1]
"""The widest input in pixels that any engine is asked to read; 448 output steps."""

FIRST_FAMILY: Final = "svtrv2"  # of every LineSpec that names none
_UNSAID: Final = {"family": FIRST_FAMILY, "framing": "whole"}  # older files do not say it, so it is not written
_REDUCING: Final = {"linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA, "area-lanczos": cv2.INTER_AREA}
_ENLARGING: Final = _REDUCING | {"area-lanczos": cv2.INTER_LANCZOS4}


_VERSIONS: Final = {1: ("linear", "whole"), 2: ("area", "whole"), 3: ("area", "ink"), 4: ("area-lanczos", "ink")}


class LineSpec(BaseModel):
    """What trainer, exporter and engines must agree on. Frozen; unknown keys are refused.

    Attributes:
        version: 1 resizes bilinearly, 2 by area, which keeps the thin strokes of high crops, 3 also frames by ink,
            4 also enlarges by Lanczos's window: by area pixels are repeated, and low crops get stairs.
        height: Height of a line in pixels.
        max_width: Width in pixels up to which the model was trained; reading may go up to :data:`CEILING`.
        stride: Input columns per output step.
        align: Widths are floored to a multiple of this.
        pad_value: Gray value of padding; 255 is white.
        interpolation: How crops are resized; ``area-lanczos`` reduces by area and enlarges by Lanczos's window (8 x 8).
        framing: ``whole`` takes a crop as it is, ``ink`` straightens and cuts it by its ink (:mod:`nordocr.framing`).
        normalization: How pixels become floats.
        channels: Order of the input's channels.
        charset_name: Name of the charset.
        characters: The characters of classes 1, 2, ...; class 0 is the blank, or the end of the text.
        output: What the model gives: raw logits, or probabilities.
        ladder: Widths in pixels that lines are padded to.
        family: A name of :mod:`nordocr.families`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1, 2, 3, 4] = 1
    height: int = Field(default=32, ge=8, le=128)
    max_width: int = Field(default=1024, ge=32, le=CEILING)
    stride: Literal[4] = 4
    align: int = Field(default=4, ge=1, le=32)
    pad_value: int = Field(default=255, ge=0, le=255)
    interpolation: Literal["linear", "area", "area-lanczos"] = "linear"
    framing: Literal["whole", "ink"] = "whole"
    normalization: Literal["pixel/127.5-1"] = "pixel/127.5-1"
    channels: Literal["rgb"] = "rgb"
    charset_name: str = NORDIC_126.name
    characters: str = NORDIC_126.characters
    output: Literal["logits", "probabilities"] = "logits"
    ladder: tuple[int, ...] = LADDER
    family: str = Field(default=FIRST_FAMILY, min_length=1)

    @model_serializer(mode="wrap")
    def _written(self, handler: Any) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if _UNSAID.get(key, self) != value}

    @model_validator(mode="before")
    @classmethod
    def _version_follows(cls, values: Any) -> Any:
        if isinstance(values, dict) and "version" not in values:
            asked = (values.get("interpolation", "linear"), values.get("framing", "whole"))
            return values | {"version": next((number for number, how in _VERSIONS.items() if how == asked), 1)}
        return values

    @field_validator("characters")
    @classmethod
    def _distinct(cls, characters: str) -> str:
        if not characters or len(set(characters)) != len(characters):
            raise ValueError("the characters must be at least one and each only once")
        return characters

    @model_validator(mode="after")
    def _fitting_widths(self) -> LineSpec:
        if _VERSIONS[self.version] != (self.interpolation, self.framing):
            raise ValueError(
                "version 1 is linear, version 2 area, version 3 area and ink, version 4 area-lanczos and ink"
            )
        if not self.ladder or self.ladder[0] < 1 or any(a >= b for a, b in itertools.pairwise(self.ladder)):
            raise ValueError("the ladder's widths must be positive and rise")
        if self.max_width > self.ladder[-1] or self.max_width % self.align:
            raise ValueError("max_width must be a multiple of align and at most the ladder's top")
        return self

    @cached_property
    def charset(self) -> Charset:
        """The charset of the output classes."""
        return Charset(self.charset_name, self.characters)

    def time_steps(self, width: int) -> int:
        """Return the output steps T for an input ``width`` pixels wide: ``(width - 1) // 4 + 1`` = ceil(width / 4)."""
        return (width - 1) // self.stride + 1

    def target_width(self, height: int, width: int, max_width: int | None = None) -> int:
        """Return the width in pixels of a crop that is resized to ``self.height``.

        The aspect ratio is kept; the width is rounded as Python's ``round`` does (halves to even), floored to a
        multiple of ``align`` and clamped to ``[align, max_width]``.

        Args:
            height: The crop's height in pixels.
            width: The crop's width in pixels.
            max_width: The limit in pixels; None for this spec's own.
        """
        natural = round(width * self.height / height)
        limit = self.max_width if max_width is None else max_width
        return min(max(natural // self.align * self.align, self.align), limit)

    def rung(self, width: int) -> int:
        """Return the narrowest width of the ladder that is at least ``width`` pixels.

        Raises:
            ValueError: The width is above the top of the ladder.
        """
        if width > self.ladder[-1]:
            raise ValueError(f"a width of {width} px is above the ladder's top of {self.ladder[-1]} px")
        return next(step for step in self.ladder if width <= step)

    def to_json(self) -> str:
        """Return this spec as one line of JSON, for model metadata."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str, source: object) -> LineSpec:
        """Return the spec that :meth:`to_json` wrote.

        Args:
            text: JSON with every field but perhaps the family.
            source: Where it comes from, for errors.

        Raises:
            ModelInvalid: It is not valid, or lacks a field.
        """
        try:
            spec = cls.model_validate_json(text)
        except ValidationError as error:
            raise ModelInvalid(f"The LineSpec in {source} is not valid: {first_fault(error, 'the whole')}.") from error
        # A field that is left out must not silently become whatever this version's default is.
        if unsaid := sorted(set(cls.model_fields) - set(json.loads(text)) - set(_UNSAID)):
            raise ModelInvalid(f"The LineSpec in {source} lacks {unsaid[0]}.")
        return spec

    def require_same(self, other: LineSpec, source: object) -> None:
        """Check that another spec is equal to this one; :class:`ModelInvalid` names the first field that differs."""
        # The version last: what it stands for tells a reader more.
        for name in sorted(type(self).model_fields, key=lambda field: field == "version"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ModelInvalid(f"{source} has {name} {theirs!r} in its LineSpec where {mine!r} is required.")


@dataclass(frozen=True)
class PreparedLine:
    """A crop at the recogniser's height, not yet padded.

    Attributes:
        pixels: uint8 ``[height, width]`` gray or ``[height, width, 3]`` RGB.
        squeezed: The crop's natural width was above the limit, so its glyphs are narrower than in training.
    """

    pixels: UInt8Array
    squeezed: bool = False

    @property
    def width(self) -> int:
        """Width in pixels, a multiple of the spec's ``align``: decoding goes up to T(width), never further."""
        return int(self.pixels.shape[1])


def prepare(crop: npt.NDArray[np.generic], spec: LineSpec, max_width: int | None = None) -> PreparedLine:
    """Frame one line crop and resize it to the recogniser's height; the only preprocessing there is.

    Args:
        crop: uint8 ``[H, W]`` or ``[H, W, 1]`` gray, ``[H, W, 3]`` RGB (never BGR), or bool ``[H, W]``, True is white.
        spec: The line contract.
        max_width: The limit in pixels, None for the spec's own. Wider lines are squeezed to it and marked.

    Returns:
        The line at the spec's height.

    Raises:
        DataInvalid: The crop is empty or has another shape or dtype.
    """
    image = _as_uint8(crop)
    limit = spec.max_width if max_width is None else max_width
    if spec.framing == "ink":
        image = frame(image, least_rows=image.shape[1] * spec.height / limit)
    height, width = image.shape[:2]
    size = (spec.target_width(height, width, limit), spec.height)
    if (width, height) != size:
        # A line that is squeezed is reduced in width, however low it is: a window would step over strokes.
        enlarged = height < size[1] and width <= size[0]
        how = (_ENLARGING if enlarged else _REDUCING)[spec.interpolation]
        image = np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)
    natural = round(width * spec.height / height)
    return PreparedLine(np.ascontiguousarray(image), squeezed=natural >= limit + spec.align)


def _as_uint8(crop: npt.NDArray[np.generic]) -> UInt8Array:
    if crop.ndim not in (2, 3) or 0 in crop.shape or (crop.ndim == 3 and crop.shape[2] not in (1, 3)):
        raise DataInvalid(f"A line crop must be [H, W] or [H, W, 3] and not empty, not {crop.shape}.")
    if crop.dtype == np.bool_:
        return np.asarray(crop, dtype=np.uint8) * np.uint8(255)
    if crop.dtype != np.uint8:
        raise DataInvalid(f"A line crop must be uint8 or bool, not {crop.dtype}.")
    image: UInt8Array = np.asarray(crop, dtype=np.uint8)
    return image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image


NORMALISED: Final[FloatArray] = (np.arange(256, dtype=np.float64) / 127.5 - 1.0).astype(np.float32)
"""``pixel / 127.5 - 1`` of every byte, float32 ``[256]``: normalising is one look-up, the same everywhere."""


def stack(lines: Sequence[PreparedLine], width: int, spec: LineSpec) -> UInt8Array:
    """Put lines into one array, not yet normalised: each at the left, white to its right; as :func:`collate`.

    Returns:
        uint8 ``[len(lines), C, height, width]``; C is 1 if every line is gray, otherwise 3.

    Raises:
        ValueError: A line is wider than ``width``.
    """
    channels = 3 if any(line.pixels.ndim == 3 for line in lines) else 1
    batch = np.full((len(lines), channels, spec.height, width), spec.pad_value, dtype=np.uint8)
    for row, line in zip(batch, lines, strict=True):
        if line.width > width:
            raise ValueError(f"a line of {line.width} px does not fit a batch of {width} px")
        pixels = line.pixels
        row[:, :, : line.width] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return batch


def collate(lines: Sequence[PreparedLine], width: int, spec: LineSpec, out: FloatArray | None = None) -> FloatArray:
    """Make a batch for the model, padded with white (+1.0).

    Args:
        lines: Lines of the spec's height.
        width: Width of the batch in pixels, usually the lines' rung.
        spec: The line contract.
        out: An array of the result's shape to write to; None allocates one.

    Returns:
        float32 ``[len(lines), 3, height, width]`` in [-1, 1].

    Raises:
        ValueError: A line is wider than ``width``.
    """
    pixels = stack(lines, width, spec)
    batch = np.empty((len(lines), 3, spec.height, width), np.float32) if out is None else out
    if pixels.size:  # OpenCV gives None for nothing; one look-up a pixel, then copies to the three channels
        batch[:] = cv2.LUT(pixels.reshape(-1, width), NORMALISED).reshape(pixels.shape)
    return batch


class AspectPreservingResize:
    """:func:`prepare` as training code of today calls it: ``AspectPreservingResize(32, 1024)(image)``, all uint8."""

    def __init__(self, target_h: int = 32, max_w: int = 1024) -> None:
        self.spec = LineSpec(height=target_h, max_width=max_w)

    def __call__(self, image: npt.NDArray[np.generic]) -> UInt8Array:
        """Return ``[H, W]`` or ``[H, W, 3]`` at the target height, a multiple of 4 and at most ``max_w`` wide."""
        return prepare(image, self.spec).pixels
