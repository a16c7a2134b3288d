"""``nordocr serve``: read documents over HTTP."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import configure_logging
from nordocr.cli.options import LogLevel, PageOptions, reading_options
from nordocr.errors import EngineUnavailable, OutputUnwritable


@reading_options
def serve(
    reading: PageOptions,
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default: 8000).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", "-w", help="Worker processes; 0 is one a core.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder for jobs and uploads (default: nordocr-state).")] = None,
    service_config: Annotated[
        Path | None, typer.Option(help="YAML file with limits, API keys and all else; see docs/serve.md.")
    ] = None,
    new_key: Annotated[
        str | None, typer.Option(metavar="NAME", help="Make an API key, print it and its line of the file, and exit.")
    ] = None,
    log_level: LogLevel = "info",
) -> None:
    """Answer requests for reading, until SIGTERM or Ctrl-C; what is being read is then finished."""
    configure_logging(log_level)
    try:
        import uvicorn

        from nordocr.serve.app import create_app
        from nordocr.serve.config import load_service_config
        from nordocr.serve.keys import new_key as made_key
    except ModuleNotFoundError as error:
        raise EngineUnavailable(f'nordocr serve needs {error.name}: pip install "nordocr[serve]".') from error
    if new_key is not None:
        key, digest = made_key()
        print(f"{key}\n\nkeys:\n  {new_key}: {digest}")
        return
    given = {"host": host, "port": port, "workers": workers, "state": state}
    config = load_service_config(service_config, given)
    app = create_app(config, reading.settings())
    options = uvicorn.Config(
        app,
        config.host,
        config.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )
    server = uvicorn.Server(options)
    # uvicorn raises the signal again when all is done; by then it has been obeyed.
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: None)
    server.run()
    if not server.started:
        raise OutputUnwritable(f"{config.host}:{config.port} cannot be listened on.")
