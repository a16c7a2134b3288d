"""The report's first screen: what was found, in one sentence per engine, and the two figures that decide."""

from __future__ import annotations

from html import escape

from nordocr.evaluate.compare.comparison import Comparison, HeadToHead
from nordocr.evaluate.compare.report.tables import engine_name
from nordocr.evaluate.scoring.paired import Difference
from nordocr.evaluate.scoring.shown import percent
from nordocr.evaluate.scoring.summary import Metrics


def glance(comparison: Comparison) -> str:
    """Return a tile per engine, the one with the most exact regions first, and sentences below, as HTML."""
    known = {name: e.metrics for name, e in comparison.engines.items() if e.metrics is not None}
    if not known:
        return _agreement(comparison)
    ranked = sorted(known, key=lambda name: -(known[name].exact or 0.0))
    tiles = "".join(_tile(comparison, name, known[name]) for name in ranked)
    said = "".join(f"<li>{_against(comparison, ranked[0], other)}</li>" for other in ranked[1:])
    return f'<div class="tiles">{tiles}</div>' + (f'<ul class="said">{said}</ul>' if said else "")


def _tile(comparison: Comparison, name: str, m: Metrics) -> str:
    exact, cer = m.intervals.get("exact"), m.intervals.get("cer")
    share = m.exact or 0.0
    return (
        f'<div class="tile">{engine_name(comparison, name)}'
        f"<strong>{percent(m.exact)}<small> % exact</small></strong>"
        f'<div class="meter"><i style="width:{100 * share:.1f}%" class="{_colour(comparison, name)}"></i></div>'
        f"<p>{f'{percent(exact.low)}–{percent(exact.high)} · ' if exact else ''}CER {percent(m.cer, 2)} %"
        f"{f' ({percent(cer.low, 2)}–{percent(cer.high, 2)})' if cer else ''}</p></div>"
    )


def _colour(comparison: Comparison, name: str) -> str:
    from nordocr.evaluate.compare.report.charts import COLOURS

    return f"c{list(comparison.engines).index(name) % COLOURS}"


def _against(comparison: Comparison, best: str, other: str) -> str:
    pair = next(p for p in comparison.pairs if {p.first, p.second} == {best, other})
    rates = pair.differences.rates
    exact = _words(rates["exact"], pair, best, "exact regions", digits=1)
    cer = _words(rates["cer"], pair, best, "CER", digits=2)
    return f"<b>{escape(best)}</b> against <b>{escape(other)}</b>: {exact}; {cer}."


def _words(d: Difference, pair: HeadToHead, best: str, what: str, *, digits: int) -> str:
    """Say the difference as seen from ``best``, which may be either of the pair."""
    turn = 1 if pair.second == best else -1
    value = turn * (d.value or 0.0)
    if not value:
        return f"{what} equal"
    said = f"{what} {100 * abs(value):.{digits}f} points {'higher' if value > 0 else 'lower'}"
    if d.interval is None:
        return f"{said}, on too few to be sure"
    low, high = sorted((turn * d.interval.low, turn * d.interval.high))
    sure = "surely" if low > 0 or high < 0 else "perhaps by chance"
    return f"{said}, {sure} (95 % interval {100 * low:+.{digits}f} to {100 * high:+.{digits}f})"


def _agreement(comparison: Comparison) -> str:
    said = "".join(
        f"<li><b>{escape(a.first)}</b> and <b>{escape(a.second)}</b> read {a.identical} of {a.both} regions alike, "
        f"{a.space_only} more but for spaces. Agreement is no accuracy.</li>"
        for a in comparison.agreement
    )
    return f'<ul class="said">{said}</ul>' if said else ""
