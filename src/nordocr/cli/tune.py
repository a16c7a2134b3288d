"""``nordocr tune``: corrected lines to a better model, which is installed under a name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def tune(
    lines: Annotated[list[Path], typer.Argument(metavar="LINES...", help="Labels folders or LMDBs of your lines.")],
    also: Annotated[
        list[Path] | None, typer.Option(help="Further lines to train on, as autolabel makes them; not judged by.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Model to start from: a name, an exported .onnx, or .safetensors.")
    ] = "nano",
    name: Annotated[str | None, typer.Option(help="Install the tuned model under this name if it is better.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Install without asking.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an installed model of that name.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The tuning's folder [runs/tune-NAME].")] = None,
    held_share: Annotated[
        float, typer.Option(min=0.05, max=0.5, help="Share of the lines whose documents are held out.")
    ] = 0.2,
    guard_lines: Annotated[
        int, typer.Option(min=50, help="Synthetic lines of each kind that must not be read worse.")
    ] = 200,
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value laid over the recipe 'tune'.")] = None,
    max_time: Annotated[str | None, typer.Option(help="End training after so long; judge what there is.")] = None,
    threads: Annotated[int, typer.Option(min=0, help="Threads; 0 is all cores.")] = 0,
) -> None:
    """Train a model on corrected lines, prove it on held-out documents, and install it if it is better.

    Exit code 0: the tuned model is better; 20: it is not, nothing is installed, and OUTPUT/report.txt says why.
    """
    import time

    from nordocr.cli.console import lab, quiet_libraries
    from nordocr.cli.train import display, seconds
    from nordocr.errors import UsageError

    deadline = time.monotonic() + seconds(max_time) if max_time else None
    if yes and name is None:
        raise UsageError("--yes goes with --name: without a name nothing is installed.")
    with lab():
        from nordocr.evaluate.compare.gate import REFUSED
        from nordocr.train.stopping import Stop
        from nordocr.tune.install import install, require_name
        from nordocr.tune.plan import TunePlan
        from nordocr.tune.run import tune as run
    if name is not None:
        require_name(name, replace=replace)
    plan = TunePlan(
        tuple(lines),
        also=tuple(also or ()),
        model=model,
        held_share=held_share,
        guard_lines=guard_lines,
        settings=tuple(set_ or ()),
        threads=threads,
    )
    folder = output or Path("runs") / (f"tune-{name}" if name else "tune")
    with quiet_libraries(), Stop(deadline).on_signals() as stop, display(True) as show:
        found = run(plan, folder, _shown(show), stop)
    typer.echo(found.verdict.words(), nl=False)
    if not found.verdict.better:
        raise typer.Exit(REFUSED)
    if name is None or not (yes or _agreed(name)):
        typer.echo(f"Nothing is installed; the model is {found.model}")
        return
    typer.echo(f"Installed as {name}: {install(name, found.model, found.weights, found.verdict)}")


def _agreed(name: str) -> bool:
    """Ask at a terminal; elsewhere nobody agrees."""
    return sys.stdin is not None and sys.stdin.isatty() and typer.confirm(f"Install it as {name!r}?")


def _shown(show: Any) -> Any:
    """Show events of a tuning, of which training's own lines come often: validations and notes are enough."""

    def tell(event: dict[str, Any]) -> None:
        if "note" in event or "validation" in event or sys.stderr.isatty():
            show(event)

    return tell
