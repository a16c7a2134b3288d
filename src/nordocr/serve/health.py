"""Whether the service lives, can read, and how it fares."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from nordocr.serve.problems import Problem, problem
from nordocr.serve.state import service_of

router = APIRouter()


class Health(BaseModel):
    """The service answers."""

    status: Literal["ok"] = "ok"


@router.get("/health", summary="Whether the service answers, as LiteParse's servers say it")
@router.get("/health/live", summary="Whether the process lives")
async def live() -> Health:
    """Answer, which is all that a live process has to do."""
    return Health()


@router.get(
    "/health/ready",
    summary="Whether documents can be read now",
    response_model=Health,
    responses={503: {"model": Problem, "description": "No worker is ready."}},
)
async def ready(request: Request) -> Response | Health:
    """Answer 200 once a worker has opened its model; 503 before, while ending, or where no model can be opened."""
    readers = service_of(request).readers
    if readers.ready:
        return Health()
    return problem(503, "The model cannot be opened." if readers.failed else "No worker is ready yet.")


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return all counters in Prometheus' text format."""
    service = service_of(request)
    service.metrics.waiting.set(service.readers.waiting)
    return Response(service.metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
