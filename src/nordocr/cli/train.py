"""``nordocr train``: train a recogniser by a recipe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nordocr.train.initial import Init
    from nordocr.train.recipe import Recipe

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")

Show = Callable[[dict[str, Any]], None]


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(help="A bundled recipe's name or a YAML file; with --resume the run's own if left out."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The run's folder [runs/RECIPE].")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value laid over the recipe.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on from this run's newest checkpoint.")] = None,
    init: Annotated[
        Path | None, typer.Option(help="Start from these weights: .safetensors, or OpenOCR's .pth.")
    ] = None,
    init_dict: Annotated[Path | None, typer.Option(help="The dictionary that a .pth was trained with.")] = None,
    init_space: Annotated[bool, typer.Option(help="The .pth was trained with use_space_char.")] = False,
    init_change: Annotated[
        list[str] | None,
        typer.Option(help="What may differ from the weights: model, max_width, interpolation, framing or charset."),
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(help="End this sitting after so long (9m, 1h30m), to be resumed.")
    ] = None,
    budget: Annotated[str | None, typer.Option(help="Time of the whole training over all sittings (25m).")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or cuda:N, instead of the recipe's.")] = None,
    threads: Annotated[int, typer.Option(min=0, help="Threads of PyTorch [the recipe's]")] = 0,
) -> None:
    """Train a recogniser; the best weights are written to OUTPUT/best.safetensors.

    SIGTERM, Ctrl-C and --max-time end it after the step in hand, with a checkpoint that --resume goes on from.
    """
    deadline = time.monotonic() + seconds(max_time) if max_time else None
    import torch

    from nordocr.locks import alone_in
    from nordocr.train.checkpoint import refuse_used
    from nordocr.train.device import choose_device, threads_for
    from nordocr.train.distributed import Ranks
    from nordocr.train.initial import initial_model
    from nordocr.train.loop import train as run_training
    from nordocr.train.recipe_files import write_recipe
    from nordocr.train.source import open_data, validation_source
    from nordocr.train.stopping import Stop
    from nordocr.train.validation import validation_sets

    start = _start(init, init_dict, init_space, init_change)
    plan = _plan(recipe, list(set_ or []), resume, start, budget, device)
    run = _folder(output, resume, plan.name)
    ranks = Ranks.from_environment()
    plan, first = plan.for_processes(ranks.world), ranks.first
    threads = threads or threads_for(plan, choose_device(plan.device), ranks.local_world)
    if threads:
        torch.set_num_threads(threads)
    with ExitStack() as stack:
        stop, show = stack.enter_context(Stop(deadline).on_signals()), stack.enter_context(display(first))
        data = open_data(plan)
        plan = plan.for_epochs(data.epoch_lines)
        notes = list(data.notes)
        initial = None
        if start is not None:
            initial, kept = initial_model(plan, start)
            notes += kept
        sets = []
        if first:
            for note in notes:
                show({"note": note})
            stack.enter_context(alone_in(run))
            refuse_used(run, resume is not None)
            write_recipe(plan, run / "recipe.yaml")
            synth = validation_source(plan) if plan.validation.synth_lines else None
            sets = validation_sets(plan, synth, data.held_out, run)
        report = _reports(run, resume is not None, show) if first else show
        best = run_training(plan, data, sets, run, resume=resume is not None, initial=initial, stop=stop, report=report)
    if first:
        typer.echo(str(best))
    Ranks.from_environment().leave()


def seconds(text: str) -> float:
    """A duration such as ``9m``, ``1h30m``, ``90s`` or ``90`` in seconds; :class:`UsageError`."""
    from nordocr.errors import UsageError

    match = _DURATION.fullmatch(text.strip())
    hours, minutes, rest = (float(part or 0) for part in match.groups()) if match else (0.0, 0.0, 0.0)
    total = 3600 * hours + 60 * minutes + rest
    if total <= 0:
        raise UsageError(f"{text!r} is no duration; write 90s, 25m or 1h30m.")
    return total


def _plan(
    name: str | None,
    settings: list[str],
    resume: Path | None,
    start: Init | None,
    budget: str | None,
    device: str | None,
) -> Recipe:
    """The recipe as this run is told it, completed by the weights that it starts from."""
    from nordocr.errors import UsageError
    from nordocr.train.checkpoint import recipe_of
    from nordocr.train.initial import recipe_for
    from nordocr.train.recipe_files import load_recipe

    if resume is not None and start is not None:
        raise UsageError("A run goes on with --resume or starts from --init, not both.")
    if budget:
        settings = [*settings, f"optimiser.budget_s={seconds(budget)}"]
    if device:
        settings = [*settings, f"device={device}"]
    if name is not None:
        plan = load_recipe(name, settings)
        return plan if start is None else recipe_for(plan, start)
    if resume is None:
        raise UsageError("Name a recipe, or a run with --resume.")
    return load_recipe(recipe_of(resume), settings)


def _start(init: Path | None, dictionary: Path | None, space: bool, changes: list[str] | None) -> Init | None:
    """Where the training starts; :class:`UsageError` for options that would not be obeyed."""
    from nordocr.errors import UsageError
    from nordocr.model.openocr import PICKLED
    from nordocr.train.initial import Init

    given = {"--init-dict": dictionary, "--init-space": space, "--init-change": changes}
    for option, value in given.items():
        if value and init is None:
            raise UsageError(f"{option} goes with --init.")
        if value and option != "--init-change" and init is not None and init.suffix.lower() not in PICKLED:
            raise UsageError(f"{option} is for a .pth: {init} holds its own charset.")
    return Init(init, dictionary, space, changes or ()) if init is not None else None


def _folder(output: Path | None, resume: Path | None, name: str) -> Path:
    from nordocr.errors import UsageError

    if output is not None and resume is not None and output.resolve() != resume.resolve():
        raise UsageError(f"A resumed run writes into its own folder {resume}, not into {output}.")
    return resume or output or Path("runs") / name


def _reports(run: Path, resumed: bool, show: Show) -> Show:
    """One report that writes metrics.jsonl, feeds TensorBoard and shows the line."""
    from nordocr.train.checkpoint import newest_checkpoint
    from nordocr.train.events import metrics_file, tensorboard

    after = int(newest_checkpoint(run).name.removeprefix("step-")) if resumed else None
    writers = [metrics_file(run, after=after), tensorboard(run, after=after), show]

    def report(event: dict[str, Any]) -> None:
        for write in writers:
            if write is not None:
                write(event)

    return report


@contextmanager
def display(first: bool) -> Iterator[Show]:
    """A live line on a terminal, plain lines in a pipe, both on stderr; nothing from other processes than the first."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not first:
        yield lambda event: None
    elif not console.is_terminal:
        yield lambda event: typer.echo(line_of(event), err=True)
    else:
        columns = (BarColumn(20), TextColumn("{task.percentage:5.1f} %  {task.description}"))
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("starting", total=1.0)

            def show(event: dict[str, Any]) -> None:
                if "progress" in event and "model" in event:
                    return  # companions run at the pace of the recipe's own model
                if "progress" in event:
                    bar.update(task, completed=event["progress"], description=line_of(event))
                else:
                    bar.console.print(line_of(event), markup=False, highlight=False, soft_wrap=True)

            yield show


