"""Wrote ``resize.npz`` once: ``python tests/contracts/golden/make_resize.py``.

It calls OpenCV directly, with widths worked out by hand, and nothing of nordocr: the tests compare nordocr with it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

# name -> (input height, input width, channels, width after the resize)
CASES = {
    "ramp_48x200": (48, 200, 1, 132),  # 200 * 32 / 48 = 133.3, 133, 132
    "ramp_20x77": (20, 77, 1, 120),  # 77 * 32 / 20 = 123.2, 123, 120
    "ramp_64x256": (64, 256, 1, 128),  # exactly half, which OpenCV computes on a path of its own
    "sine_80x301": (80, 301, 3, 120),  # 301 * 32 / 80 = 120.4, 120
    "sine_33x101": (33, 101, 3, 96),  # 101 * 32 / 33 = 97.9, 98, 96
    "bars_60x250": (60, 250, 1, 132),  # 250 * 32 / 60 = 133.3, 133, 132
    "bars_24x1000": (24, 1000, 1, 1024),  # 1000 * 32 / 24 = 1333.3, over 1024: squeezed
}


def pattern(name: str, height: int, width: int, channels: int) -> np.ndarray:
    """An integer ramp, sines of one frequency a channel, or bilevel bars, as uint8."""
    y, x = np.mgrid[0:height, 0:width]
    if name.startswith("ramp"):
        return ((3 * x + 7 * y) % 256).astype(np.uint8)
    if name.startswith("bars"):
        return (((x // 3 + y // 5) % 2) * 255).astype(np.uint8)
    waves = [127.5 + 127.5 * np.sin(x / (3.0 + c)) * np.cos(y / (5.0 + 2 * c)) for c in range(channels)]
    return np.rint(np.stack(waves, axis=-1)).astype(np.uint8)


def main() -> None:
    arrays = {}
    for name, (height, width, channels, target) in CASES.items():
        image = pattern(name, height, width, channels)
        arrays[f"in/{name}"] = image
        arrays[f"out/{name}"] = cv2.resize(image, (target, 32), interpolation=cv2.INTER_LINEAR)
    np.savez_compressed(Path(__file__).with_name("resize.npz"), **arrays)


if __name__ == "__main__":
    main()
