"""``nordocr view``: correct what was read, in the browser."""

from __future__ import annotations

import contextlib
import getpass
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import configure_logging, progress_bar, quiet_libraries, report
from nordocr.cli.options import LogLevel, PageOptions, reading_options


@reading_options
def view(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="RESULT_OR_SCAN...", help="Results, scans, or folders of them.")
    ],
    reading: PageOptions,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for the results of scans (default: beside each scan)."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the scans, where they are not where the results say or beside them.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name under which corrections are kept (default: the user's).")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    log_level: LogLevel = "warning",
) -> None:
    """Show pages with their text in the browser, to be corrected, until Ctrl-C.

    Corrections are kept beside each result, in NAME.corrected.json; the result itself stays as it is. Scans are read
    first, unless their result is there already.
    """
    configure_logging(log_level)
    from nordocr.view.desk import Desk
    from nordocr.view.intake import results_of
    from nordocr.view.routes import Routes
    from nordocr.view.server import Server, running

    config = reading.settings()
    with quiet_libraries(), progress_bar() as bar:
        tasks = {}

        def show(scan: str, pages: int) -> None:
            if bar is not None:
                if scan not in tasks:
                    tasks[scan] = bar.add_task(f"reading {scan}", total=None)
                bar.update(tasks[scan], completed=pages)

        results = results_of(inputs, config, output, show, report)
    who = name if name is not None else _user()
    with Desk(results, config, images, who) as desk, running(Server(Routes(desk), host, port)) as server:
        typer.echo(f"{server.url}\nCtrl-C ends. Corrections are kept as they are made.")
        if browser:
            webbrowser.open(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(1)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may have a user without a name
        return ""
