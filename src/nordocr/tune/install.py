"""A model under a name: weights, ONNX file, card and report in the folder of installed models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from nordocr.errors import OutputUnwritable, UsageError
from nordocr.export.store import INDEX, add_weights, read_index
from nordocr.files import replacing, write_whole
from nordocr.recognize.bundled import bundled_names
from nordocr.recognize.named import installed_folder
from nordocr.recognize.registry import ENGINES
from nordocr.tune.judge import Verdict

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def require_name(name: str, *, replace: bool = False) -> None:
    """Check that a model may be installed under a name.

    Args:
        name: The name.
        replace: An installed model of that name may be replaced.

    Raises:
        UsageError: It is no plain name, or one that is taken.
    """
    if not _NAME.fullmatch(name) or Path(name).suffix.lower() in {".onnx", ".safetensors", ".engine", ".plan", ".xml"}:
        raise UsageError(f"{name!r} is no name for a model: letters, digits, '.', '_' and '-' make one.")
    if name in bundled_names() or name in ENGINES:
        raise UsageError(f"{name!r} is a name of nordocr's own: choose another one.")
    folder = installed_folder()
    if not replace and (folder / INDEX).is_file() and name in {model.name for model in read_index(folder)}:
        raise UsageError(f"A model {name!r} is installed already: choose another name, or --replace it.")


def install(name: str, model: Path, weights: Path, verdict: Verdict) -> Path:
    """Install a tuned model.

    Args:
        name: Its name, see :func:`require_name`.
        model: The ONNX file.
        weights: The weights file.
        verdict: How it compares with the model before; it becomes the model's card.

    Returns:
        The installed ONNX file, which ``--recognizer NAME`` reads with.

    Raises:
        OutputUnwritable: The folder cannot be written.
    """
    folder = installed_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(f"{folder} cannot be made: {error.strerror}.") from error
    card = f"{name}.md"
    said = f"Tuned from {verdict.start} by `nordocr tune`.\n\n```\n{verdict.words()}```\n"
    write_whole(folder / card, f"# {name}\n\n{said}")

    add_weights(folder, weights, name, card)
    # After the weights: an ONNX file that is older than its weights would be built again, without its temperature.
    target = folder / f"{name}.onnx"
    with replacing(target) as partial:
        partial.write_bytes(model.read_bytes())
    return target
