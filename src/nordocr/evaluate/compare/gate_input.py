"""Two engines' lines for the gate, from whatever they were measured by.

Either side may be a ``comparison.json`` (with the engine's name where it has several), the ``metrics.json`` of
``nordocr eval`` with its ``predictions.tsv`` beside it (or that table itself). Or both are result JSONs, and a
reference says what is true.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nordocr.errors import DataInvalid, InputMissing, UsageError
from nordocr.evaluate.compare.scored import page_key, pair_of
from nordocr.evaluate.documents.frames import page_frame
from nordocr.evaluate.documents.placed import Frame, PlacedLine, Reading
from nordocr.evaluate.documents.readings import read_values, readings_of
from nordocr.evaluate.documents.regions import page_regions
from nordocr.evaluate.documents.truth import Placed, document_names, place_readings, read_reference
from nordocr.evaluate.scoring.table import Pair

_NAMED = 3


@dataclass
class GateInput:
    """What the gate decides on.

    Attributes:
        baseline: The baseline's lines.
        candidate: The candidate's lines, in the same order.
        unshared: Lines that are on one side only, or have another reference there.
        notes: Sentences about those.
    """

    baseline: list[Pair] = field(default_factory=list)
    candidate: list[Pair] = field(default_factory=list)
    unshared: int = 0
    notes: list[str] = field(default_factory=list)


def gate_input(
    baseline: Path,
    candidate: Path,
    *,
    baseline_engine: str | None = None,
    candidate_engine: str | None = None,
    reference: Path | None = None,
) -> GateInput:
    """Read both sides.

    Args:
        baseline: A comparison, an evaluation, or a result of the engine in use.
        candidate: The same kind of file of the new engine.
        baseline_engine: The engine of a comparison that has several.
        candidate_engine: The engine of a comparison that has several.
        reference: Page truth for two results.

    Raises:
        InputMissing: A file does not exist.
        DataInvalid: A file cannot be understood.
        UsageError: The two files are of different kinds, or it is not said which engine or reference is meant.
    """
    first, second = _measured(baseline, baseline_engine), _measured(candidate, candidate_engine)
    if isinstance(first, dict) and isinstance(second, dict):
        return _common(first, second)
    if isinstance(first, dict) or isinstance(second, dict):
        raise UsageError(f"{baseline} and {candidate} are of different kinds; give two results or two measurements.")
    if reference is None:
        raise UsageError("Two result files need --reference: without the truth nothing can be decided.")
    return _from_results((baseline, first), (candidate, second), reference)


def _measured(path: Path, engine: str | None) -> dict[object, Pair] | list[Reading]:
    """Return scored lines by what identifies them, or the readings of a result file, which holds no truth."""
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    if path.suffix.lower() == ".tsv":
        return _predictions(path)
    values = read_values(path)
    first = values[0]
    if isinstance(first, dict) and isinstance(first.get("engines"), dict) and "lines" in first:
        return _comparison(first, path, engine)
    if isinstance(first, dict) and "taxonomy" in first:
        return _predictions(path.with_name("predictions.tsv"))
    return readings_of(values, path)


def _comparison(values: dict[str, Any], path: Path, engine: str | None) -> dict[object, Pair]:
    names = list(values["engines"])
    if engine is None and len(names) != 1:
        raise UsageError(
            f"{path} has {len(names)} engines ({', '.join(names)}); say which by --baseline-engine, --candidate-engine."
        )
    name = engine or names[0]
    if name not in names:
        raise UsageError(f"{path} has no engine {name!r}; there are {', '.join(names)}.")
    lines: dict[object, Pair] = {}
    try:
        for line in values["lines"]:
            if line["reference"] is None or line["spurious"]:
                continue
            key = (line["document"], line["page"], tuple(line["box"].values()))
            text, page = line["texts"][name] or "", page_key(line["page"])
            if not isinstance(line["reference"], str) or not isinstance(text, str):
                raise TypeError("a text is no text")
            lines[key] = Pair(line["reference"], text, line["width"], line["document"], page)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataInvalid(f"{path} is a damaged comparison: {type(error).__name__} {error}.") from error
    if not lines:
        raise DataInvalid(f"{path} has no line with a reference, so nothing can be decided.")
    return lines


def _predictions(path: Path) -> dict[object, Pair]:
    if not path.is_file():
        raise InputMissing(f"There is no table {path}, which holds the lines of the evaluation.")
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8-sig").split("\n") if line]
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8.") from error
    header = rows[0] if rows else []
    if not {"filename", "text", "prediction"} <= set(header):
        raise DataInvalid(f"{path} lacks a column: filename, text and prediction are wanted.")
    lines: dict[object, Pair] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(header):
            raise DataInvalid(f"{path}: row {number} has {len(cells)} fields, not {len(header)}.")
        row = dict(zip(header, cells, strict=True))
        lines[row["filename"]] = Pair(
            row["text"], row["prediction"], None, row.get("source") or None, row.get("page") or None
        )
    return lines


def _common(first: dict[object, Pair], second: dict[object, Pair]) -> GateInput:
    found = GateInput()
    for lines, others, whose in ((first, second, "baseline"), (second, first, "candidate")):
        alone = [key for key in lines if key not in others]
        if alone:
            found.unshared += len(alone)
            named = ", ".join(map(_name, alone[:_NAMED]))
            found.notes.append(f"{len(alone)} lines are in the {whose} only and not compared ({named}).")
    differ = [key for key in first if key in second and first[key].reference != second[key].reference]
    if differ:
        found.unshared += len(differ)
        named = ", ".join(map(_name, differ[:_NAMED]))
        found.notes.append(f"{len(differ)} lines have another reference on either side and are not compared ({named}).")
    for key, pair in first.items():
        if key in second and second[key].reference == pair.reference:
            found.baseline.append(pair)
            found.candidate.append(second[key])
    return found


def _name(key: object) -> str:
    if isinstance(key, tuple):
        document, page, box = key
        return f"{document} page {page + 1} at {box[0]},{box[1]}"
    return str(key)


def _from_results(
    baseline: tuple[Path, list[Reading]], candidate: tuple[Path, list[Reading]], reference: Path
) -> GateInput:
    sources = [reading.source for _, readings in (baseline, candidate) for reading in readings]
    documents = list(dict.fromkeys(Path(source.replace("\\", "/")) for source in sources if source)) or [
        Path("document")
    ]
    by_name = {path.name: path for path in documents}
    documents = list(by_name.values())
    truth = read_reference(reference, documents)
    sides = {
        name: place_readings(readings, documents, path)
        for name, (path, readings) in (("baseline", baseline), ("candidate", candidate))
    }
    found = GateInput(notes=[*truth.notes, *(note for placed in sides.values() for note in placed.notes)])
    for key, page in sorted(truth.pages.items()):
        here = {name: placed.pages.get(key) for name, placed in sides.items()}
        frame = page_frame([*here.values(), page], None)
        for name, held in here.items():
            if held is None:
                found.notes.append(
                    f"The {name} has no page {key[1] + 1} of {documents[key[0]].name}: all missed there."
                )
        lines = page.in_frame(frame).lines if frame is not None else page.lines
        engines = {name: _lines(placed, key, frame) for name, placed in sides.items()}
        for region in page_regions(document_names(documents)[key[0]], key[1], engines, lines):
            if region.reference is not None and not region.spurious:
                found.baseline.append(pair_of(region, "baseline"))
                found.candidate.append(pair_of(region, "candidate"))
    return found


def _lines(placed: Placed, key: tuple[int, int], frame: Frame | None) -> list[PlacedLine]:
    page = placed.pages.get(key)
    if page is None:
        return []
    return page.in_frame(frame).lines if frame is not None else page.lines
