"""The application: its routes, what they share, and how it starts and ends."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp

from nordocr import __version__
from nordocr.batch.tasks import WorkerSettings, for_workers
from nordocr.config import ReadingConfig
from nordocr.recognize.engine import cores
from nordocr.serve import compatible, health, job_routes, ocr, page_routes
from nordocr.serve.config import ServiceConfig
from nordocr.serve.gate import Gate, busy_answer
from nordocr.serve.jobs import JobStore
from nordocr.serve.metrics import Metrics
from nordocr.serve.problems import install
from nordocr.serve.readers import Busy, Readers
from nordocr.serve.runner import JobRunner
from nordocr.serve.state import Service

_DESCRIPTION: Final = """Reads scanned documents. Boxes are in pixels of the page as it was read;
`docs/result.schema.json` of nordocr describes a result's JSON. If the service has API keys, send one as
`Authorization: Bearer KEY` or `X-API-Key: KEY`."""


def create_app(
    config: ServiceConfig, reading: ReadingConfig | None = None, settings: WorkerSettings | None = None
) -> FastAPI:
    """Return the service as an ASGI application; its workers start and end with it.

    Args:
        config: The settings of the service.
        reading: The settings of reading; the service's limits apply over theirs.
        settings: What every worker is told, instead of what follows from the two.
    """
    metrics = Metrics()
    workers = config.workers or cores()
    if settings is None:
        settings = WorkerSettings(_limited(for_workers(reading or ReadingConfig(), workers), config), config.at_once)
    settings = WorkerSettings(
        settings.config,
        config.at_once,
        config.batch_wait,
        None,
        settings.open_recognizer,
        settings.open_reader,
    )
    readers = Readers(settings, workers, config.worker_memory, config.max_waiting, metrics)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        shutil.rmtree(config.state / "requests", ignore_errors=True)
        store = JobStore(config.state)
        readers.start()
        runner = JobRunner(store, readers, config, metrics)
        app.state.service = Service(config, metrics, readers, store, runner)
        try:
            yield
        finally:
            await runner.close()
            await asyncio.to_thread(readers.close)
            store.close()

    app = FastAPI(
        title="nordocr",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if config.docs else None,
        lifespan=running,
    )
    routers = (ocr.router, job_routes.router, compatible.router, health.router, page_routes.router)
    install(app, [route for router in routers for route in router.routes])

    async def busy(_: Request, error: Exception) -> Response:
        assert isinstance(error, Busy)
        metrics.refused.inc()
        answer: Response = busy_answer(error)
        return answer

    app.add_exception_handler(Busy, busy)
    for router in routers:
        app.include_router(router)
    rooms: dict[str, Callable[[], None]] = {
        "/v1/ocr": readers.check_room,
        "/ocr": readers.check_room,
        "/v1/jobs": lambda: job_routes.room_for_jobs(app.state.service),
    }

    def gate(inner: ASGIApp) -> Gate:
        return Gate(inner, config, metrics, rooms)

    app.add_middleware(gate)
    return app


def _limited(reading: ReadingConfig, config: ServiceConfig) -> ReadingConfig:
    limits = reading.limits.model_copy(
        update={
            "max_bytes": min(reading.limits.max_bytes, config.max_bytes),
            "max_pixels": min(reading.limits.max_pixels, config.max_pixels),
            "max_pages": min(reading.limits.max_pages, max(config.max_pages, config.max_job_pages)),
        }
    )
    return ReadingConfig.model_construct(reading.model_fields_set, **{**dict(reading), "limits": limits})
