"""The words that stand before a number and say what it is, and what they tell about the country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nordocr.results import FieldKind

_NR: Final = r"(?:nummer|numer|numero|number|nro|nr|no|n:o)"

_LABELS: Final[tuple[tuple[str, tuple[FieldKind, ...]], ...]] = (
    (
        rf"[o0]rg(?:\.|ani[sz]a[st][ij]on(?:s|en)?s?)?[\s.,-]*{_NR}|[o0]rg\.?n"
        r"|[o0]rganisation number|f[oö]retaksregisteret",
        ("no-orgnr", "se-orgnr", "se-personnummer"),
    ),
    (
        rf"person[\s.-]*{_NR}|pers\.?{_NR}|samordnings{_NR}|f[øöo]dsels?[\s.-]*{_NR}|fnr|d-nummer|p[.-]?nr",
        ("no-fodselsnummer", "se-personnummer", "dk-cpr"),
    ),
    (rf"cvr(?:\s?[-/.]\s?se)?[\s.-]*{_NR}?|se[.-]nr", ("dk-cvr",)),
    (rf"cpr[\s.-]*{_NR}?", ("dk-cpr",)),
    (r"l?y[\s-]?tunn(?:us|\.)|fo[\s-]?nummer|business id|alv[\s.-]*(?:nro|numero|tunnus)", ("fi-ytunnus",)),
    (r"henkil[öo][\s-]?tunn(?:us|\.)|hetu|personbeteckning", ("fi-hetu",)),
    (r"kennitala|kt", ("is-kennitala",)),
    (r"iban(?:[\s-]*(?:nummer|nr))?", ("iban",)),
    (rf"bank[\s-]?giro(?:t|konto)?[\s.-]*{_NR}?|bg[\s.-]*{_NR}?", ("se-bankgiro",)),
    (rf"(?:plus|post)[\s-]?giro(?:t|konto)?[\s.-]*{_NR}?|pg[\s.-]*{_NR}?", ("se-plusgiro",)),
    (rf"ocr(?:[\s/-]*(?:referens|ref)?[\s.-]*{_NR})?|ocr[\s/-]*referens", ("se-ocr",)),
    (rf"kid(?:[\s.-]*{_NR})?", ("no-kid",)),
    (r"viite(?:numero|nro|nr)?", ("rf-reference", "fi-reference")),
    (rf"(?:bank)?konto[\s.-]*{_NR}|bankkonto", ("no-account",)),
    (
        rf"mo\w{{0,3}}s(?:\.? ?reg\w*?)?[\s.-]*{_NR}|mva[\s.-]*{_NR}|vat[\s.-]*(?:reg\w*)?[\s.-]*(?:{_NR}|id)?",
        ("se-vat", "no-orgnr", "dk-cvr", "fi-ytunnus"),
    ),
    (r"\w*datum|\w*dato|\w*date|\w*dagur|\w*dags|\w*p[äa]iv[äa]\w*|pvm|\w*dag", ("date",)),
)
_ALL: Final = re.compile(
    r"(?<![^\W_])(?:" + "|".join(f"(?P<l{i}>{shape})" for i, (shape, _) in enumerate(_LABELS)) + r")(?![^\W\d_])",
    re.IGNORECASE,
)
# Not "no", which is also Norway's code before a number.
_AFTER: Final = re.compile(r"[\s.:;#/()=*-]*(?:(?:nummer|nr|till)\b[\s.:#]*)?", re.IGNORECASE)

_TELLS: Final = {
    country: re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE)
    for country, words in {
        "SE": r"(?:bank|plus)giro\w*|bg|pg|organisationsn\w+|momsreg\w*|f-skatt|ocr-n\w+|SEK|faktura(?:nummer|datum)",
        "NO": r"organisasjonsn\w+|foretaksregisteret|mva|kid|NOK|fødselsn\w+|kontonr|fakturanr|forfallsdato",
        "DK": r"cvr\w*|cpr\w*|DKK|fakturadato|betalingsdato|reg",
        "FI": r"y-tunnus|alv\w*|henkilötunnus|hetu|viitenumero|eräpäivä|lasku\w*",
        "IS": r"kennitala|kt|vsk|ISK|reikning\w*|eindagi|gjalddagi",
    }.items()
}


@dataclass(frozen=True)
class Label:
    """A label in a text: where it stands, where its value would begin, and what the value may be, likeliest first."""

    start: int
    end: int
    value: int
    kinds: tuple[FieldKind, ...]


def labels_in(text: str) -> Iterator[Label]:
    """Yield the labels in a text, from left to right."""
    for match in _ALL.finditer(text):
        after = _AFTER.match(text, match.end())
        value = after.end() if after is not None else match.end()
        kinds = _LABELS[int((match.lastgroup or "l0")[1:])][1]
        yield Label(match.start(), match.end(), value, kinds)


def country_of(texts: Iterable[str]) -> str | None:
    """Return the code of the country whose words a page has most of, None where there are none or as many of two."""
    held = [*texts]
    counts = Counter({country: sum(len(tell.findall(text)) for text in held) for country, tell in _TELLS.items()})
    (first, most), (_, second) = counts.most_common(2)
    return first if most > second else None
