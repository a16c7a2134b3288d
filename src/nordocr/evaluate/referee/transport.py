"""One HTTP question with a total time: a server that sends a byte now and then does not outlast it.

``urllib`` knows only the time between two bytes. Here a timer shuts the connection down, whatever is under way: the
handshake, the headers or the answer. Redirects are not followed, because they would carry a key to another host.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any


class Exchange:
    """One question and its answer, of which all must come within some seconds.

    Args:
        seconds: The time for everything.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.late = seconds, False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        """Shut ``connection`` down when the time is over."""
        with self._lock:
            self._sockets.append(connection)
            if self.late:
                _shut(connection)

    def end(self) -> None:
        """Shut everything down; what is being read ends."""
        with self._lock:
            self.late = True
            for connection in self._sockets:
                _shut(connection)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[Exchange]:
    """Give an exchange that ends after ``seconds``; whatever fails then is a :class:`TimeoutError`."""
    exchange = Exchange(seconds)
    timer = threading.Timer(seconds, exchange.end)
    timer.daemon = True
    timer.start()
    try:
        yield exchange
    except (OSError, http.client.HTTPException, ValueError) as error:
        if exchange.late:
            raise TimeoutError(f"no whole answer within {seconds:g} s") from error
        raise
    finally:
        timer.cancel()


def post(exchange: Exchange, address: str, body: bytes, headers: Mapping[str, str], most_bytes: int) -> bytes:
    """Send ``body`` and return the first ``most_bytes`` of the answer.

    Raises:
        urllib.error.HTTPError: The server refuses; its body is still to be read.
        OSError: There is no answer, or no whole one.
        http.client.HTTPException: The answer is not HTTP's.
    """
    opener = urllib.request.build_opener(_NoRedirect(), _Http(exchange), _Https(exchange))
    request = urllib.request.Request(address, data=body, headers=dict(headers), method="POST")
    with opener.open(request, timeout=exchange.seconds) as response:
        content: bytes = response.read(most_bytes)
    if exchange.late:
        raise TimeoutError
    return content


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Watched(http.client.HTTPConnection):
    """A connection that tells its exchange of its socket before and after it is encrypted."""

    exchange: Exchange

    def connect(self) -> None:
        create = socket.create_connection

        def created(*arguments: Any, **options: Any) -> socket.socket:
            connection = create(*arguments, **options)
            self.exchange.opened(connection)
            return connection

        self._create_connection = created
        super().connect()
        self.exchange.opened(self.sock)


class _WatchedTls(_Watched, http.client.HTTPSConnection):
    pass


class _Http(urllib.request.HTTPHandler):
    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self._exchange = exchange

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_of(_Watched, self._exchange), request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self._exchange = exchange

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_of(_WatchedTls, self._exchange), request)


def _of(kind: type[_Watched], exchange: Exchange) -> Any:
    def make(*arguments: Any, **options: Any) -> _Watched:
        connection = kind(*arguments, **options)
        connection.exchange = exchange
        return connection

    return make


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
