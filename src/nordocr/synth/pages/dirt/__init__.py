"""The dirt of real scans on a finished page: edges, wedges, pepper, black surroundings. Junk has no truth lines."""

from nordocr.synth.pages.dirt.config import DirtConfig
from nordocr.synth.pages.dirt.soil import Soiled, break_rules, lightened, soil

__all__ = ["DirtConfig", "Soiled", "break_rules", "lightened", "soil"]