def line_of(event: dict[str, Any]) -> str:
    """One event of training as one line for people; a companion's begins with its name."""
    if "model" in event:
        rest = {name: value for name, value in event.items() if name != "model"}
        return f"{event['model']}: {line_of(rest)}"
    if "note" in event:
        return str(event["note"])
    if "preflight" in event:
        found = event["preflight"]
        return f"pre-flight: one batch from {found['before']:.2f} to {found['after']:.2f} a character"
    if "validation" in event:
        scores = "  ".join(f"{s['name']} {100 * s['exact']:.1f}/{100 * s['cer']:.2f}" for s in event["validation"])
        return f"step {event['step']:>7}  validation, exact % / CER %:  {scores}"
    left_out = "".join(
        f"  {event[name]} {name.replace('_', ' ')}" for name in ("too_long", "unreadable") if name in event
    )
    return (
        f"step {event['step']:>7}  {100 * event['progress']:5.1f} %  {_epoch(event)}"
        f"loss {event['loss']:7.3f}  lr {event['lr']:.2e}  "
        f"{event['lines_per_s']:6.1f} lines/s  waiting {100 * event['waiting']:2.0f} %  "
        f"{_clock(event['eta_s'])} left{left_out}"
    )


def _epoch(event: dict[str, Any]) -> str:
    """The epoch, of how many, and the time left in it; nothing where there are no epochs."""
    if "epoch" not in event:
        return ""
    of = f" of {event['epochs']:.4g}" if "epochs" in event else ""
    return f"epoch {event['epoch']:.2f}{of}, {_clock(event['epoch_eta_s'])} left in it  "


def _clock(span: float) -> str:
    minutes, rest = divmod(round(span), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
