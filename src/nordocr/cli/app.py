"""Entry point of ``nordocr VERB ...``: import the verb's module, run it, turn failures into exit codes.

Verbs are listed by name, so that ``nordocr --help`` imports neither ONNX Runtime nor torch nor typer.
"""

from __future__ import annotations

import difflib
import errno
import gc
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from nordocr import __version__

VERBS: Final = {
    "process": ("nordocr.cli.process", "process", "Read scanned pages: TIFF, PDF, PNG or JPEG to text or JSON."),
    "batch": ("nordocr.cli.batch", "batch", "Read many documents, resumable; on one machine or many."),
    "watch": ("nordocr.cli.watch", "watch", "Read what scanners put into a folder."),
    "serve": ("nordocr.cli.serve", "serve", "Read documents over HTTP."),
    "view": ("nordocr.cli.view", "view", "Correct what was read, in the browser."),
    "convert": ("nordocr.cli.convert", "convert", "Write results in other formats, without reading again."),
    "eval": ("nordocr.cli.eval", "evaluate", "Measure a recogniser on labelled lines."),
    "calibrate": ("nordocr.cli.calibrate", "calibrate", "Calibrate confidence scores."),
    "benchmark": ("nordocr.cli.benchmark", "benchmark", "Read the same lines with several engines and time them."),
    "compare": ("nordocr.cli.compare", "compare", "Compare what several engines read with a reference."),
    "gate": ("nordocr.cli.gate", "gate", "Decide whether a new engine may replace the one in use."),
    "retrain": ("nordocr.cli.retrain", "retrain", "Train, export, compare and judge a new model; resumable."),
    "tune": ("nordocr.cli.tune", "tune", "Make a better model of corrected lines, and prove it."),
    "train": ("nordocr.cli.train", "train", "Train a recogniser from a recipe."),
    "train-detector": ("nordocr.cli.train_detector", "train_detector", "Train a line detector."),
    "export": ("nordocr.cli.export", "app", "Export a checkpoint to a model file for an engine."),
    "synth": ("nordocr.cli.synth", "app", "Render synthetic lines and pages."),
    "models": ("nordocr.cli.models", "app", "List, verify and download models that are not in the package."),
    "lm": ("nordocr.cli.lm", "app", "Build and inspect the language model that reading uses."),
    "data": ("nordocr.cli.data", "app", "Inspect labelled data."),
    "autolabel": ("nordocr.cli.autolabel", "autolabel", "Label lines by what engines are sure of or agree on."),
    "align": ("nordocr.cli.align", "align", "Turn pages and their text into labelled lines."),
    "doctor": ("nordocr.cli.doctor", "doctor", "Check which engines and models work on this machine."),
    "dict": ("nordocr.cli.dict", "dictionary", "Print the character set as a dictionary file."),
}
"""For each verb its module, the attribute there (a function or a ``typer.Typer``) and one line of help."""

_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EIO, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)})
_BROKEN_PIPE: Final = 141  # what a shell reports of a program that a closed pipe ended: 128 + SIGPIPE


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one verb and exit the process.

    Args:
        arguments: The verb and its arguments; None for those of the command line.

    Raises:
        SystemExit: Always, with 0 or the exit code of the failure that was reported on standard error.
    """
    from nordocr.cli.console import prepare_streams, report
    from nordocr.errors import NordocrError, OutputUnwritable

    prepare_streams()
    _leave_in_order()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(given)
        sys.stdout.flush()
        sys.exit(code)
    except NordocrError as error:
        report(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _forget_stdout()
        sys.exit(_BROKEN_PIPE)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        # A full disk behind standard output; files are written elsewhere, where their names are known.
        _forget_stdout()
        report(OutputUnwritable(f"Standard output cannot be written: {error.strerror}."))
        sys.exit(OutputUnwritable.exit_code)


def available_verbs() -> dict[str, tuple[str, str, str]]:
    """Return the entries of :data:`VERBS` whose modules are installed."""
    return {verb: entry for verb, entry in VERBS.items() if importlib.util.find_spec(entry[0]) is not None}


def help_text() -> str:
    """Return the text of ``nordocr --help``."""
    verbs = available_verbs()
    width = max(map(len, verbs))
    lines = [f"  {verb:<{width}}  {help_line}" for verb, (_, _, help_line) in verbs.items()]
    return "\n".join(
        [
            "Usage: nordocr VERB [ARGUMENTS]...",
            "",
            "Read scanned Nordic documents; train, evaluate and export the models that do.",
            "",
            "Verbs:",
            *lines,
            "",
            "  nordocr VERB --help   show a verb's options",
            "  nordocr --version     show the version",
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
    """Run the verb with typer and return its exit code."""
    # What imports make stays to the end: looking through it for what is no longer used takes a tenth of a start.
    gc.disable()
    try:
        import typer

        target = getattr(importlib.import_module(module), attribute)
    finally:
        gc.freeze()
        gc.enable()
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


def _leave_in_order() -> None:
    """Let the signals that end a process end it as an exception does, so that no half-written file is left."""
    import signal
    import threading

    def leave(number: int, _: object) -> NoReturn:
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or threading.current_thread() is not threading.main_thread():
            continue
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has its own
            signal.signal(number, leave)


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain of the closed pipe."""
    import os

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
