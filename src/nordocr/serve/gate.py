"""What every request passes before it reaches its route: key, room, size and time of the upload, headers, counting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nordocr.serve.config import ServiceConfig
from nordocr.serve.keys import owner_of
from nordocr.serve.metrics import Metrics
from nordocr.serve.problems import problem
from nordocr.serve.readers import Busy

_log = logging.getLogger(__name__)

_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# What a multipart form adds to its file.
_FORM_BYTES: Final = 64 * 1024
# Seconds after which an upload must have brought something.
_GRACE: Final = 5.0
# A refused body of up to so many bytes is read and thrown away: a client that still sends would not see the answer.
_THROWN_AWAY: Final = 2 * 1024 * 1024
_THROW_SECONDS: Final = 2.0


class Gate:
    """The ASGI middleware around the application.

    Args:
        app: The application.
        config: The settings.
        metrics: Where requests are counted.
        rooms: For each path that takes documents a function that raises :class:`Busy` where there is no room.
    """

    def __init__(
        self, app: ASGIApp, config: ServiceConfig, metrics: Metrics, rooms: Mapping[str, Callable[[], None]]
    ) -> None:
        self._app, self._config, self._metrics, self._rooms = app, config, metrics, rooms
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope["path"], MutableHeaders(scope=message))
            await send(message)

        try:
            await self._pass(scope, receive, answer)
        except Exception:
            _log.exception("a request to %s failed", _route(scope))  # the trace, and nothing of what was sent
            if not status:
                await problem(500, "The service has a defect.", "Defect")(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.requests.labels(_route(scope), str(status)).inc()
            self._metrics.latency.labels(_route(scope)).observe(seconds)
            _log.info("%s %s %d %.3f s", scope["method"], _route(scope), status, seconds)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if path in self._rooms or path.startswith("/v1/"):
            owner = owner_of(self._config.keys, headers.get("authorization"), headers.get("x-api-key"))
            if owner is None:
                await _throw_away(headers, receive)
                await problem(401, "The API key is missing or wrong.", headers={"WWW-Authenticate": "Bearer"})(
                    scope, receive, send
                )
                return
            scope["owner"] = owner
        if scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            if self._uploads >= self._config.max_uploads:
                raise Busy(1)
            self._rooms.get(path, lambda: None)()
        except Busy as busy:
            self._metrics.refused.inc()
            await _throw_away(headers, receive)
            await busy_answer(busy)(scope, receive, send)
            return
        body = _Body(receive, self._config)
        if _length(headers) > body.most:
            await problem(413, f"An upload may have {self._config.max_bytes} bytes.")(scope, receive, send)
            return
        self._uploads += 1
        try:
            body.on_end = self._upload_ended
            await self._app(scope, body.receive, send)
        finally:
            body.end()

    def _upload_ended(self) -> None:
        self._uploads -= 1


class _Body:
    """The rest of a request, held to the limits on bytes and time while it is uploaded."""

    def __init__(self, receive: Receive, config: ServiceConfig) -> None:
        self.most = config.max_bytes + _FORM_BYTES
        self.on_end: Callable[[], None] | None = None
        self._receive, self._config = receive, config
        self._started = time.monotonic()
        self._held = 0
        self._complete = False

    async def receive(self) -> Message:
        """Return the next part. Raises HTTPException where a limit is exceeded."""
        if self._complete:
            return await self._receive()
        try:
            # One that trickles keeps a place that others need, long before its time is up.
            allowed = min(self._config.upload_seconds, _GRACE + self._held / self._config.upload_rate)
            message = await asyncio.wait_for(self._receive(), max(0.0, self._started + allowed - time.monotonic()))
        except TimeoutError as error:
            seconds, rate = self._config.upload_seconds, self._config.upload_rate
            raise HTTPException(408, f"An upload may take {seconds:g} s and must bring {rate} bytes/s.") from error
        self._held += len(message.get("body", b""))
        if self._held > self.most:
            raise HTTPException(413, f"An upload may have {self._config.max_bytes} bytes.")
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.end()
        return message

    def end(self) -> None:
        """Say that nothing more is uploaded."""
        self._complete = True
        if self.on_end is not None:
            self.on_end()
            self.on_end = None


def busy_answer(busy: Busy) -> Any:
    """Return the answer 429 with ``Retry-After``."""
    return problem(429, "Too much waits already.", headers={"Retry-After": str(busy.seconds)})


def _add_headers(path: str, headers: MutableHeaders) -> None:
    page = path == "/" or path.startswith("/page/")
    headers["Content-Security-Policy"] = _PAGE_POLICY if page else _API_POLICY
    if not page:
        headers.setdefault("Cache-Control", "no-store")
    for name, value in _HEADERS.items():
        headers[name] = value


def _route(scope: Scope) -> str:
    """The route's pattern; paths themselves are the clients' and would fill the metrics."""
    return str(getattr(scope.get("route"), "path", "none"))


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isdigit() else 0


async def _throw_away(headers: Headers, receive: Receive) -> None:
    if _length(headers) > _THROWN_AWAY:
        return
    held = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_THROW_SECONDS):
            while held <= _THROWN_AWAY:
                message = await receive()
                held += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
