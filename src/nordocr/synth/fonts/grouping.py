"""Which group a face belongs to, and which faces are no text faces at all.

What can be measured is measured, because tables lie: half of the free monospaced fonts leave ``post.isFixedPitch`` at 0
and a third of all faces have an empty panose. Names decide only what a picture cannot say.
"""

from __future__ import annotations

import re
from typing import Final

from nordocr.synth.fonts.draw import Drawing
from nordocr.synth.fonts.names import FaceInfo, normalised_family, words

_TYPEWRITER: Final = re.compile(
    r"courier|typewriter|typist|tlwg|elite|\bpica\b|prestige|letter gothic|olivetti|remington|underwood|trixie|tt2020"
    r"|nimbus mono|freemono|gyre cursor|latin modern mono|\blm ?mono|cmtt|compagnon"
)
_OLD: Final = re.compile(
    r"garamond|caslon|goudy|junicode|elstob|cardo|\bfell\b|jenson|bembo|centaur|museum|linden hill|fanwood|essays"
    r"|old ?standard|old ?style|baskerv|accanthis|romande|gotico|antiqua|plantin|sabon|caxton|prociono"
)
_NO_TEXT: Final = re.compile(
    r"math|symbol|dingbat|emoji|\bicons?\b|awesome|barcode|\bcode ?(39|128)\b|ornament|initials|fraktur|blackletter"
    r"|textura|schwabach|old english|braille|music|\bscript\b|handwriting|brush|webdings|wingdings|marlett|keyfont"
    r"|small ?caps|\bcaps\b|\bsc\b|unicase|titling|outline|shadow|stencil|phoneti|last ?resort|ellhnikh|chancery"
    r"|upright italic|hairline|\bthin\b|unslanted|dunhill|penguin|abogado|oldania|solothurn|cupola"
)
_BOLD: Final = frozenset(
    words("bold semibold demibold demi extrabold ultrabold black heavy boldoblique bolditalic demiitalic")
)
_SLANTED: Final = frozenset(words("italic oblique slanted kursiv boldoblique bolditalic demiitalic"))
_CONDENSED: Final = frozenset(words("condensed cond cn narrow semicondensed extracondensed compressed"))

_SERIF: Final = 1.15
_HAIRLINE: Final = 0.045
_ACCENTED: Final = 0.6
_LEGIBLE: Final = 0.3

_BRACKETS: Final = frozenset("()[]{}")
_TWINS_ANYWHERE: Final = (frozenset("Il|"),)
_TWINS_TYPEWRITER: Final = (frozenset("0O"), frozenset("1lI|"))


def refusal(info: FaceInfo, drawing: Drawing) -> str | None:
    """Return why a face that draws the needed characters is still no text face, or None where it is one."""
    if _NO_TEXT.search(_name(info)):
        return "not a text face by its name"
    if drawing.small_caps:
        return "small capitals for lower case"
    if drawing.stem < _HAIRLINE:
        return "hairline strokes"
    if drawing.accented < _ACCENTED:
        return "another script in the place of åäö"
    if drawing.legible < _LEGIBLE:
        return "letters of unusual shape"
    return None


def group_of(info: FaceInfo, drawing: Drawing) -> str:
    """Return a face's group, the first that holds of typewriter, monospace, old, condensed, italic, bold, serif, sans.

    A typewriter is an upright face of fixed pitch with serifs, or one that is called so; an old face is one by its
    family's name. Slanted typewriter and monospaced faces are ``italic``: no typewriter of an archive slants.
    """
    name, parts = _name(info), set(words(f"{info.family} {info.style}"))
    serif = drawing.serif >= _SERIF
    slanted = info.italic or bool(parts & _SLANTED)
    typewriter = bool(_TYPEWRITER.search(name)) or (drawing.fixed_pitch and serif)
    if not slanted and (typewriter or drawing.fixed_pitch):
        return "typewriter" if typewriter else "monospace"
    if not typewriter and _OLD.search(normalised_family(info.family)):
        return "old"
    if not drawing.fixed_pitch and (parts & _CONDENSED or info.width <= 4):
        return "condensed"
    if slanted:
        return "italic"
    if info.bold or parts & _BOLD:
        return "bold"
    return "serif" if serif else "sans"


def covered(drawing: Drawing, group: str) -> frozenset[str]:
    """Return the characters drawn, less those drawn exactly as a plainer one is: – as -, Ð as D, ’ as '.

    I, l and | may be one shape in any face (as in Gill Sans); 0 and O, 1 and l in typewriters only, whose makers
    saved the key. There only the text around tells them apart.
    """
    tolerated = _TWINS_ANYWHERE + (_TWINS_TYPEWRITER if group == "typewriter" else ())
    lost: set[str] = set()
    for twins in drawing.twins:
        # A machine without brackets types strokes: what is seen is the stroke, whichever bracket was meant.
        plain = [c for c in twins if c not in _BRACKETS] if len(_BRACKETS & set(twins)) > 1 else list(twins)
        lost |= set(twins) - set(plain)
        if not plain:
            continue
        kept = plain[0]
        lost.update(c for c in plain[1:] if not any(c in pair and kept in pair for pair in tolerated))
    return drawing.drawn - lost


def _name(info: FaceInfo) -> str:
    return " ".join(words(f"{info.family} {info.style}"))
