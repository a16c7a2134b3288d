"""What ``nordocr data suggest`` does with its options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nordocr.errors import UsageError

if TYPE_CHECKING:
    from nordocr.recognize.base import Recognizer
    from nordocr.tune.suggest.candidates import Candidate
    from nordocr.tune.suggest.run import Suggestion


def suggested(
    what: list[Path], count: int, other: list[str], scans: list[Path], known: list[Path], recognizer: str, threads: int
) -> tuple[list[Suggestion], list[Candidate]]:
    """Return the suggested lines and all of them; :class:`UsageError` for options that do not go together."""
    from nordocr.cli.console import lab, progress_bar, quiet_libraries

    with lab():
        from nordocr.tune.suggest.features import FeatureReader
        from nordocr.tune.suggest.run import is_lines, suggest_lines, suggest_results
    folders = [path for path in what if is_lines(path)]
    if folders and len(folders) < len(what):
        raise UsageError(f"Results and folders of lines do not go together: {folders[0]} is a folder of lines.")
    with quiet_libraries(), progress_bar() as bar:
        task = bar.add_task("looking", total=None) if bar is not None else None

        def seeing(lines: int) -> None:
            if bar is not None and task is not None:
                bar.update(task, advance=lines)

        if not folders:
            if known:
                raise UsageError("--known goes with folders of lines.")
            reader = FeatureReader(_file(recognizer), threads) if scans else None
            others = [Path(name) for name in other]
            return suggest_results(what, count, others=others, scans=scans, reader=reader, seeing=seeing)
        if scans or len(other) > 1:
            raise UsageError("Folders of lines take one --other, a recogniser, and no --scans.")
        second = _opened(other[0], threads) if other else None
        try:
            reader = FeatureReader(_file(recognizer), threads)
            return suggest_lines(folders, count, reader, other=second, known=known, seeing=seeing)
        finally:
            if second is not None:
                second.close()


def _file(name: str) -> Path:
    from nordocr.errors import ModelMissing
    from nordocr.recognize.named import named_model

    if not name.lower().endswith(".onnx"):
        return named_model(name)
    if not Path(name).is_file():
        raise ModelMissing(f"There is no model file {name}.")
    return Path(name)


def _opened(name: str, threads: int) -> Recognizer:
    from nordocr.config import settings
    from nordocr.recognize.registry import open_recognizer

    return open_recognizer(name, settings(None, {"recognizer": name, "threads": threads}))
