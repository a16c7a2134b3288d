"""How far to go from the start, on readings made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nordocr.evaluate.scoring.table import Pair, ScoredTable
from nordocr.tune.judge import HELD_OUT
from nordocr.tune.share import SHARES, Way, choose_share

TRUTH = "Årets resultat uppgick till 12 345 kronor"
FOLDERS = {name: Path(name) for name in (HELD_OUT, "clean", "scans")}


def table(right: int, lines: int) -> ScoredTable:
    """Lines of which so many are right and the others wrong in two letters."""
    read = [TRUTH] * right + [TRUTH.replace("kronor", "krenar")] * (lines - right)
    return ScoredTable([Pair(TRUTH, text, source=f"d{number}") for number, text in enumerate(read)])


def chosen(held: Callable[[float], int], scans: Callable[[float], int]) -> tuple[Way, list[float]]:
    """The choice, and for which shares the guard was read; of 100 lines so many are right at each share."""
    asked: list[float] = []

    def read(share: float, folders: Mapping[str, Path]) -> dict[str, ScoredTable]:
        if "scans" in folders:
            asked.append(share)
        found = {HELD_OUT: table(held(share), 100), "clean": table(95, 100), "scans": table(scans(share), 100)}
        return {name: found[name] for name in folders}

    before = {HELD_OUT: table(held(0), 100), "clean": table(95, 100), "scans": table(scans(0), 100)}
    return choose_share(FOLDERS, before, read), asked


def test_the_whole_way_where_nothing_else_gets_worse() -> None:
    way, asked = chosen(lambda share: int(80 * share), lambda share: 70)
    assert (way.share, way.harmless, asked) == (1.0, True, [1.0])
    assert way.words().startswith(
        "Weights 100 % of the way from the start to what was trained: where held-out lines gain"
    )


def test_where_held_out_lines_gain_most_if_that_is_on_the_way() -> None:
    way, asked = chosen(lambda share: 80 - int(100 * abs(share - 0.7)), lambda share: 70)
    assert (way.share, asked) == (0.7, [0.7])


def test_back_until_no_other_line_is_surely_worse() -> None:
    way, asked = chosen(lambda share: int(80 * share), lambda share: 70 if share <= 0.55 else 40)
    assert (way.share, way.harmless, asked) == (0.55, True, [1.0, 0.85, 0.7, 0.55])
    assert [one.worse for one in way.tried[:4]] == [["scans"], ["scans"], ["scans"], []]
    assert "where they gain most unharmed" in way.words()
    wrong, long = (2 * 60, len(TRUTH) * 100)
    assert (
        f"100 %  CER held-out 0.98 %, clean 0.24 %, scans {100 * wrong / long:.2f} %; surely worse: scans"
        in way.words()
    )


def test_of_shares_that_are_as_good_the_one_nearest_to_the_start() -> None:
    assert chosen(lambda share: 80 if share else 10, lambda share: 70)[0].share == min(SHARES)


def test_where_every_share_harms_the_least_is_left_to_be_refused() -> None:
    way, _ = chosen(lambda share: int(80 * share), lambda share: 30 if share else 70)
    assert (way.share, way.harmless) == (0.3, False)
    assert "everywhere other lines are surely worse" in way.words()
    assert way.words().count("surely worse: scans") == len(SHARES)
