"""``nordocr doctor``: check which engines, models and devices work on this machine."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr import __version__
from nordocr.cli.console import quiet_libraries

if TYPE_CHECKING:
    from nordocr.recognize.doctor import Finding

_PACKAGES = ("numpy", "opencv-python-headless", "onnxruntime", "openvino", "tesserocr", "torch")


def doctor(
    model: Annotated[
        Path | None, typer.Option(help="ONNX model to try the engines on (default: the bundled one).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Try every engine on a model and report what works, and why the rest does not.

    The exit code is 0 if the default engine works, otherwise 10.
    """
    from nordocr.errors import EngineUnavailable, ModelMissing
    from nordocr.recognize import doctor as doctor_module

    if model is not None and not model.is_file():
        raise ModelMissing(f"There is no model file {model}.")
    with quiet_libraries():
        engines = doctor_module.survey(model or doctor_module.usual_model())
        models = doctor_module.models()
    report: dict[str, Any] = {
        "nordocr": __version__,
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "processor": doctor_module.processor(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "engines": [asdict(finding) for finding in engines],
        "models": [asdict(finding) for finding in models],
    }
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        typer.echo(_text(report, engines, models))
    if not engines[0].works:
        raise typer.Exit(EngineUnavailable.exit_code)


def _text(report: dict[str, Any], engines: list[Finding], models: list[Finding]) -> str:
    chip = report["processor"]
    lines = [
        f"nordocr {report['nordocr']}, Python {report['python']}, {report['system']}",
        f"{chip['name']}, {chip['usable']} of {chip['cores']} cores usable; {' '.join(chip['has']) or 'flags unknown'}",
        ", ".join(f"{name} {version or 'not installed'}" for name, version in report["packages"].items()),
    ]
    for title, findings in (("Engines", engines), ("Bundled models", models)):
        width = max((len(finding.name) for finding in findings), default=0)
        lines += ["", title]
        lines += [f"  {'works' if f.works else 'no   '}  {f.name:<{width}}  {f.says}" for f in findings]
        if not findings:
            lines.append("  none")
    return "\n".join(lines)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
