"""The fixed words of letters, invoices, minutes and forms in each language; all of it this project's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Wording:
    """One language's words by where they stand. ``items``: heads of an invoice's columns (text to amount).

    ``slip``: words of the payment slip (title, account, reference, payee, payer, amount, due date).
    ``section``: how minutes number an item, with ``{}`` for the number.
    """

    income: str
    balance: str
    note: str
    page: str
    thousands: str
    contents: str
    audit: str
    to_meeting: str
    minutes: str
    section: str
    invoice: str
    items: tuple[str, str, str, str, str]
    totals: tuple[str, str, str]
    slip: tuple[str, str, str, str, str, str, str]
    greeting: str
    closing: str
    form: str
    place_date: str
    signature: str
    goods: tuple[str, ...]
    stamps: tuple[str, ...]


WORDING: Final = {
    "sv": Wording(
        "RESULTATRÄKNING", "BALANSRÄKNING", "Not", "Sida", "Belopp i tkr", "Innehåll", "REVISIONSBERÄTTELSE",
        "Till årsstämman i", "PROTOKOLL", "§ {}", "FAKTURA", ("Benämning", "Antal", "Enhet", "Pris", "Belopp"),
        ("Summa exkl. moms", "Moms 25 %", "Att betala"),
        ("INBETALNING/GIRERING", "Till bankgiro", "OCR-nummer", "Betalningsmottagare", "Avsändare", "Belopp kronor",
         "Förfallodag"),
        "Hej!", "Med vänlig hälsning", "ANSÖKAN", "Ort och datum", "Underskrift",
        ("Arbetstid", "Fraktavgift", "Skruv 5 × 60 mm", "Ytterdörr, vit", "Konsultation", "Pärmar A4", "Virke 45 × 95",
         "Målning av trapphus", "Reservdelar", "Kopieringspapper", "Kursavgift", "Snöröjning", "Hyra av släpvagn"),
        ("INKOMMET", "BETALD", "KOPIA", "MAKULERAD", "ATTESTERAS"),
    ),
    "nb": Wording(
        "RESULTATREGNSKAP", "BALANSE", "Note", "Side", "Beløp i hele tusen", "Innhold", "REVISORS BERETNING",
        "Til generalforsamlingen i", "PROTOKOLL", "Sak {}", "FAKTURA",
        ("Beskrivelse", "Antall", "Enhet", "Pris", "Beløp"),
        ("Sum eks. mva.", "Mva. 25 %", "Å betale"),
        ("KVITTERING", "Til konto", "KID", "Betalt til", "Betalt av", "Beløp kroner", "Betalingsfrist"),
        "Hei!", "Med vennlig hilsen", "SØKNAD", "Sted og dato", "Underskrift",
        ("Arbeidstimer", "Frakt", "Skruer 5 × 60 mm", "Ytterdør, hvit", "Rådgivning", "Permer A4", "Trelast 48 × 98",
         "Maling av gang", "Reservedeler", "Kopipapir", "Kursavgift", "Snømåking", "Leie av tilhenger"),
        ("MOTTATT", "BETALT", "KOPI", "ANNULLERT", "GODKJENT"),
    ),
    "nn": Wording(
        "RESULTATREKNESKAP", "BALANSE", "Note", "Side", "Beløp i heile tusen", "Innhald", "MELDING FRÅ REVISOR",
        "Til generalforsamlinga i", "MØTEBOK", "Sak {}", "FAKTURA", ("Tekst", "Mengd", "Eining", "Pris", "Beløp"),
        ("Sum utan mva.", "Mva. 25 %", "Å betale"),
        ("KVITTERING", "Til konto", "KID", "Betalt til", "Betalt av", "Beløp kroner", "Betalingsfrist"),
        "Hei!", "Med venleg helsing", "SØKNAD", "Stad og dato", "Underskrift",
        ("Arbeidstimar", "Frakt", "Skruar 5 × 60 mm", "Ytterdør, kvit", "Rådgjeving", "Permar A4", "Trelast 48 × 98",
         "Måling av gang", "Reservedelar", "Kopipapir", "Snømåking", "Leige av tilhengar"),
        ("MOTTEKE", "BETALT", "KOPI", "GODKJENT"),
    ),
    "da": Wording(
        "RESULTATOPGØRELSE", "BALANCE", "Note", "Side", "Beløb i t.kr.", "Indhold", "REVISIONSPÅTEGNING",
        "Til kapitalejerne i", "REFERAT", "Ad {}.", "FAKTURA", ("Varebetegnelse", "Antal", "Enhed", "Pris", "Beløb"),
        ("Subtotal", "Moms 25 %", "At betale"),
        ("INDBETALINGSKORT", "Til konto", "Betalings-ID", "Beløbsmodtager", "Indbetaler", "Kroner", "Betalingsdag"),
        "Kære kunde", "Med venlig hilsen", "ANSØGNING", "Sted og dato", "Underskrift",
        ("Arbejdsløn", "Fragt", "Skruer 5 × 60 mm", "Yderdør, hvid", "Rådgivning", "Ringbind A4", "Træ 45 × 95 mm",
         "Maling af trappe", "Reservedele", "Kopipapir", "Kursusgebyr", "Snerydning", "Leje af trailer"),
        ("MODTAGET", "BETALT", "KOPI", "ANNULLERET", "GODKENDT"),
    ),
    "fi": Wording(
        "TULOSLASKELMA", "TASE", "Liite", "Sivu", "1 000 euroa", "Sisältö", "TILINTARKASTUSKERTOMUS",
        "Yhtiökokoukselle:", "PÖYTÄKIRJA", "{} §", "LASKU", ("Nimike", "Määrä", "Yks.", "Hinta", "Yhteensä"),
        ("Veroton yhteensä", "Alv 24 %", "Maksettava"),
        ("TILISIIRTO", "Saajan tilinumero", "Viitenumero", "Saaja", "Maksaja", "Euro", "Eräpäivä"),
        "Hyvä asiakas", "Ystävällisin terveisin", "HAKEMUS", "Paikka ja aika", "Allekirjoitus",
        ("Työtunnit", "Rahti", "Ruuvi 5 × 60 mm", "Ulko-ovi, valkoinen", "Neuvonta", "Mapit A4", "Sahatavara 48 × 98",
         "Käytävän maalaus", "Varaosat", "Kopiopaperi", "Kurssimaksu", "Lumityöt", "Peräkärryn vuokra"),
        ("SAAPUNUT", "MAKSETTU", "JÄLJENNÖS", "KOPIO", "HYVÄKSYTTY"),
    ),
    "is": Wording(
        "REKSTRARREIKNINGUR", "EFNAHAGSREIKNINGUR", "Nr.", "Bls.", "Upphæðir", "Efnisyfirlit",
        "ENDURSKOÐUN", "Til hluthafa", "FUNDARGERÐ", "{}.", "REIKNINGUR",
        ("Vara", "Magn", "Eining", "Verð", "Samtals"), ("Samtals", "VSK 24 %", "Til greiðslu"),
        ("GREIÐSLUSEÐILL", "Reikningur", "Tilvitnun", "Viðtakandi", "Greiðandi", "Upphæð", "Gjalddagi"),
        "Til viðskiptavina", "Með kveðju", "BEIÐNI", "Staður og dagur", "Undirskrift",
        ("Vinna", "Akstur", "Gluggar 60 × 90", "Hurð og karmur", "Verkefni", "Möppur A4", "Efni 48 × 98", "Varahlutir",
         "Leiga", "Þrif", "Birgðir"),
        ("GREITT", "AFRIT"),
    ),
}  # fmt: skip
"""Every language's wording."""
