"""The report's tables, as HTML. Every text goes through ``html.escape``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from nordocr.evaluate.compare.comparison import Comparison, HeadToHead
from nordocr.evaluate.compare.guide import CAPTION, beside_guide
from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.evaluate.scoring.paired import Difference
from nordocr.evaluate.scoring.rates import RATES, Rate, compared_rates
from nordocr.evaluate.scoring.shown import breakdown, class_title, percent, percent_range
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.evaluate.scoring.taxonomy import ErrorClass


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table of cells that are HTML already."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def spread(interval: Interval | None, digits: int = 1) -> str:
    """Return an interval in small print, or nothing."""
    return "" if interval is None else f" <small>{percent_range(interval, digits)}</small>"


def engine_name(comparison: Comparison, name: str) -> str:
    """Return an engine's name with its colour."""
    from nordocr.evaluate.compare.report.charts import COLOURS

    names = list(comparison.engines)
    colour = f"c{names.index(name) % COLOURS}" if name in names else "cref"
    return f'<span class="key {colour}"><i></i>{escape(name)}</span>'


def summary_table(comparison: Comparison) -> str:
    """Return the engines' figures with their intervals; a rate that no summary holds is shown as a number of lines."""
    headings = [f"{rate.heading} %" if rate.in_summary else rate.heading for rate in RATES]
    head = ["engine", *headings, "missed", "spurious"]
    timed = any("recognize" in engine.seconds for engine in comparison.engines.values())
    head += ["recognise s"] if timed else []
    rows = []
    for name, engine in comparison.engines.items():
        figures = [_figure(engine.metrics, rate) for rate in RATES]
        cells = [str(engine.missed), str(engine.spurious)]
        if timed:
            seconds = engine.seconds.get("recognize")
            cells.append("–" if seconds is None else f"{seconds:.1f}")
        rows.append([engine_name(comparison, name), *figures, *cells])
    return table(head, rows, "figures")


def _figure(m: Metrics | None, rate: Rate) -> str:
    if m is None:
        return "–"
    if not rate.in_summary:
        return str(m.taxonomy.get(rate.name, "–"))
    return percent(m.rate(rate.name), rate.digits) + spread(m.intervals.get(rate.name), rate.digits)


def classes_table(metrics: Mapping[str, Metrics]) -> str:
    """Return every error class: lines and share of the failures, two columns per engine."""
    shares = [breakdown(m) for m in metrics.values()]
    rows = []
    for row in zip(*shares, strict=True):
        cells = [f"<td>{cell}</td>" for share in row for cell in (share.lines, percent(share.of_failures))]
        rows.append(f"<tr><td>{class_title(row[0].kind)}</td>{''.join(cells)}</tr>")
    totals = [(m.failures, percent(1.0 if m.failures else None)) for m in metrics.values()]
    failures = "".join(f"<td>{lines}</td><td>{share}</td>" for lines, share in totals)
    names = "".join(f'<th colspan="2">{escape(name)}</th>' for name in metrics)
    columns = "<th>lines</th><th>% of failures</th>" * len(metrics)
    return (
        f'<div class="scroll"><table class="figures"><thead><tr><th></th>{names}</tr><tr><th>class</th>{columns}</tr>'
        f"</thead><tbody>{''.join(rows)}<tr><td>all failures</td>{failures}</tr></tbody></table></div>"
    )


def guide_table(metrics: Mapping[str, Metrics]) -> str:
    """Return the engines' figures beside the guide's own table."""
    head, rows = beside_guide(metrics)
    shown = table([escape(name) for name in head], [[escape(cell) for cell in row] for row in rows], "figures")
    return f'{shown}<p class="quiet">{escape(CAPTION.capitalize())}.</p>'


def differences_tables(comparison: Comparison) -> str:
    """Return for each pair of engines the differences of every figure; those that are certain are marked."""
    parts = []
    for pair in comparison.pairs:
        found = pair.differences
        rates = [_rate_difference(rate, found.rates[rate.name]) for rate in compared_rates()]
        letters = [_difference(f'<b class="ch">{escape(k)}</b>', v) for k, v in found.letters.items()]
        head = [escape(pair.first), escape(pair.second), "difference, points", "95 % interval", "over"]
        parts.append(
            f"<section><h3>{engine_name(comparison, pair.second)} against {engine_name(comparison, pair.first)}</h3>"
            + '<div class="beside"><div>'
            + table(["figure, %", *head], rates, "figures")
            + f'<p class="quiet">Paired, on {found.lines} regions; intervals over {found.units} {found.unit}. '
            f"Marked where the whole interval lies on one side of nothing.</p>{_crossed(pair)}</div>"
            + (f"<div>{table(['recall of', *head], letters, 'figures')}</div>" if letters else "")
            + "</div></section>"
        )
    return "".join(parts)


def _crossed(pair: HeadToHead) -> str:
    """Return who is right where, and the first engine's error classes (rows) against the second's (columns)."""
    known = [str(kind) for kind in ErrorClass]
    columns = [kind for kind in known if any(row.get(kind) for row in pair.classes.values())]
    shown = {kind: class_title(kind) for kind in known}
    rows = [
        [shown[kind], *(str(pair.classes[kind].get(column, "")) for column in columns)]
        for kind in known
        if kind in pair.classes
    ]
    first, second = escape(pair.first), escape(pair.second)
    return (
        f"<p>Both exact {pair.both}, only {first} {pair.only_first}, only {second} {pair.only_second}, neither "
        f"{pair.neither}. Fewer edits: {first} {pair.first_fewer_edits}, {second} {pair.second_fewer_edits}.</p>"
        f"<details><summary>Regions by class: {first} down, {second} across</summary>"
        + table(["", *(shown[column] for column in columns)], rows, "figures")
        + "</details>"
    )


