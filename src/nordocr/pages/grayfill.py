"""The gray that JPEG decoders fill a page with from where its data is broken on: they say nothing of it.

Coefficients that are not there are zeros, and zeros are the middle gray, 128 (ITU-T T.81, A.3.1). A picture whose last
rows are all exactly of that tone has none of its own there: even a gray card has noise.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_FILL: Final = 128
# Lines of a block; fewer at a side are no sign.
_FEWEST: Final = 8

MESSAGE: Final = "its JPEG data is broken, and from there on it is gray"
"""What is wrong with such a page."""


def filled_share(image: npt.NDArray[np.uint8], *, any_side: bool = False) -> float:
    """Return the share of a page that is the decoder's gray, in [0, 1], as far as whole lines tell.

    Args:
        image: uint8 ``[H, W]`` or ``[H, W, 3]``.
        any_side: Look at all four sides, as the page may have been turned since it was decoded.
    """
    sides = [np.rot90(image, turn) for turn in range(4 if any_side else 1)]
    lines = [(_filled(side), side.shape[0]) for side in sides]
    return max((count / of for count, of in lines if count >= min(_FEWEST, of)), default=0.0)


def _filled(image: npt.NDArray[np.uint8]) -> int:
    """Return how many lines from the bottom are all of the fill's tone."""
    count = 0
    for line in image[::-1]:
        if line.flat[0] != _FILL or not (line == _FILL).all():
            break
        count += 1
    return count
