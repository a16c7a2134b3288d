"""How well dates, amounts and numbers with check digits are found on invoices whose every field is known.

    python benchmarks/fields.py --count 20

lays out invoices in five languages with the held-out font families (``invoices/``), one number in seventeen with
a wrong check digit, and finds their fields three times: on the text as it was set (``perfect``), on the page as it was
printed (``print``), and on a scan of it to 1 bit (``scan``). It writes ``benchmarks/fields.csv``, a row for each set
and kind, and prints it:

- ``right``: of the fields on paper, those reported with their value, ``valid`` being what it should be;
- ``flagged``: a field is reported in that line with ``valid: false``: a misread digit that shows;
- ``misread``: reported in that line with another value, and nothing shows it;
- ``missed``: nothing is reported in that line;
- ``false``: reported with a check that holds, or without a check, where nothing of that value stands.

Recall is right / fields, found (right + flagged) / fields, precision right / (right + false).
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from invoices.pages import Invoice, Invoices, Printed
from machine import hardware, per_cent, revision
from nordocr import Reader, __version__
from nordocr.fields import find_fields
from nordocr.files import whole_file
from nordocr.results import BBox, Page, PageField

HERE = Path(__file__).resolve().parent
LANGUAGES = ("sv", "nb", "da", "fi", "is")
OUTCOMES = ("right", "flagged", "misread", "missed", "false")
COLUMNS = (
    *("data", "kind", "fields", *OUTCOMES, "recall", "found", "precision"),
    *("pages", "version", "model", "hardware", "date", "revision"),
)
SEED = 19_019

Counts = dict[str, Counter[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="invoices a language and set")
    parser.add_argument("--set", action="append", choices=("perfect", "print", "scan"), help="repeat (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="name every field that is not right")
    parser.add_argument("--output", type=Path, default=HERE / "fields.csv")
    arguments = parser.parse_args()
    rows: list[dict[str, object]] = []
    with Reader(threads=arguments.threads) as reader:

        def read(invoice: Invoice) -> Page:
            [page] = reader.read(invoice.image).pages
            return page

        finders: dict[str, Callable[[Invoice], Page]] = {
            "perfect": lambda invoice: invoice.perfect, "print": read, "scan": read,
        }  # fmt: skip
        about = {"version": __version__, "model": reader.engine.model, "pages": arguments.count * len(LANGUAGES)}
        for name in arguments.set or finders:
            counts = tally(Invoices(SEED, scanned=name == "scan"), arguments.count, finders[name], arguments.verbose)
            rows += table(name, counts, about)
            write(arguments.output, rows)
    for row in rows:
        print(" ".join(str(row[column]) for column in COLUMNS[:11]))
    return 0


def tally(invoices: Invoices, count: int, read: Callable[[Invoice], Page], verbose: bool) -> Counts:
    counts: Counts = {}
    for language in LANGUAGES:
        for index in range(count):
            invoice = invoices.make(language, index * len(LANGUAGES) + LANGUAGES.index(language))
            page = read(invoice)
            for kind, outcome, told in outcomes(invoice.fields, find_fields(page)):
                counts.setdefault(kind, Counter())[outcome] += 1
                if verbose and outcome != "right":
                    print(language, index, kind, outcome, told, flush=True)
    return counts


def outcomes(printed: Sequence[Printed], found: Sequence[PageField]) -> list[tuple[str, str, str]]:
    """Return what became of each field on paper, and the false ones: kind, outcome, what was seen."""
    results = []
    used: set[int] = set()
    for field in printed:
        near = [number for number, one in enumerate(found) if meets(one.bbox, field.box)]
        same = [number for number in near if found[number].kind == field.kind and found[number].value == field.value]
        if same and (found[same[0]].valid is not False) is not field.wrong:
            used.add(same[0])
            results.append((field.kind, "right", ""))
            continue
        rest = [number for number in near if number not in used and found[number].kind == field.kind]
        told = f"{field.value} as {[(found[n].kind, found[n].text, found[n].valid) for n in near]}"
        if rest and found[rest[0]].valid is False:
            results.append((field.kind, "flagged", told))
        elif rest:
            results.append((field.kind, "misread", told))
        else:
            results.append((field.kind, "missed", told))
    for number, one in enumerate(found):
        if number not in used and one.valid is not False:
            results.append((one.kind, "false", f"{one.text} = {one.value}"))
    return results


def meets(one: BBox, other: BBox) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def table(name: str, counts: Counts, about: dict[str, object]) -> list[dict[str, object]]:
    """Return a row for each kind, one for all that have a check digit, and one for all."""
    checked = [kind for kind in counts if kind not in ("date", "amount", "dk-cpr")]
    groups = {kind: [kind] for kind in sorted(counts)} | {"with a check digit": checked, "all": [*counts]}
    rows = []
    for title, kinds in groups.items():
        total = sum((counts[kind] for kind in kinds), Counter[str]())
        fields = sum(total[outcome] for outcome in OUTCOMES[:-1])
        reported = total["right"] + total["false"]
        row = {"data": name, "kind": title, "fields": fields, **{outcome: total[outcome] for outcome in OUTCOMES}}
        row["recall"] = per_cent(total["right"] / fields if fields else None)
        row["found"] = per_cent((total["right"] + total["flagged"]) / fields if fields else None)
        row["precision"] = per_cent(total["right"] / reported if reported else None)
        facts = {"hardware": hardware(), "date": datetime.date.today().isoformat(), "revision": revision()}
        rows.append({**row, **about, **facts})
    return rows


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
