"""What the demo document says: the annual report of a company that does not exist, with figures that add up.

Company, persons, places and numbers are made up by this project; the organisation number fails its check digit so that
it can be nobody's. Amounts are in thousands of kronor, this year's and last year's.
"""

from __future__ import annotations

from typing import Final


def _rows(text: str) -> tuple[str, ...]:
    """Split a table's text at its bars and line ends."""
    return tuple(row.strip() for row in text.replace("\n", "|").split("|") if row.strip())


COMPANY: Final = "Sagolunds Mekaniska Verkstad AB"
NUMBER: Final = "559900-1230"
FOOTER: Final = "Påhittat exempel: bolaget och personerna finns inte"
YEARS: Final = ("2024-12-31", "2023-12-31")

CONTENTS: Final = (
    ("Förvaltningsberättelse", "1"),
    ("Resultaträkning", "2"),
    ("Balansräkning", "2"),
    ("Noter", "3"),
    ("Revisionsberättelse", "3"),
)

REPORT: Final = (
    "Styrelsen och verkställande direktören för Sagolunds Mekaniska Verkstad AB avger härmed följande årsredovisning "
    "för räkenskapsåret 1 januari–31 december 2024. Alla belopp redovisas i tusental kronor (tkr) om ej annat anges.",
    "Bolaget tillverkar växlar, axlar och pumphus åt sågverk, fiskodlingar och mindre vattenkraftverk i Norden. "
    "Tillverkningen sker i egna lokaler på Älgstigen 8 i Sagolund. Av omsättningen avser 62 % kunder i Sverige, 19 % "
    "i Norge, 11 % i Finland och 8 % i Danmark och på Island.",
    "Nettoomsättningen ökade med 7,3 % till 48 612 tkr (45 287 tkr). Ökningen förklaras av högre efterfrågan på "
    "reservdelar och av att den nya fleroperationsmaskinen togs i drift i mars. Råvarupriserna låg kvar på en hög nivå "
    "men påverkade inte marginalen nämnvärt.",
)

EVENTS: Final = (
    "I mars ersattes två äldre svarvar av en fleroperationsmaskin för 1 985 tkr. I september förlängdes hyresavtalet "
    "för lagret i Åkersby med fem år. En ny lackeringslinje enligt § 9 miljöbalken anmäldes till kommunen i november.",
    "Orderstocken var vid årets slut 14 % högre än ett år tidigare. Styrelsen räknar med en omsättning om cirka 51 000 "
    "tkr för 2025 och ett resultat i nivå med årets, under förutsättning att växelkurserna ligger kvar inom ± 5 %.",
)

KEY_FIGURES: Final = (
    ("Nettoomsättning, tkr", "48 612", "45 287"),
    ("Resultat efter finansiella poster, tkr", "3 139", "1 661"),
    ("Soliditet, %", "46,8", "43,9"),
    ("Medelantal anställda", "31", "30"),
)

PROFIT: Final = (
    ("Balanserat resultat", "10 733"),
    ("Årets resultat", "1 927"),
    ("Till årsstämmans förfogande", "12 660"),
    ("Till aktieägarna utdelas 120 kr per aktie", "600"),
    ("I ny räkning överförs", "12 060"),
)

INCOME: Final = _rows("""
# Rörelsens intäkter m.m.|+ Nettoomsättning;;48612;45287|+ Förändring av lager av färdiga varor;;384;-215
+ Övriga rörelseintäkter;;517;462|= Summa rörelsens intäkter|# Rörelsens kostnader
- Råvaror och förnödenheter;;-19846;-18733|- Övriga externa kostnader;;-6974;-6548
- Personalkostnader;2;-17265;-16402|- Av- och nedskrivningar av materiella anläggningstillgångar;;-1938;-1871
= Summa rörelsens kostnader|~ Rörelseresultat|+ Övriga ränteintäkter och liknande resultatposter;;61;38
- Räntekostnader och liknande resultatposter;;-412;-357|~ Resultat efter finansiella poster
- Avsättning till periodiseringsfond;;-700;-400|~ Resultat före skatt|- Skatt på årets resultat;;-512;-268
~ Årets resultat
""")

