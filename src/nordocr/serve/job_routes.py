"""``/v1/jobs``: documents that take longer than a client wants to wait."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nordocr.serve.jobs import Job
from nordocr.serve.ocr import CONTENT, Document, FormatOption, Language, Pages, answer_of, given
from nordocr.serve.problems import documented
from nordocr.serve.readers import Busy
from nordocr.serve.runner import PAGES
from nordocr.serve.state import Service, job_of, service_of
from nordocr.serve.uploads import checked_selection, lay, safe_name

router = APIRouter()

_POLL: Final = 0.2
# Server-sent events end with one of this name, because a browser would else ask again.
_END: Final = b"event: end\ndata: {}\n\n"


class JobStatus(BaseModel):
    """Where a job stands."""

    id: str = Field(examples=["kq3Zc0b1Yw2N8mTqS5xV7g"])
    state: Literal["waiting", "running", "done", "failed"]
    name: str = Field(examples=["report.tif"])
    format: str = Field(examples=["json"])
    pages: int = Field(description="Pages that have been read.")
    failed_pages: int = Field(description="Pages that could not be read.")
    error: str = Field(description="What went wrong, empty if nothing did.")
    code: str = Field(description="The class of what went wrong, empty if nothing did.")
    created: float = Field(description="When the job was accepted, in seconds since 1970.")
    ended: float | None = Field(description="When it ended, null before.")


@router.post(
    "/v1/jobs",
    status_code=202,
    summary="Hand in a document to be read later",
    responses=documented(400, 401, 408, 413, 422, 429),
)
async def create(
    request: Request,
    response: Response,
    file: Document,
    format: FormatOption = None,
    pages: Pages = None,
    language: Language = None,
) -> JobStatus:
    """Accept a document. Once this answers, the job is read even if the service is killed and started again."""
    service = service_of(request)
    selection = checked_selection(pages)
    key, folder = service.store.new_folder()
    try:
        await run_in_threadpool(lay, file, folder, service.config.max_bytes, durable=True)
        job = await run_in_threadpool(
            lambda: service.store.accept(
                key,
                owner=request.scope.get("owner", ""),
                name=safe_name(file.filename),
                format=format or "json",
                selection=selection,
                language=language,
            )
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    service.runner.wake()
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return _status(job)


@router.get("/v1/jobs/{job}", summary="Ask where a job stands", responses=documented(401, 404, 422))
async def status(request: Request, job: str) -> JobStatus:
    """Return the state of a job and how many of its pages have been read."""
    return _status(job_of(request, job))


@router.get(
    "/v1/jobs/{job}/result",
    summary="Fetch the result of a job",
    response_class=Response,
    responses=given(CONTENT) | documented(401, 404, 409, 422),
)
async def result(request: Request, job: str) -> Response:
    """Return the result in the format that was asked for with the job."""
    found = job_of(request, job)
    if found.state != "done":
        said = found.error or "The job is not done yet."
        raise HTTPException(409, {"error": said, "code": found.error_class or "NotReady"})
    folder = service_of(request).store.folder_of(job) / "results"
    return await run_in_threadpool(answer_of, folder, found.format)


@router.get(
    "/v1/jobs/{job}/pages",
    summary="Follow the pages of a job",
    response_class=StreamingResponse,
    responses=given(
        {"application/x-ndjson": {}, "text/event-stream": {}},
        "A line of JSON, or a server-sent event, for each page; it ends with the job.",
    )
    | documented(401, 404, 422),
)
async def follow(
    request: Request,
    job: str,
    first: Annotated[int, Query(ge=0, le=1_000_000, description="Begin behind so many pages.")] = 0,
) -> StreamingResponse:
    """Return the pages that are read already, then each as soon as it is read.

    Server-sent events are given where `Accept` asks for `text/event-stream`.
    """
    service = service_of(request)
    job_of(request, job)
    events = "text/event-stream" in request.headers.get("accept", "")
    media = "text/event-stream" if events else "application/x-ndjson"
    return StreamingResponse(_pages(service, job, first, events=events), media_type=media)


@router.delete("/v1/jobs/{job}", status_code=204, summary="Delete a job", responses=documented(401, 404, 422))
async def delete(request: Request, job: str) -> Response:
    """Forget a job with its document and its result. One that is being read is read to its end and then forgotten."""
    job_of(request, job)
    await run_in_threadpool(service_of(request).store.delete, job)
    return Response(status_code=204)


def room_for_jobs(service: Service) -> None:
    """Raise :class:`Busy` where as many jobs wait as may."""
    if service.store.unfinished() >= service.config.max_jobs:
        raise Busy(max(5, service.readers.retry_after()))


async def _pages(service: Service, job: str, first: int, *, events: bool) -> AsyncIterator[bytes]:
    path = service.store.folder_of(job) / PAGES
    offset, number = 0, 0
    beat = time.monotonic()
    while True:
        found = await run_in_threadpool(service.store.get, job)
        lines, offset = await run_in_threadpool(_whole_lines, path, offset)
        for line in lines:
            number += 1
            if number > first:
                yield b"id: %d\ndata: %s\n\n" % (number, line.rstrip(b"\n")) if events else line
        if found is None or found.over:
            if events:
                yield _END
            return
        if events and time.monotonic() - beat > 15:
            beat = time.monotonic()
            yield b": still reading\n\n"
        if not lines:
            await asyncio.sleep(_POLL)


def _whole_lines(path: Path, offset: int) -> tuple[list[bytes], int]:
    """Return the whole lines of a growing file behind ``offset``, and where they end."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            held = file.read(4 << 20)
    except OSError:
        return [], offset
    end = held.rfind(b"\n") + 1
    if not end and len(held) == 4 << 20:  # one page of over 4 MB
        with path.open("rb") as file:
            file.seek(offset)
            held = file.readline()
        end = len(held) if held.endswith(b"\n") else 0
    return held[:end].splitlines(keepends=True), offset + end


def _status(job: Job) -> JobStatus:
    return JobStatus(
        id=job.id,
        state=job.state,
        name=job.name,
        format=job.format,
        pages=job.pages,
        failed_pages=job.failed_pages,
        error=job.error,
        code=job.error_class,
        created=job.created,
        ended=job.ended,
    )
