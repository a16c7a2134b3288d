"""How long the evaluator takes for many lines: python benchmarks/lab/scoring.py [--pairs 100000] [--csv FILE].

Random Nordic texts of 1 to 100 characters with random edits, a width, a confidence and a document each; every figure,
slice and bootstrap interval of ``evaluate.metrics.score``, in processor seconds of one process. Three cases, because
what the bootstrap resamples depends on how many documents there are.
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import time
from datetime import date
from pathlib import Path

import numpy
import rapidfuzz

from nordocr.evaluate.scoring.metrics import Pair, score

ALPHABET = "abcdefghijklmnoprstuvåäöøæÅÄÖ 0123456789.,-–"
CASES = {"500 documents": 500, "no documents": 0, "10,000 documents": 10_000}


def random_pairs(count: int, documents: int) -> list[Pair]:
    """``count`` lines, a third of them read with errors; ``documents`` 0 for lines of no known document."""
    dice = random.Random(6)
    pairs = []
    for _ in range(count):
        reference = "".join(dice.choices(ALPHABET, k=dice.randint(1, 100)))
        letters = list(reference)
        for _ in range(dice.choice((0, 0, 0, 0, 1, 6))):
            place = dice.randrange(len(letters) + 1)
            letters[place : place + dice.randint(0, 2)] = dice.choices(ALPHABET, k=dice.randint(0, 2))
        source = f"document {dice.randrange(documents)}" if documents else None
        pairs.append(Pair(reference, "".join(letters), dice.randint(30, 1900), source, None, dice.random()))
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    for name, documents in CASES.items():
        pairs = random_pairs(options.pairs, documents)
        started = time.process_time()
        metrics = score(pairs)
        seconds = time.process_time() - started
        print(f"{name:18} {seconds:6.2f} s  {len(pairs):,} pairs, CER {100 * (metrics.cer or 0):.2f} %")
        if options.csv:
            row = [date.today().isoformat(), name, len(pairs), f"{seconds:.2f}", rapidfuzz.__version__]
            _append(
                options.csv, [*row, numpy.__version__, platform.python_version(), f"{platform.machine()}, one core"]
            )


def _append(path: Path, row: list[object]) -> None:
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["date", "case", "pairs", "processor_seconds", "rapidfuzz", "numpy", "python", "hardware"])
        writer.writerow(row)


if __name__ == "__main__":
    main()
