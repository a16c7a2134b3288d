"""What the service says when it refuses: a status and ``{"error", "code"}``, never a path or a trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import BaseRoute, Match

from nordocr.batch.tasks import TIME_LIMIT, WORKER_KILLED, Outcome

_log = logging.getLogger(__name__)

COMPATIBLE: Final = "/ocr"
"""The route whose users expect 400 where the others answer with 413 or 422."""

_STATUSES: Final = {
    "InputUnreadable": 422,
    "InputEncrypted": 422,
    "InputMissing": 422,
    WORKER_KILLED: 422,
    "InputTooLarge": 413,
    TIME_LIMIT: 413,
    "UsageError": 400,
}
_CODES: Final = {
    400: "BadRequest",
    401: "Unauthorized",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    408: "UploadTooSlow",
    409: "NotReady",
    413: "InputTooLarge",
    415: "UnsupportedMediaType",
    422: "InputUnreadable",
    429: "Busy",
    503: "Unavailable",
}


class Problem(BaseModel):
    """Why a request was refused."""

    error: str = Field(examples=["scan.tif is neither an image nor a PDF that can be read."])
    code: str = Field(examples=["InputUnreadable"])


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the refusals of a route."""
    said = {
        400: "Something is wrong with the request.",
        401: "The API key is missing or wrong.",
        404: "There is no such job, or it belongs to another key.",
        406: "No format that is asked for can be given.",
        408: "The upload took too long.",
        409: "The job has no result yet, or has failed.",
        413: "The document goes over a limit on bytes, pixels, pages or time.",
        422: "The document cannot be read, or a parameter is wrong.",
        429: "Too much waits already; the header `Retry-After` says in how many seconds to try again.",
        503: "The service is starting or ending.",
    }
    return {status: {"model": Problem, "description": said[status]} for status in sorted(statuses)}


def problem(status: int, error: str, code: str | None = None, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a refusal as a response."""
    return JSONResponse({"error": error, "code": code or _CODES.get(status, "Error")}, status, headers)


def refusal(outcome: Outcome) -> HTTPException:
    """Return the exception that says what became of a document that could not be read."""
    status = _STATUSES.get(outcome.error_class)
    if status is None:
        _log.error("a document could not be read: %s: %s", outcome.error_class, outcome.error)
        return HTTPException(503, {"error": "The document could not be read now.", "code": "Unavailable"})
    return HTTPException(status, {"error": outcome.error, "code": outcome.error_class})


def _methods(request: Request, routes: Sequence[BaseRoute]) -> set[str]:
    found: set[str] = set()
    for route in routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Let all errors of an application, which has these routes, be answered in the one form."""

    async def told(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, StarletteHTTPException)
        detail: Any = error.detail
        said, code = (detail["error"], detail["code"]) if isinstance(detail, dict) else (str(detail), None)
        status = error.status_code
        if request.url.path == COMPATIBLE and status in {413, 422}:
            status = 400
        headers = dict(error.headers or {})
        if status == 405:  # the router names the methods of the first route of a path only
            headers["Allow"] = ", ".join(sorted(_methods(request, routes)))
        return problem(status, said, code, headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        said = f"{where}: {first['msg']}." if where else f"{first['msg']}."
        return problem(400 if request.url.path == COMPATIBLE else 422, said, "InvalidParameter")

    app.add_exception_handler(StarletteHTTPException, told)
    app.add_exception_handler(RequestValidationError, invalid)
