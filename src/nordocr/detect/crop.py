"""Region to crop: the line's pixels, straightened, with other lines' ink and rules painted over in the paper's tone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from nordocr.detect.base import Mask, PageArray, Region

# A line that climbs by less than this share of its height over its length needs no straightening.
_LEVEL: Final = 0.25
_PAPER: Final = 0.65
_WHITE: Final = 255


def cut(image: PageArray, region: Region) -> PageArray:
    """The crop of ``region``: uint8 ``[H, W]`` or ``[H, W, 3]`` like ``image``, its width the region's.

    Straightening shears columns up and down and never moves them sideways, so that shares of the crop's width are
    shares of the region's. A line that is light on dark comes dark on light, one that is turned as it is read.
    """
    if region.turn >= 180:  # the same pixels as half a turn before, the other way up
        return np.ascontiguousarray(cut(image, _half_less(region))[::-1, ::-1])
    window = image[region.y : region.y + region.height, region.x : region.x + region.width]
    if region.turn:
        window = np.rot90(window, -1)
    crop = np.array(255 - window if region.inverted else window, dtype=np.uint8)
    if crop.size == 0:
        raise ValueError(f"a region at {region.bbox} lies outside a page of {image.shape[1]} x {image.shape[0]} px")
    foreign = region.foreign
    if foreign is not None:
        foreign = np.rot90(foreign, -1) if region.turn else foreign
        foreign = foreign[: crop.shape[0], : crop.shape[1]]
    own = None if foreign is None or foreign.all() else ~foreign
    channels = [crop] if crop.ndim == 2 else [crop[:, :, channel] for channel in range(crop.shape[2])]
    tone = np.array([_paper(channel, own) for channel in channels], dtype=np.uint8)
    if foreign is not None:
        crop[foreign] = tone if crop.ndim == 3 else tone[0]
    climb = math.tan(math.radians(region.angle))
    if abs(climb) * crop.shape[1] < _LEVEL * region.line_height:
        return crop
    height = min(crop.shape[0], math.ceil(region.line_height))
    # Row v of the straight line at column u is row v + drop - climb * (u - middle) of the box.
    middle = (crop.shape[1] - 1) / 2
    drop = (crop.shape[0] - height) / 2
    shear = np.array([[1.0, 0.0, 0.0], [-climb, 1.0, drop + climb * middle]])
    straight = cv2.warpAffine(
        crop,
        shear,
        (crop.shape[1], height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=tuple(float(v) for v in tone),
    )
    return np.asarray(straight, dtype=np.uint8)


def _half_less(region: Region) -> Region:
    return replace(region, turn=0 if region.turn == 180 else 90)


def _paper(image: np.ndarray, own: Mask | None) -> int:
    """The paper's tone: the 65th percentile of the pixels that are the line's ``own``, or of all."""
    count = image.size if own is None else np.count_nonzero(own)
    place = _PAPER * (count - 1)
    white = image == _WHITE
    if count - np.count_nonzero(white if own is None else white & own) <= math.floor(place):
        return _WHITE
    # Counting is faster than sorting.
    reached = np.cumsum(np.bincount(image.reshape(-1) if own is None else image[own], minlength=256))
    low, high = (int(np.searchsorted(reached, rank, side="right")) for rank in (math.floor(place), math.ceil(place)))
    return round(low + (high - low) * (place - math.floor(place)))