ASSETS: Final = _rows("""
# Anläggningstillgångar|+ Byggnader och mark;;7420;7685|+ Maskiner och andra tekniska anläggningar;3;6318;5904
+ Inventarier, verktyg och installationer;;1126;1203|= Summa anläggningstillgångar
# Omsättningstillgångar|+ Råvaror och förnödenheter;;3207;3054|+ Färdiga varor;;2961;2577|+ Kundfordringar;;6845;6212
+ Förutbetalda kostnader och upplupna intäkter;;638;594|+ Kassa och bank;;3472;2318|= Summa omsättningstillgångar
~ SUMMA TILLGÅNGAR
""")

LIABILITIES: Final = _rows("""
# Eget kapital|+ Aktiekapital (5 000 aktier);;500;500|+ Reservfond;;100;100|+ Balanserat resultat;;10733;10240
+ Årets resultat;;1927;993|= Summa eget kapital|# Obeskattade reserver och skulder
+ Periodiseringsfonder;;2150;1450|+ Långfristiga skulder till kreditinstitut;4;7200;7900
+ Leverantörsskulder;;3946;3758|+ Skatteskulder;;214;131|+ Övriga skulder;;1372;1296
+ Upplupna kostnader och förutbetalda intäkter;;3845;3179|= Summa obeskattade reserver och skulder
~ SUMMA EGET KAPITAL OCH SKULDER
""")

STAFF: Final = _rows("""
+ Löner och andra ersättningar;;12384;11771|+ Sociala avgifter enligt lag och avtal;;3911;3718
+ Pensionskostnader;;770;733|+ Övriga personalkostnader;;200;180|= Summa personalkostnader
""")

MACHINES: Final = _rows("""
+ Ingående anskaffningsvärden;;18240;17452|+ Årets inköp;;1985;788|- Försäljningar och utrangeringar;;-310;0
= Utgående ackumulerade anskaffningsvärden|- Ingående avskrivningar;;-12336;-10805
+ Försäljningar och utrangeringar;;310;0|- Årets avskrivningar;;-1571;-1531|= Utgående ackumulerade avskrivningar
~ Utgående redovisat värde
""")

PRINCIPLES: Final = (
    "Årsredovisningen är upprättad enligt årsredovisningslagen och god redovisningssed. Fordringar tas upp till det "
    "belopp som väntas inflyta. Maskiner skrivs av linjärt på 5–10 år, byggnader på 33 år."
)

LOANS: Final = (
    "Av skulderna till kreditinstitut förfaller 3 700 tkr till betalning senare än fem år efter balansdagen. Som "
    "säkerhet har företagsinteckningar om 9 500 tkr lämnats; räntan är 3-månaders STIBOR + 1,75 %."
)

ABROAD: Final = (
    "Kunden på Sørøya skriver: «Anlegget går nå for fullt, og vi gleder oss til å øke kjøpet til våren.» Från Ærø "
    "hälsar man: »Vi bestiller gerne flere dele næste år, når møllen er færdig.« Sågen i Jyväsjärvi: ”Hyvää työtä – "
    "tilaamme lisää äyskäreitä syksyllä.” Från Þorlaksvik: “Þetta var gott verk og við pöntum það sama næsta vetur.”"
)

AUDIT: Final = (
    "Jag har utfört en revision av årsredovisningen för Sagolunds Mekaniska Verkstad AB för år 2024. Enligt min "
    "uppfattning ger årsredovisningen en i alla väsentliga avseenden rättvisande bild av bolagets ställning per den "
    "31 december 2024 och av dess resultat för året. Jag tillstyrker att årsstämman fastställer resultaträkningen och "
    "balansräkningen, disponerar vinsten enligt förslaget och beviljar styrelsens ledamöter ansvarsfrihet."
)

SIGNED: Final = (("Örjan Påhittsson", "ordförande"), ("Ingrid Sagoström", "verkställande direktör"))

AUDITOR: Final = (("Åsa Exempelson", "revisor"),)
