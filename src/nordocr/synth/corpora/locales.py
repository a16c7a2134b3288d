"""One language's own data: phrases, months, places, units and how it writes numbers.

The phrases lie in ``data/<code>.txt``: sections headed ``[name]``, one entry a line, ``#`` for comments. All wording
is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Final

from nordocr.errors import DataInvalid
from nordocr.synth.corpora.dice import Weighted
from nordocr.synth.corpora.inside import Inside

SECTIONS: Final = frozenset(
    ("months", "months_short", "months_in_date", "weekdays", "places", "streets", "units", "abbreviations",
     "currencies", "footers", "labels", "headings", "fields", "sentences", "short", "replies")
)  # fmt: skip

_GROUPS: Final[dict[str, dict[str, float]]] = {
    "sv": {" ": 0.78, ".": 0.06, "": 0.16},
    "nb": {" ": 0.70, ".": 0.14, "": 0.16},
    "nn": {" ": 0.70, ".": 0.14, "": 0.16},
    "da": {" ": 0.10, ".": 0.76, "": 0.14},
    "fi": {" ": 0.76, ".": 0.06, "": 0.18},
    "is": {" ": 0.06, ".": 0.80, "": 0.14},
    "en": {" ": 0.08, ",": 0.78, "": 0.14},
    "fr": {" ": 0.80, ".": 0.08, "": 0.12},
    "de": {" ": 0.10, ".": 0.76, "": 0.14},
}


@dataclass(frozen=True)
class Locale:
    """Data of one language. ``groups``: how thousands are parted; ``decimal``: the decimal sign."""

    language: str
    decimal: str
    groups: Weighted[str]
    sections: dict[str, tuple[str, ...]]

    @property
    def complete(self) -> bool:
        """Whether figures can be written: there are a unit and a currency inside the charset."""
        return bool(self["units"] and self["currencies"])

    def __getitem__(self, section: str) -> tuple[str, ...]:
        """Entries of a section, perhaps none; KeyError for a section that no file may have."""
        if section not in SECTIONS:
            raise KeyError(section)
        return self.sections.get(section, ())


def load_locale(language: str, inside: Inside) -> Locale:
    """The locale of ``language``; entries outside the charset are left out and counted in ``inside.skipped``."""
    name = f"{language}.txt"
    text = resources.files("nordocr.synth.corpora").joinpath("data").joinpath(name).read_text(encoding="utf-8")
    sections = {
        section: tuple(inside.keep(entries, f"{language} template entry outside the charset"))
        for section, entries in read_sections(text, name).items()
    }
    return Locale(language, "." if language == "en" else ",", Weighted.of(_GROUPS[language]), sections)


def read_sections(text: str, name: str) -> dict[str, list[str]]:
    """Sections of a data file; :class:`DataInvalid` names the line that belongs to no known section."""
    sections: dict[str, list[str]] = {}
    entries: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("# "):
            continue
        if line.startswith("[") and line.endswith("]"):
            if line[1:-1] not in SECTIONS:
                raise DataInvalid(f"Line {number} of text data {name} names no known section: {line}.")
            entries = sections.setdefault(line[1:-1], [])
        elif entries is None:
            raise DataInvalid(f"Line {number} of text data {name} stands before the first section.")
        else:
            entries.append(line)
    return sections
