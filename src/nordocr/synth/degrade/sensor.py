"""The device: noise, grain, JPEG, scratches on film; and the flaws of 1-bit scans: speckle, streaks, lost rows."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.synth.degrade.scan import Scan, UInt8Array
from nordocr.synth.degrade.tiles import add_noise


def noise(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Add white or nearly white noise of the sensor."""
    kind = "white" if scan.coin(0.6) else "fine"
    return add_noise(image, kind, scan.amount(scan.config.noise_sigma), scan.rng)  # type: ignore[arg-type]


def grain(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Add film grain: noise correlated over a pixel or two."""
    kind = "grain" if scan.scale < 1.6 else "coarse"
    return add_noise(image, kind, scan.amount(scan.config.grain_sigma), scan.rng)  # type: ignore[arg-type]


def jpeg(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Compress as JPEG once or twice; the blocks begin anywhere, as in a crop of a page."""
    for _ in range(2 if scan.coin(0.2) else 1):
        quality = round(min(max(scan.falling(scan.config.jpeg_quality), 8), 98))
        top, left = (int(v) for v in scan.rng.integers(0, 8, 2))
        framed = cv2.copyMakeBorder(image, top, 0, left, 0, cv2.BORDER_REPLICATE)
        _, data = cv2.imencode(".jpg", framed, [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        assert decoded is not None  # it was encoded one line above
        image = np.ascontiguousarray(decoded[top:, left:])
    return image


def scratches(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Scratch the film: thin bright or dark lines, nearly vertical or nearly horizontal."""
    height, width = image.shape
    out = image.copy()
    count = 1 + int(scan.rng.poisson(3.0 * scan.strength * max(width, height) / 1000))
    upright = scan.coin(0.6)
    for _ in range(min(count, 60)):
        level = int(scan.uniform(190, 250) if scan.coin(0.7) else scan.uniform(20, 90))
        slant = scan.uniform(-0.05, 0.05)
        if upright:
            x = int(scan.rng.integers(0, width))
            ends = (x, 0), (x + round(slant * height), height - 1)
        else:
            x, y = int(scan.rng.integers(0, width)), int(scan.rng.integers(0, height))
            ends = (x, y), (x + round(scan.uniform(0.1, 0.6) * width), y + round(0.3 * slant * height))
        cv2.line(out, *ends, level, 1, cv2.LINE_AA)
    # Half seen through: a scratch of the film is not a cut in the paper.
    return cv2.addWeighted(image, 0.45, out, 0.55, 0.0)  # type: ignore[return-value]


def speckle(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Add salt and pepper in clusters smaller than a full stop, mostly black. Writes only 0 and 255."""
    height, width = image.shape
    rng = scan.rng
    # The density rises with the cube of the draw: most scans are nearly clean.
    low, high = scan.config.speckle
    density = low + (high - low) * min(scan.strength, 1.5) * rng.random() ** 3
    centres = int(min(rng.poisson(density * height * width / max(scan.scale, 0.5) ** 2) + 1, 60_000))
    # A full stop of 10 pt print at 200 dpi has about 6 pixels.
    sizes = rng.integers(1, 2 + max(1, round(2.5 * scan.scale**2)), centres)
    total = int(sizes.sum())
    reach = max(scan.scale, 0.6)
    centre = np.repeat(np.arange(centres), sizes)
    offsets = np.rint(rng.standard_normal((2, total), dtype=np.float32) * reach * 0.7).astype(np.int64)
    ys = rng.integers(0, height, centres)[centre] + offsets[0]
    xs = rng.integers(0, width, centres)[centre] + offsets[1]
    values = np.where(rng.random(centres) < 0.75, 0, 255).astype(np.uint8)[centre]
    inside = (ys >= 0) & (ys < height) & (xs >= 0) & (xs < width)
    out = image.copy()
    out[ys[inside], xs[inside]] = values[inside]
    return out


def streaks(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Draw lines one or two pixels thick down or across, broken in places: dirt on the glass or a weak diode."""
    height, width = image.shape
    out = image.copy()
    for _ in range(1 + int(scan.rng.integers(0, 1 + round(2 * min(scan.strength, 3.0))))):
        value = 0 if scan.coin(0.6) else 255
        thick = 1 if scan.coin(0.7) or scan.scale < 1 else 2
        upright = scan.coin(0.75)
        along, across = (height, width) if upright else (width, height)
        at = int(scan.rng.integers(0, across))
        first = 0 if scan.coin() else int(scan.rng.integers(0, along))
        last = along if scan.coin() else first + int(scan.rng.integers(1, along + 1))
        part = out[first:last, at : at + thick] if upright else out[at : at + thick, first:last]
        if scan.coin(0.5):
            part[:] = value
        else:
            hit = scan.rng.random(part.shape[0 if upright else 1]) < 0.6
            part[hit if upright else (slice(None), hit)] = value
    return out


def dropouts(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Lose rows as in transmission or by a jerking feeder: white, black, or the row above repeated."""
    height = image.shape[0]
    out = image.copy()
    most = max(1, round(height * 0.02 * min(scan.strength, 3.0)))
    for _ in range(int(scan.rng.integers(1, most + 1))):
        row = int(scan.rng.integers(0, height))
        kind = scan.rng.random()
        if kind < 0.5 and row > 0:
            out[row] = out[row - 1]
        else:
            out[row] = 255 if kind < 0.9 else 0
    return out


def dead_dots(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Leave one to three thin white lines across the text where elements of a thermal head are dead."""
    out = image.copy()
    width = image.shape[1]
    for _ in range(1 + int(scan.rng.integers(0, 3))):
        x = int(scan.rng.integers(0, width))
        out[:, x : x + max(1, round(0.8 * scan.scale))] = 255
    return out
