"""How an exported file comes to be there: written aside, judged by the gate, then put in place with its YAML.

Nothing is ever left behind by an export that fails: neither the file nor a half of it nor its YAML.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from nordocr.errors import OutputUnwritable
from nordocr.export.parity import Parity, Scorer, Tolerance, compare, parity_lines, require
from nordocr.export.source import Source
from nordocr.files import write_whole
from nordocr.linespec import LineSpec
from nordocr.recognize.modelspec import meta_path


@contextmanager
def partial_file(output: Path) -> Iterator[Path]:
    """A file beside ``output`` to write to; it is gone afterwards unless it was moved. :class:`OutputUnwritable`."""
    partial = output.with_name(f"{output.stem}.partial{output.suffix}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        yield partial
    except OSError as error:
        raise OutputUnwritable(f"{output} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def judge(source: Source, candidate: Scorer, limits: Tolerance, output: Path) -> Parity:
    """Show the gate's lines to both; :class:`nordocr.errors.ExportRejected` where a limit is broken."""
    lines = parity_lines(limits.lines, source.spec)
    agreement = compare(source.reference, candidate, source.spec, lines, memory=source.memory)
    require(agreement, limits, output)
    return agreement


def place(partial: Path, output: Path, meta: Mapping[str, Any]) -> None:
    """Move ``partial`` to ``output`` and write its ``*_meta.yaml``, which is moved into place first."""
    write_whole(meta_path(output), yaml.safe_dump(dict(meta), sort_keys=False, allow_unicode=True))
    os.replace(partial, output)


def meta_of(spec: LineSpec, **more: Any) -> dict[str, Any]:
    """The keys of a ``*_meta.yaml`` as the 768 px model has it, then ``output``, ``more`` and ``linespec``."""
    return {
        "model": "svtrv2",
        "decoder": "ctc",
        "blank_index": 0,
        "charset_size": len(spec.characters),
        "num_classes": spec.charset.num_classes,
        "stride": spec.stride,
        "input_height": spec.height,
        "max_width_tested": spec.max_width,
        "normalization": f"{spec.normalization} -> [-1, 1]",
        "output": spec.output,
        **more,
        "linespec": spec.model_dump(mode="json"),
    }


def write_checked(
    source: Source,
    output: Path,
    limits: Tolerance,
    write: Callable[[Path], Scorer],
    **meta: Any,
) -> Parity:
    """One file: ``write`` writes it aside and gives its scorer, the gate judges, and only then does it appear."""
    with partial_file(output) as partial:
        agreement = judge(source, write(partial), limits, output)
        place(partial, output, meta_of(source.spec, **meta))
    return agreement
