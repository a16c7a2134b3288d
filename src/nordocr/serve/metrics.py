"""What ``GET /metrics`` tells Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from nordocr.batch.tasks import Finished

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_PAGES: Final = (1, 2, 3, 4, 8, 16)
_LINES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()

        def counter(name: str, said: str, *labels: str) -> Counter:
            return Counter(f"nordocr_{name}", said, labels, registry=own)

        def gauge(name: str, said: str) -> Gauge:
            return Gauge(f"nordocr_{name}", said, registry=own)

        def histogram(name: str, said: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(f"nordocr_{name}", said, labels, buckets=buckets, registry=own)

        self.requests = counter("requests", "Requests by route and status.", "route", "status")
        self.latency = histogram("request_seconds", "Time from a request's head to its answer.", _SECONDS, "route")
        self.stages = histogram(
            "stage_seconds",
            "Time of a document in each stage: queue, decode, detect, recognize, total.",
            _SECONDS,
            "stage",
        )
        self.pages = counter("pages", "Pages read.")
        self.lines = counter("lines", "Lines read.")
        self.batch_lines = histogram("call_lines", "Lines in one call of the recogniser.", _LINES)
        self.batch_pages = histogram("call_pages", "Pages whose lines were in one call of the recogniser.", _PAGES)
        self.errors = counter("errors", "Documents that could not be read, by error class.", "error_class")
        self.waiting = gauge("queue_requests", "Requests that wait for a worker.")
        self.jobs = gauge("queue_jobs", "Jobs that wait or are being read.")
        self.refused = counter("refused", "Requests answered with 429.")
        self.memory = gauge("worker_memory_bytes", "Resident memory of all workers.")

    def count(self, event: Finished) -> None:
        """Count a document that has been read."""
        outcome = event.outcome
        self.pages.inc(outcome.pages)
        self.lines.inc(outcome.lines)
        for stage, seconds in outcome.stages.items():
            self.stages.labels(stage).observe(seconds)
        for reading in event.readings:
            self.batch_lines.observe(reading.lines)
            self.batch_pages.observe(reading.calls)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