def _rate_difference(rate: Rate, value: Difference) -> list[str]:
    return _difference(rate.title, value, rate.digits, larger_is_better=rate.larger_is_better)


def _difference(label: str, value: Difference, digits: int = 1, *, larger_is_better: bool = True) -> list[str]:
    if value.value is None:
        return [label, "–", "–", "–", "", "0"]
    mark = ""
    if value.interval is not None and (value.interval.low > 0 or value.interval.high < 0):
        mark = "good" if (value.value > 0) == larger_is_better else "bad"
    interval = (
        f"{100 * value.interval.low:+.{digits}f} … {100 * value.interval.high:+.{digits}f}"
        if value.interval
        else "too few"
    )
    figure = f'<span class="{mark}">{100 * value.value:+.{digits}f}</span>'
    return [
        label,
        percent(value.first, digits),
        percent(value.second, digits),
        figure,
        interval,
        str(value.occurrences),
    ]


def letters_table(comparison: Comparison) -> str:
    """Return the recall of each Nordic letter, a column per engine."""
    metrics = {name: e.metrics for name, e in comparison.engines.items() if e.metrics is not None}
    letters = list(next(iter(metrics.values())).nordic) if metrics else []
    rows = []
    for letter in letters:
        first = next(iter(metrics.values())).nordic[letter]
        if not first.reference:
            continue
        cells = []
        for m in metrics.values():
            score = m.nordic.get(letter)
            cells.append(
                percent(score.recall if score else None) + (f" <small>{score.correct}</small>" if score else "")
            )
        rows.append([f'<b class="ch">{escape(letter)}</b>', str(first.reference), *cells])
    return table(["letter", "in reference", *(escape(name) for name in metrics)], rows, "figures") if rows else ""


def pages_table(comparison: Comparison) -> str:
    """Return every page with its exact regions and CER by engine."""
    names = list(comparison.engines)
    head = [
        "page",
        "regions",
        "with reference",
        *(f"{escape(n)} exact" for n in names),
        *(f"{escape(n)} CER %" for n in names),
    ]
    rows = []
    for page in comparison.by_page:
        fewest = min(page.edits.values(), default=0)
        alone = list(page.edits.values()).count(fewest) == 1 and len(names) > 1
        cers = [_page_cer(page.edits[n], page.characters, best=alone and page.edits[n] == fewest) for n in names]
        exact = [str(page.exact[n]) if page.referenced else "–" for n in names]
        name = escape(page.document)
        label = f'<a href="#lines" data-page="{name}:{page.page}">{name}, {page.page + 1}</a>'
        rows.append([label, str(page.regions), str(page.referenced), *exact, *cers])
    return table(head, rows, "figures")


def _page_cer(edits: int, characters: int, *, best: bool) -> str:
    """Return a page's CER, marked where this engine alone has the fewest edits."""
    if not characters:
        return "–"
    return f'<span class="good">{percent(edits / characters, 2)}</span>' if best else percent(edits / characters, 2)


def agreement_table(comparison: Comparison) -> str:
    """Return how far the engines agree, whatever is true."""
    head = [
        "engines",
        "regions of both",
        "identical",
        "spaces only",
        "characters that differ",
        "only first",
        "only second",
    ]
    rows = [
        [
            f"{engine_name(comparison, a.first)} {engine_name(comparison, a.second)}",
            str(a.both),
            f"{a.identical} <small>{percent(a.identical / a.both if a.both else None)} %</small>",
            str(a.space_only),
            f"{percent(a.distance, 2)} %",
            str(a.only_first),
            str(a.only_second),
        ]
        for a in comparison.agreement
    ]
    return table(head, rows, "figures") if rows else ""


def own_classes_table(comparison: Comparison) -> str:
    """Return the reference's error classes where it stands alone against all engines, beside those of the engines."""
    own = comparison.doubt.classes
    metrics = {name: e.metrics for name, e in comparison.engines.items() if e.metrics is not None}
    kinds = [
        str(kind)
        for kind in ErrorClass
        if kind is not ErrorClass.EXACT
        and (own.get(str(kind)) or any(m.taxonomy.get(str(kind)) for m in metrics.values()))
    ]
    rows = [
        [class_title(kind), str(own.get(kind, 0)), *(str(m.taxonomy.get(kind, 0)) for m in metrics.values())]
        for kind in kinds
    ]
    head = ["class", "the reference, alone", *(engine_name(comparison, name) for name in metrics)]
    return table(head, rows, "figures") if own and rows else ""


def sample_table(comparison: Comparison) -> str:
    """Return what the human's sample says of the reference and of the engines."""
    found = comparison.verified
    if found is None:
        return ""
    rows = []
    for name, metrics in found.metrics.items():
        corrected = found.exact.get(name)
        text = percent(corrected.corrected) + spread(corrected.interval) if corrected else ""
        rows.append([engine_name(comparison, name), *_against_human(metrics), text])
    head = ["reader", "exact %", "no spaces %", "CER %", "error classes", "exact over all, corrected %"]
    return table(head, rows, "figures") + (
        f'<p class="quiet">{found.regions} regions verified by a human, {found.without_reference} of them without a '
        f"reference, {found.unmatched} verified lines on no region. Corrected: prediction-powered estimate; it holds "
        "where the sample was drawn by chance.</p>"
    )


def _against_human(metrics: Metrics) -> list[str]:
    classes = ", ".join(f"{class_title(k)} {n}" for k, n in metrics.taxonomy.items() if n and k != "exact")
    return [
        percent(metrics.exact),
        percent(metrics.space_insensitive),
        percent(metrics.cer, 2),
        f"<small>{classes}</small>",
    ]
