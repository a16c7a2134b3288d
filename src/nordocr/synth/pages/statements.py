"""Income statements and balance sheets in each language: rows, how they add up, and figures that do.

A row's first sign says what it is: ``#`` a heading, ``+`` income or an asset, ``-`` a cost, ``=`` the sum since the
last sum, ``~`` the total from the top, ``*`` the item that makes the balance's two sides agree. The wording is this
project's own. Icelandic uses words without the acute accents that the charset lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nordocr.synth.corpora.dice import Dice

_INCOME: Final = {
    "sv": """
# Rörelsens intäkter m.m.|+ Nettoomsättning|+ Förändring av lager|+ Övriga rörelseintäkter|= Summa rörelsens intäkter
# Rörelsens kostnader|- Råvaror och förnödenheter|- Handelsvaror|- Övriga externa kostnader|- Personalkostnader
- Av- och nedskrivningar av materiella anläggningstillgångar|- Övriga rörelsekostnader|= Summa rörelsens kostnader
~ Rörelseresultat|# Resultat från finansiella poster|+ Övriga ränteintäkter och liknande resultatposter
- Räntekostnader och liknande resultatposter|= Summa finansiella poster|~ Resultat efter finansiella poster
# Bokslutsdispositioner|- Förändring av överavskrivningar|~ Resultat före skatt
- Skatt på årets resultat|~ Årets resultat
""",
    "nb": """
# Driftsinntekter|+ Salgsinntekt|+ Annen driftsinntekt|= Sum driftsinntekter
# Driftskostnader|- Varekostnad|- Lønnskostnad|- Avskrivning på driftsmidler og immaterielle eiendeler
- Annen driftskostnad|= Sum driftskostnader|~ Driftsresultat|# Finansinntekter og finanskostnader
+ Annen renteinntekt|+ Annen finansinntekt|- Annen rentekostnad|- Annen finanskostnad|= Resultat av finansposter
~ Ordinært resultat før skattekostnad|- Skattekostnad på ordinært resultat|~ Årsresultat
""",
    "nn": """
# Driftsinntekter|+ Salsinntekt|+ Anna driftsinntekt|= Sum driftsinntekter
# Driftskostnader|- Varekostnad|- Lønskostnad|- Avskriving på varige driftsmiddel|- Anna driftskostnad
= Sum driftskostnader|~ Driftsresultat|# Finansinntekter og finanskostnader|+ Anna renteinntekt
- Anna rentekostnad|= Resultat av finanspostar|~ Ordinært resultat før skattekostnad|- Skattekostnad|~ Årsresultat
""",
    "da": """
+ Nettoomsætning|+ Andre driftsindtægter|- Omkostninger til råvarer og hjælpematerialer|- Andre eksterne omkostninger
~ Bruttofortjeneste|- Personaleomkostninger|- Af- og nedskrivninger af materielle anlægsaktiver
- Andre driftsomkostninger|~ Resultat af primær drift|+ Andre finansielle indtægter|- Øvrige finansielle omkostninger
~ Resultat før skat|- Skat af årets resultat|~ Årets resultat
""",
    "fi": """
+ Liikevaihto|+ Liiketoiminnan muut tuotot|# Materiaalit ja palvelut|- Ostot tilikauden aikana
- Varastojen muutos|- Ulkopuoliset palvelut|# Henkilöstökulut|- Palkat ja palkkiot|- Eläkekulut|- Muut henkilösivukulut
# Poistot ja arvonalentumiset|- Suunnitelman mukaiset poistot|- Liiketoiminnan muut kulut|~ Liikevoitto (-tappio)
# Rahoitustuotot ja -kulut|+ Muut korko- ja rahoitustuotot|- Korkokulut ja muut rahoituskulut
= Rahoitustuotot ja -kulut yhteensä|~ Voitto (tappio) ennen tilinpäätössiirtoja ja veroja|- Tuloverot
~ Tilikauden voitto (tappio)
""",
    "is": """
# Rekstrartekjur|+ Vörusala|+ Seld vinna og leigutekjur|+ Aðrar tekjur|= Rekstrartekjur samtals
# Rekstrargjöld|- Vörunotkun|- Laun og launatengd gjöld|- Annar rekstrarkostnaður|- Afskriftir
= Rekstrargjöld samtals|~ Rekstrarhagnaður|# Vextir og verðbætur|+ Vaxtatekjur og verðbætur|- Vaxtagjöld og verðbætur
~ Hagnaður fyrir skatta|- Tekjuskattur|~ Hagnaður (tap)
""",
}

_ASSETS: Final = {
    "sv": """
