"""``nordocr dict``: the character set as a dictionary file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def dictionary(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write this file, as UTF-8 on every system [standard output].")
    ] = None,
) -> None:
    """Print nordic_dict.txt: the 125 characters of nordic-126, one per line, in the order of the model's classes.

    Use --output on Windows: PowerShell's > writes another encoding.
    """
    from nordocr.charset import NORDIC_126
    from nordocr.files import write_whole

    if output is None:
        sys.stdout.write(NORDIC_126.to_dict_text())
    else:
        write_whole(output, NORDIC_126.to_dict_text())
