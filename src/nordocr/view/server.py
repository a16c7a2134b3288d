"""The local server: who may ask, and how answers are sent. It needs nothing but the standard library."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import secrets
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from nordocr.errors import OutputUnwritable
from nordocr.view.routes import Answer, Request, Routes

_log = logging.getLogger(__name__)

_MOST_BYTES: Final = 4 * 1024 * 1024
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Server(ThreadingHTTPServer):
    """Serves the page to whoever knows the token.

    Args:
        routes: Answers requests.
        host: Address to listen on.
        port: Port to listen on; 0 takes any.
        token: What every address begins with; None makes one.

    Raises:
        OutputUnwritable: The port cannot be listened on.
    """

    daemon_threads = True
    # Another program that listens on the same port must not go unnoticed; a port that was just left may be taken.
    allow_reuse_port = False

    def __init__(self, routes: Routes, host: str = "127.0.0.1", port: int = 0, token: str | None = None) -> None:
        self.routes = routes
        self.token = token or secrets.token_urlsafe(18)
        self.host = host
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise OutputUnwritable(f"{host}:{port} cannot be listened on: {error}.") from error

    @property
    def url(self) -> str:
        """The page's address, token included."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(
            self.host, f"[{self.host}]" if ":" in self.host else self.host
        )
        return f"http://{shown}:{self.server_address[1]}/{self.token}/"

    def is_own(self, host: str) -> bool:
        """Decide whether the header ``Host`` names this machine, and not a name that somebody else made point to it."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.server_address[1]:
            return False
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return name in {"localhost", self.host.lower(), socket.gethostname().lower()}

    def server_bind(self) -> None:
        """Take the address, without asking the network for this machine's name as the base class does."""
        if self.allow_reuse_address and hasattr(socket, "SO_REUSEADDR"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.host, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong with a connection; browsers end them at any time."""
        _log.debug("a connection ended", exc_info=True)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Serve in a thread for the time of the block."""
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60
    # An answer in one piece: two would wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def version_string(self) -> str:
        return "nordocr"

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing here: the address holds the token."""

    def _handle(self) -> None:
        try:
            answer = self._checked()
        except Exception:
            _log.exception("a request failed")
            answer = _refusal(500, "The page's server has a defect.")
        self.send_response(answer.status)
        for name, value in {**_HEADERS, "Cache-Control": "no-store", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _checked(self) -> Answer:
        """Answer the request if it comes from the page, by somebody who knows the token."""
        body = self._body()
        if isinstance(body, Answer):
            self.close_connection = True  # the rest of what was sent is not read
            return body
        if not self.server.is_own(self.headers.get("Host", "")):
            return _refusal(403, "This name is not the server's.")
        address, _, asked = self.path.partition("?")
        token, _, path = address.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode("utf-8")):
            return _refusal(
                404, "There is no such address. The address of the page is the one that nordocr view printed."
            )
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{self.headers.get('Host')}":
            return _refusal(403, "Another page asks.")
        if self.command == "POST" and not self.headers.get("Content-Type", "").startswith("application/json"):
            return _refusal(415, "What is sent must be JSON.")
        query = dict(parse_qsl(asked, keep_blank_values=True))
        tag = self.headers.get("If-None-Match", "")
        return self.server.routes.answer(Request(self.command, unquote(path), query, body, tag))

    def _body(self) -> bytes | Answer:
        if self.headers.get("Transfer-Encoding"):
            return _refusal(411, "The length of what is sent must be said.")
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or not length.isascii():
            return _refusal(400, "The length of what is sent is no number.")
        if int(length) > _MOST_BYTES:
            return _refusal(413, f"At most {_MOST_BYTES} bytes can be sent.")
        return self.rfile.read(int(length))


def _refusal(status: int, sentence: str) -> Answer:
    return Answer(status, sentence.encode("utf-8"), "text/plain; charset=utf-8")