# Anläggningstillgångar|+ Byggnader och mark|+ Maskiner och andra tekniska anläggningar
+ Inventarier, verktyg och installationer|+ Andra långfristiga fordringar|= Summa anläggningstillgångar
# Omsättningstillgångar|+ Färdiga varor och handelsvaror|+ Kundfordringar|+ Övriga fordringar
+ Förutbetalda kostnader och upplupna intäkter|+ Kassa och bank|= Summa omsättningstillgångar|~ SUMMA TILLGÅNGAR
""",
    "nb": """
# Anleggsmidler|+ Tomter, bygninger og annen fast eiendom|+ Maskiner og anlegg|+ Driftsløsøre, inventar og verktøy
+ Investeringer i aksjer og andeler|= Sum anleggsmidler|# Omløpsmidler|+ Varer|+ Kundefordringer|+ Andre fordringer
+ Bankinnskudd, kontanter o.l.|= Sum omløpsmidler|~ SUM EIENDELER
""",
    "nn": """
# Anleggsmiddel|+ Tomter, bygningar og annan fast eigedom|+ Maskiner og anlegg|+ Driftslausøyre og inventar
= Sum anleggsmiddel|# Omløpsmiddel|+ Varer|+ Kundefordringar|+ Andre fordringar|+ Bankinnskot og kontantar
= Sum omløpsmiddel|~ SUM EIGEDELAR
""",
    "da": """
# Anlægsaktiver|+ Grunde og bygninger|+ Produktionsanlæg og maskiner|+ Andre anlæg, driftsmateriel og inventar
+ Deposita|= Anlægsaktiver i alt|# Omsætningsaktiver|+ Råvarer og hjælpematerialer
+ Tilgodehavender fra salg og tjenesteydelser|+ Andre tilgodehavender|+ Periodeafgrænsningsposter
+ Likvide beholdninger|= Omsætningsaktiver i alt|~ AKTIVER I ALT
""",
    "fi": """
# PYSYVÄT VASTAAVAT|+ Maa- ja vesialueet|+ Rakennukset ja rakennelmat|+ Koneet ja kalusto|+ Muut osakkeet ja osuudet
= Pysyvät vastaavat yhteensä|# VAIHTUVAT VASTAAVAT|+ Aineet ja tarvikkeet|+ Myyntisaamiset|+ Siirtosaamiset
+ Rahat ja pankkisaamiset|= Vaihtuvat vastaavat yhteensä|~ VASTAAVAA YHTEENSÄ
""",
    "is": """
# Eignir|+ Fasteignir|+ Bifreiðar|+ Eignarhlutir og hlutdeild|= Varanlegar eignir samtals
# Birgðir og kröfur|+ Birgðir|+ Viðskiptakröfur|+ Aðrar kröfur|+ Bankainnistæður|= Birgðir og kröfur samtals
~ Eignir samtals
""",
}

_LIABILITIES: Final = {
    "sv": """
# Eget kapital|+ Aktiekapital|+ Reservfond|* Balanserat resultat|+ Årets resultat|= Summa eget kapital
# Obeskattade reserver|+ Periodiseringsfonder|# Långfristiga skulder|+ Övriga skulder till kreditinstitut
# Kortfristiga skulder|+ Leverantörsskulder|+ Skatteskulder|+ Övriga skulder
+ Upplupna kostnader och förutbetalda intäkter|= Summa skulder|~ SUMMA EGET KAPITAL OCH SKULDER
""",
    "nb": """
# Egenkapital|+ Aksjekapital|+ Overkurs|* Annen egenkapital|= Sum egenkapital|# Gjeld|+ Utsatt skatt
+ Gjeld til kredittinstitusjoner|+ Leverandørgjeld|+ Betalbar skatt|+ Skyldige offentlige avgifter
+ Annen kortsiktig gjeld|= Sum gjeld|~ SUM EGENKAPITAL OG GJELD
""",
    "nn": """
# Eigenkapital|+ Aksjekapital|* Annan eigenkapital|= Sum eigenkapital|# Gjeld|+ Gjeld til kredittinstitusjonar
+ Leverandørgjeld|+ Betalbar skatt|+ Skuldige offentlege avgifter|+ Anna kortsiktig gjeld|= Sum gjeld
~ SUM EIGENKAPITAL OG GJELD
""",
    "da": """
