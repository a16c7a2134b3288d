"""``nordocr batch``: read many documents; what is done stays done."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.batch_signals import two_signals
from nordocr.cli.console import configure_logging, report
from nordocr.cli.formats import Formats, Language, format_names
from nordocr.cli.options import LogLevel, OutputFolder, PageOptions, reading_options
from nordocr.errors import UsageError

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, globs, addresses (s3://, https:// ...), manifests (*.txt: one input a line; - reads one "
        "from standard input).",
    ),
]
Workers = Annotated[int, typer.Option("--workers", "-w", min=0, help="Worker processes; 0 is one a core.")]
AtOnce = Annotated[int, typer.Option(min=1, help="Documents that a worker has in hand at the same time.")]
WorkerMemory = Annotated[
    str, typer.Option(help="Replace a worker, between documents, before it holds more: 2G, 800M, none.")
]
TimeLimit = Annotated[float, typer.Option(min=0, help="Seconds a document may take; 0 for no limit.")]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Read again what failed or was set aside in earlier runs.")
]
JournalFile = Annotated[
    Path | None, typer.Option(help="The journal's file (default: journal.sqlite in the output folder).")
]
Fields = Annotated[bool, typer.Option("--fields", help="Find dates, amounts and numbers with check digits in JSON.")]
RayAddress = Annotated[
    str | None, typer.Option(help="With --engine ray: the cluster's address (default: one on this machine).")
]


@reading_options
def batch(
    inputs: Inputs,
    output: OutputFolder,
    reading: PageOptions,
    output_format: Formats = "json",
    language: Language = None,
    workers: Workers = 0,
    at_once: AtOnce = 2,
    worker_memory: WorkerMemory = "2G",
    time_limit: TimeLimit = 600.0,
    retries: Annotated[int, typer.Option(min=0, help="Tries after the first for failures that may pass.")] = 2,
    retry_failed: RetryFailed = False,
    shard: Annotated[str, typer.Option(help="Read the third of sixteen parts: 3/16.")] = "1/1",
    fields: Fields = False,
    journal: JournalFile = None,
    address: RayAddress = None,
    actor_cpus: Annotated[float, typer.Option(min=0, help="With --engine ray: cores of each worker.")] = 1.0,
    actor_gpus: Annotated[float, typer.Option(min=0, help="With --engine ray: GPUs of each worker, or a part.")] = 0.0,
    log_level: LogLevel = "warning",
) -> None:
    """Read many documents with several processes, and keep a journal of them.

    Called again, it goes on where it stopped. SIGTERM and Ctrl-C finish the documents in hand and exit with 0; a second
    one stops at once.

    --engine ray shares the documents out on a Ray cluster; the workers then run the usual engine for the model.
    """
    from nordocr.batch.cluster import ClusterBatch, ClusterOptions
    from nordocr.batch.journal import Journal
    from nordocr.batch.options import BatchOptions, failure_of
    from nordocr.batch.report import shown, summary
    from nordocr.batch.run import Batch
    from nordocr.batch.tasks import Outcome, WorkerSettings, error_of, for_workers
    from nordocr.recognize.engine import cores

    configure_logging(log_level)
    options = BatchOptions(
        output=output,
        formats=format_names(output_format, to_stdout=False),
        language=language,
        workers=workers or cores(),
        memory=size_of(worker_memory, "--worker-memory"),
        limit=time_limit or None,
        retries=retries,
        shard=shard_of(shard),
        retry_failed=retry_failed,
        fields=fields,
        journal=journal,
    )
    on_ray = reading.engine == "ray"
    if not on_ray and (address is not None or actor_gpus):
        raise UsageError("--address and --actor-gpus need --engine ray.")
    if on_ray:
        reading = replace(reading, engine=None, threads=reading.threads or max(1, round(actor_cpus)))
    config = for_workers(reading.settings(), options.workers)

    def fail(_: str, outcome: Outcome) -> None:
        report(error_of(outcome.error_class, outcome.error))

    with shown() as show:
        settings = WorkerSettings(config, at_once)
        run: Batch | ClusterBatch
        if on_ray:
            run = ClusterBatch(inputs, settings, options, ClusterOptions(address, actor_cpus, actor_gpus), show, fail)
        else:
            run = Batch(inputs, settings, options, show, fail)
        with two_signals(run.drain, run.stop) as stopped:
            progress = run.run()
    for failure in progress.listed.failures:
        report(failure)
    with Journal(options.journal_file, read_only=True) as done:
        print(summary(progress, done))
    if stopped:  # drained: nothing went wrong; stopped at once: as the signal says
        raise typer.Exit(0 if len(stopped) == 1 else 128 + stopped[-1])
    failed = failure_of(progress)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def size_of(text: str, option: str) -> int | None:
    """Return the bytes that ``2G``, ``800M`` or ``none`` stands for.

    Raises:
        UsageError: It stands for none.
    """
    if text.lower() in {"none", "0"}:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", text.strip(), re.IGNORECASE)
    if found is None:
        raise UsageError(f"{option} {text} is no size such as 2G or 800M.")
    return int(float(found[1]) * 1024.0 ** " KMGT".index(found[2].upper() or " "))


def shard_of(text: str) -> tuple[int, int]:
    """Return the two numbers of ``3/16``.

    Raises:
        UsageError: They are not two numbers, or the first is none of 1 to the second.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard {text} is no part of a whole such as 3/16.")
    return int(found[1]), int(found[2])
