"""``nordocr VERB ...``: finds the verb's module, imports that one alone, and turns failures into exit codes.

The list of verbs is a table of names, so that ``nordocr --help`` imports neither ONNX Runtime nor torch nor typer.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from nordocr import __version__

VERBS: Final = {
    "process": ("nordocr.cli.process", "process", "Read scanned pages: TIFF, PDF, PNG or JPEG to text or JSON."),
    "convert": ("nordocr.cli.convert", "convert", "Write results in other formats, without reading again."),
    "eval": ("nordocr.cli.eval", "evaluate", "Measure a recogniser on labelled lines."),
    "calibrate": ("nordocr.cli.calibrate", "calibrate", "Fit how sure a recogniser may be of its lines."),
    "benchmark": ("nordocr.cli.benchmark", "benchmark", "Read the same regions with several engines."),
    "compare": ("nordocr.cli.compare", "compare", "Compare engines on the same regions against a reference."),
    "gate": ("nordocr.cli.gate", "gate", "Say whether a new engine may replace the one in use."),
    "retrain": ("nordocr.cli.retrain", "retrain", "From labelled data to a proven engine, one resumable command."),
    "train": ("nordocr.cli.train", "train", "Train a recogniser from a recipe."),
    "train-detector": ("nordocr.cli.train_detector", "train_detector", "Train the detector that finds lines."),
    "export": ("nordocr.cli.export", "app", "Write a checkpoint as a model file for reading."),
    "synth": ("nordocr.cli.synth", "app", "Render synthetic lines and pages."),
    "models": ("nordocr.cli.models", "app", "Models too large for the package: list, verify, pull."),
    "data": ("nordocr.cli.data", "app", "Look into labelled data."),
    "align": ("nordocr.cli.align", "align", "Turn pages and their text into labelled lines."),
    "doctor": ("nordocr.cli.doctor", "doctor", "Say what works on this machine and what is missing."),
    "dict": ("nordocr.cli.dict", "dictionary", "Print the character set as nordic_dict.txt."),
}
"""Verb to module, attribute (a function or a ``typer.Typer``) and one line of help."""

_BROKEN_PIPE: Final = 141  # what a shell reports of a program that a closed pipe ended: 128 + SIGPIPE


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one verb and leave: 0, or the exit code of the failure whose sentence went to stderr."""
    from nordocr.cli.console import prepare_streams, report
    from nordocr.errors import NordocrError

    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.exit(_run(given))
    except NordocrError as error:
        report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _forget_stdout()
        sys.exit(_BROKEN_PIPE)


def available_verbs() -> dict[str, tuple[str, str, str]]:
    """The verbs whose modules are installed."""
    return {verb: entry for verb, entry in VERBS.items() if importlib.util.find_spec(entry[0]) is not None}


def help_text() -> str:
    """What ``nordocr --help`` prints."""
    verbs = available_verbs()
    width = max(map(len, verbs))
    lines = [f"  {verb:<{width}}  {help_line}" for verb, (_, _, help_line) in verbs.items()]
    return "\n".join(
        [
            "Usage: nordocr VERB [ARGUMENTS]...",
            "",
            "Reads scanned Nordic documents, and trains and proves the recognisers that do.",
            "",
            "Verbs:",
            *lines,
            "",
            "  nordocr VERB --help   what a verb takes",
            "  nordocr --version     the version",
            "",
        ]
    )


def _run(arguments: list[str]) -> int:
    from nordocr.errors import UsageError

    first = arguments[0] if arguments else ""
    if first in {"--help", "-h", "help"}:
        sys.stdout.write(help_text())
        return 0
    if first in {"--version", "-V"}:
        print(f"nordocr {__version__}")
        return 0
    verbs = available_verbs()
    if first in verbs:
        return _call(first, arguments[1:], *verbs[first][:2])
    if not first:
        sys.stderr.write(help_text())
        return UsageError.exit_code
    near = difflib.get_close_matches(first, verbs, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the verbs are {', '.join(verbs)}."
    raise UsageError(f"There is no verb {first!r}; {hint}")


def _call(verb: str, arguments: list[str], module: str, attribute: str) -> int:
    """Run the verb by typer and give its exit code."""
    import typer

    target = getattr(importlib.import_module(module), attribute)
    if isinstance(target, typer.Typer):
        app = target
    else:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        app.command()(target)
    try:
        app(args=arguments, prog_name=f"nordocr {verb}")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain of the closed pipe."""
    import os

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
