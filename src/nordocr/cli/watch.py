"""``nordocr watch``: read what a scanner puts into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.batch import size_of
from nordocr.cli.batch_signals import two_signals
from nordocr.cli.console import configure_logging, report
from nordocr.cli.formats import Formats, Language, format_names
from nordocr.cli.options import LogLevel, PageOptions, reading_options


@reading_options
def watch(
    inbox: Annotated[Path, typer.Argument(metavar="IN", help="The folder that scanners write to.")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The folder for results and originals.")],
    reading: PageOptions,
    output_format: Formats = "json",
    language: Language = None,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, help="Worker processes.")] = 1,
    worker_memory: Annotated[str, typer.Option(help="Replace a worker before it holds more: 2G, 800M, none.")] = "2G",
    time_limit: Annotated[float, typer.Option(min=0, help="Seconds a document may take; 0 for no limit.")] = 600.0,
    settle: Annotated[float, typer.Option(min=0, help="Seconds that a complete file has not changed for.")] = 2.0,
    poll: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks at the folder.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="End when everything in the folder has been read.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Read each file that appears in a folder, write its results and move the original beside them.

    SIGTERM and Ctrl-C finish the files in hand; a second one stops at once and leaves them in the folder.
    """
    from nordocr.batch.tasks import Outcome, WorkerSettings, error_of, for_workers
    from nordocr.batch.watch import Watch, WatchOptions

    configure_logging(log_level)
    options = WatchOptions(
        formats=format_names(output_format, to_stdout=False),
        language=language,
        workers=workers,
        memory=size_of(worker_memory, "--worker-memory"),
        limit=time_limit or None,
        settle=settle,
        poll=poll,
        once=once,
    )

    def told(path: Path, outcome: Outcome) -> None:
        if outcome.done:
            print(f"{path.name}: {outcome.pages} pages, {outcome.lines} lines", flush=True)
        else:
            report(error_of(outcome.error_class, outcome.error))

    watcher = Watch(inbox, output, WorkerSettings(for_workers(reading.settings(), workers)), options, told)
    with two_signals(watcher.drain, watcher.stop) as stopped:
        watcher.run()
    if len(stopped) > 1:
        raise typer.Exit(128 + stopped[-1])
