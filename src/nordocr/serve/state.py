"""What the routes of one service share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import HTTPException, Request

from nordocr.serve.config import ServiceConfig
from nordocr.serve.jobs import Job, JobStore
from nordocr.serve.metrics import Metrics
from nordocr.serve.readers import Readers
from nordocr.serve.runner import JobRunner


@dataclass
class Service:
    """A running service."""

    config: ServiceConfig
    metrics: Metrics
    readers: Readers
    store: JobStore
    runner: JobRunner

    @property
    def requests(self) -> Path:
        """The folder for uploads that are read at once."""
        return self.config.state / "requests"


def service_of(request: Request) -> Service:
    """Return the service that a request belongs to."""
    service: Service = request.app.state.service
    return service


def job_of(request: Request, job: str) -> Job:
    """Return a job of the request's key. Raises HTTPException (404) where there is none."""
    found = service_of(request).store.get(job)
    if found is None or found.owner != request.scope.get("owner", ""):
        raise HTTPException(404, "There is no such job.")
    return found