# Egenkapital|+ Virksomhedskapital|* Overført resultat|+ Forslag til udbytte|= Egenkapital i alt
# Gældsforpligtelser|+ Gæld til realkreditinstitutter|+ Gæld til banker|+ Leverandører af varer og tjenesteydelser
+ Selskabsskat|+ Anden gæld|= Gældsforpligtelser i alt|~ PASSIVER I ALT
""",
    "fi": """
# OMA PÄÄOMA|+ Osakepääoma|+ Sijoitetun vapaan oman pääoman rahasto|* Edellisten tilikausien voitto
+ Tilikauden voitto|= Oma pääoma yhteensä|# VIERAS PÄÄOMA|+ Lainat rahoituslaitoksilta|+ Saadut ennakot
+ Ostovelat|+ Muut velat|+ Siirtovelat|= Vieras pääoma yhteensä|~ VASTATTAVAA YHTEENSÄ
""",
    "is": """
# Hlutir og hagnaður|+ Greiddir hlutir|* Yfirfærður hagnaður|= Samtals|# Skuldir|+ Skuldir við bankastofnanir
+ Viðskiptaskuldir|+ Laun og launatengd gjöld|+ Aðrar skuldir|= Skuldir samtals|~ Hlutir, hagnaður og skuldir samtals
""",
}


@dataclass(frozen=True)
class Row:
    """One row: ``mark`` as in the module's text, ``figures`` one a year (none for a heading)."""

    mark: str
    label: str
    figures: tuple[int, ...] = ()

    @property
    def total(self) -> bool:
        """Whether the row sums up others."""
        return self.mark in "=~"


def wordings(language: str) -> tuple[str, str, str]:
    """The wording of a language: income statement, assets, equity and liabilities."""
    return _INCOME[language], _ASSETS[language], _LIABILITIES[language]


def income_statement(dice: Dice, language: str, years: int, size: int) -> list[Row]:
    """An income statement whose turnover is about ``size``; costs are below zero and every sum is right."""
    rows = parsed(_INCOME[language])
    costs = sum(mark == "-" for mark, _ in rows)
    values: list[list[int]] = []
    first = True
    for mark, _ in rows:
        if mark == "+":
            base = size if first else size * dice.roll() * 0.06
            first = False
        else:
            base = -size * (0.4 + dice.roll()) * 0.92 / max(costs, 1)
        values.append([round(base * (0.85 + 0.3 * dice.roll())) if mark in "+-" else 0 for _ in range(years)])
    return added_up(rows, values)


def balance_sheet(dice: Dice, language: str, years: int, size: int) -> tuple[list[Row], list[Row]]:
    """Assets, and equity with liabilities, of about ``size`` altogether: both sides have the same total."""
    assets, liabilities = parsed(_ASSETS[language]), parsed(_LIABILITIES[language])
    items = sum(mark == "+" for mark, _ in assets)
    values = [
        [round(size / items * (0.1 + 1.8 * dice.roll())) if mark == "+" else 0 for _ in range(years)]
        for mark, _ in assets
    ]
    totals = [sum(row[year] for row in values) for year in range(years)]
    items = sum(mark == "+" for mark, _ in liabilities)
    owed = [
        [round(totals[year] * 0.85 / items * (0.1 + 1.5 * dice.roll())) if mark == "+" else 0 for year in range(years)]
        for mark, _ in liabilities
    ]
    rest = [totals[year] - sum(row[year] for row in owed) for year in range(years)]
    owed = [rest if mark == "*" else row for (mark, _), row in zip(liabilities, owed, strict=True)]
    return added_up(assets, values), added_up(liabilities, owed)


def parsed(wording: str) -> list[tuple[str, str]]:
    """(mark, label) of every row of a statement's wording."""
    rows = [row.strip() for row in wording.replace("\n", "|").split("|") if row.strip()]
    return [(row[0], row[1:].strip()) for row in rows]


def added_up(rows: list[tuple[str, str]], values: list[list[int]]) -> list[Row]:
    """Rows with ``values`` (read for items only) and the sums that follow from them."""
    years = len(values[0])
    part, whole = [0] * years, [0] * years
    result = []
    for (mark, label), row in zip(rows, values, strict=True):
        if mark == "#":
            result.append(Row(mark, label))
            continue
        if mark in "+-*":
            part = [a + b for a, b in zip(part, row, strict=True)]
            whole = [a + b for a, b in zip(whole, row, strict=True)]
            result.append(Row(mark, label, tuple(row)))
            continue
        result.append(Row(mark, label, tuple(part if mark == "=" else whole)))
        part = [0] * years
    return result
