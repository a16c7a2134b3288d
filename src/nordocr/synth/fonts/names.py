"""What a font file says of itself (name, OS/2, post, head tables) and what its family is called.

Table fields are those of the OpenType specification 1.9. Everything a decision rests on survives packing: family and
style names, weight and width class, the italic bits.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTFont

# fontTools warns of harmless oddities (old timestamps, spare bytes) face by face; a thousand would fill the screen.
logging.getLogger("fontTools").setLevel(logging.ERROR)

_COLOUR: Final = ("COLR", "CBDT", "sbix", "SVG ")
_OUTLINES: Final = ("glyf", "CFF ", "CFF2")


def words(text: str) -> list[str]:
    """Return the runs of letters and digits of ``text``, in lower case and without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", plain.lower())


# Words that say which cut of a design a face is, not which design: cut from the end of a family's name.
_CUTS: Final = frozenset(
    words(
        "regular book text caption subhead headline display small light medium semilight demilight demi "
        "semibold demibold bold extrabold ultrabold black heavy thin hairline extralight ultralight extra "
        "ultra semi italic oblique condensed cond cn narrow semicondensed extracondensed compressed expanded "
        "semiexpanded extended wide std pro otf ttf ot o z t1 mt ms no2 no3 lt nf"
    )
)

# Re-cuttings of one design under other names. Holding out Nimbus Roman while training on TeX Gyre Termes would hold
# out nothing. The left side starts the normalised family name; the longest match wins.
_SAME_DESIGN: Final = {
    "nimbus sans": ("tex gyre heros", "freesans", "sans uralic", "sans condensed uralic", "induni h"),
    "nimbus roman": ("tex gyre termes", "freeserif", "roman uralic", "induni t", "stix", "stixgeneral", "norasi"),
    "nimbus mono": ("tex gyre cursor", "freemono", "mono uralic", "induni c"),
    "p052": ("tex gyre pagella", "palladio uralic", "induni p"),
    "c059": ("tex gyre schola", "schoolbook uralic", "induni n"),
    "urw bookman": ("tex gyre bonum", "bookman uralic"),
    "urw gothic": ("tex gyre adventor", "gothic uralic"),
    "z003": ("tex gyre chorus", "chancery uralic"),
    "liberation sans": ("arimo",),
    "liberation serif": ("tinos",),
    "liberation mono": ("cousine",),
    "vera sans": ("dejavu sans", "bitstream vera sans", "aerial", "veranda", "verana sans", "waree"),
    "vera serif": ("dejavu serif", "bitstream vera serif", "tymes", "verana"),
    "vera mono": ("dejavu sans mono", "bitstream vera sans mono", "aerial mono", "hack"),
    "computer modern roman": ("cmu serif", "cmu classical", "latin modern roman"),
    "computer modern sans": ("cmu sans", "cmu bright", "latin modern sans"),
    "computer modern mono": ("cmu typewriter", "latin modern mono"),
    "noto sans": ("open sans", "droid sans"),
    "noto mono": ("noto sans mono", "droid sans mono"),
    "lato": ("carlito",),
    "karla": ("karmilla",),
    "yrsa": ("rasa",),
    "gentium": (),
    "courier prime": (),
}
_DESIGNS: Final = sorted(
    ((start, design) for design, starts in _SAME_DESIGN.items() for start in (design, *starts)),
    key=lambda pair: -len(pair[0]),
)

# Makers who call each cut a family: eight PC screen fonts must not weigh eight times one typewriter.
_ONE_FAMILY: Final = ("px", "tiresias", "tlwg", "routed gothic", "elstob", "elstobd", "junicode", "latin modern mono")

_HOLD_OUT_SALT: Final = b"nordocr-fonts-186:"
_HOLD_OUT_ONE_IN: Final = 10


@dataclass(frozen=True)
class FaceInfo:
    """One face's own words. ``weight`` 1-1000 and ``width`` 1-9 as in OS/2 (400 and 5 where the table is absent)."""

    family: str
    style: str
    weight: int
    width: int
    bold: bool
    italic: bool
    outline: bool
    colour: bool
    variable: bool


def read_info(path: Path, index: int) -> FaceInfo:
    """Read face ``index`` of ``path``. Raises whatever fontTools raises on a damaged file."""
    # The stream is ours: fontTools leaves a file it cannot parse open.
    with path.open("rb") as stream, TTFont(stream, fontNumber=index, lazy=True) as font:
        name = font["name"]
        family = name.getDebugName(16) or name.getDebugName(1) or ""
        style = name.getDebugName(17) or name.getDebugName(2) or "Regular"
        os2: Any = font.get("OS/2")
        mac_style = int(font["head"].macStyle)
        selection = int(os2.fsSelection) if os2 is not None else 0
        weight = int(os2.usWeightClass) if os2 is not None else 400
        angle = float(font["post"].italicAngle) if "post" in font else 0.0
        return FaceInfo(
            family=" ".join(family.split()),
            style=" ".join(style.split()),
            weight=weight,
            width=int(os2.usWidthClass) if os2 is not None else 5,
            bold=bool(mac_style & 1 or selection & 0x20 or 600 <= weight <= 1000),
            italic=bool(mac_style & 2 or selection & 1 or abs(angle) > 2),
            outline=any(table in font for table in _OUTLINES),
            colour=any(table in font for table in _COLOUR),
            variable="fvar" in font,
        )


def normalised_family(family: str) -> str:
    """Return the family's name without cut, optical size and format: ``lato`` for ``Lato Semibold`` and ``Lato``."""
    parts = words(family)
    while len(parts) > 1 and (parts[-1] in _CUTS or re.fullmatch(r"\d{1,2}(pt)?", parts[-1])):
        parts.pop()
    name = " ".join(parts)
    return next((whole for whole in _ONE_FAMILY if name.startswith(whole + " ")), name)


def design(family: str) -> str:
    """Return the design behind a normalised family name: itself, or the name under which its re-cuttings are known."""
    for start, name in _DESIGNS:
        if family == start or family.startswith(start + " "):
            return name
    return family


def held_out(family: str) -> bool:
    """Return whether a normalised family is kept for validation: a fixed hash of its design, about one in ten."""
    digest = hashlib.blake2b(_HOLD_OUT_SALT + design(family).encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _HOLD_OUT_ONE_IN == 0
