"""From a rendered line or page to one that looks scanned: ink, paper, optics, sensor, threshold, and flaws of 1 bit.

Every step is seeded, works on uint8 in OpenCV and NumPy, and scales from a line of 14 px to a page of 300 dpi.
"""

from nordocr.synth.degrade.chain import Degraded, degrade
from nordocr.synth.degrade.config import DegradeConfig
from nordocr.synth.degrade.registry import STEP_NAMES, STORY_NAMES

__all__ = ["STEP_NAMES", "STORY_NAMES", "DegradeConfig", "Degraded", "degrade"]
