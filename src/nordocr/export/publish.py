"""How an exported file comes to be there: written aside, checked for parity, then put in place with its YAML.

Nothing is ever left behind by an export that fails: neither the file nor a half of it nor its YAML.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import onnx
import yaml

from nordocr.errors import OutputUnwritable
from nordocr.export.parity import Extent, Parity, Scorer, Tolerance, require
from nordocr.export.parity_run import compare, parity_lines
from nordocr.export.source import Source
from nordocr.families import family_of
from nordocr.files import write_whole
from nordocr.linespec import LineSpec
from nordocr.recognize.modelspec import meta_path


@contextmanager
def partial_file(output: Path) -> Iterator[Path]:
    """Give a file beside ``output`` to write to, gone afterwards unless it was moved; :class:`OutputUnwritable`."""
    partial = output.with_name(f"{output.stem}.partial{output.suffix}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        yield partial
    except OSError as error:
        raise OutputUnwritable(f"{output} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


@dataclass(frozen=True)
class Check:
    """How an export is checked."""

    extent: Extent = "full"
    """How much the parity check shows."""
    accept: str | None = None
    """A reason for which an export is written although it differs more than is allowed."""


FULL: Final = Check()
QUICK: Final = Check("quick")


def judge(
    source: Source, candidate: Scorer, tolerance: Tolerance, output: Path, check: Check = FULL
) -> tuple[Parity, dict[str, Any]]:
    """Show the same lines to an original and its export.

    Args:
        source: The original.
        candidate: The export's answers.
        tolerance: What is allowed.
        output: The file that is to be written, to be named.
        check: How much is shown, and whether a refusal is overruled.

    Returns:
        What was found, and what the metadata must say of it: ``accepted`` with the reason and what was broken where a
        refusal was overruled, else nothing.

    Raises:
        ExportRejected: A limit is broken and no reason to accept that was given.
    """
    count = tolerance.quick_lines if check.extent == "quick" else tolerance.lines
    parity = compare(
        source.reference,
        candidate,
        source.spec,
        parity_lines(count, source.spec),
        extent=check.extent,
        resolution=tolerance.resolution,
        memory=source.memory,
    )
    problem = parity.problem(tolerance)
    if problem is None or not check.accept:
        require(parity, tolerance, output)
        return parity, {}
    return parity, {"accepted": {"reason": check.accept, "broken": problem, "found": str(parity)}}


def place(partial: Path, output: Path, meta: Mapping[str, Any]) -> None:
    """Move ``partial`` to ``output``, after its ``*_meta.yaml`` has been written."""
    write_whole(meta_path(output), yaml.safe_dump(dict(meta), sort_keys=False, allow_unicode=True))
    os.replace(partial, output)


def meta_of(spec: LineSpec, **more: Any) -> dict[str, Any]:
    """Return the keys of a ``*_meta.yaml`` as the 768 px model has it, then ``output``, ``more`` and ``linespec``."""
    return {
        "model": spec.family,
        "decoder": family_of(spec).decoder,
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
    tolerance: Tolerance,
    write: Callable[[Path], Scorer],
    check: Check = FULL,
    **meta: Any,
) -> Parity:
    """Write one ONNX file that appears only once it has passed the parity check.

    Args:
        source: The original.
        output: The file to write, with its ``*_meta.yaml`` beside it.
        tolerance: What is allowed.
        write: Writes the file to the path that it is given and returns its answers.
        check: How much is shown, and whether a refusal is overruled.
        **meta: Further keys of the ``*_meta.yaml``.

    Returns:
        What the check found.

    Raises:
        ExportRejected: It differs too much.
        OutputUnwritable: It cannot be written.
    """
    with partial_file(output) as partial:
        parity, accepted = judge(source, write(partial), tolerance, output, check)
        if accepted:
            proto = onnx.load(str(partial))
            facts = {item.key: item.value for item in proto.metadata_props}
            onnx.helper.set_model_props(
                proto, facts | {"accepted": json.dumps(accepted["accepted"], ensure_ascii=False)}
            )
            onnx.save(proto, str(partial))
        place(partial, output, meta_of(source.spec, **meta, **accepted))
    return parity
