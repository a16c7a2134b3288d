"""A small OpenAI-compatible service on loopback that behaves as badly as real ones do, the same way for one seed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Behaviour:
    """What the service does with the n-th question about a crop: a fault, or the crop's own answer."""

    def __init__(self, truth: Mapping[str, str], key: str = "", seed: int = 0, faults: float = 0.0, delay: float = 0.0):
        self.truth, self.key, self.seed, self.faults, self.delay = truth, key, seed, faults, delay
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.script: list[tuple[int, dict[str, str], str]] = []  # answers to give first: status, headers, body
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    def fault(self, crop: str, number: int) -> str:
        dice = random.Random(f"{self.seed} {crop} {number}")
        # The fourth question always gets its answer: the client's patience is not what is tested here.
        return dice.choice(["429", "500", "drop", "garbage"]) if number < 4 and dice.random() < self.faults else ""

    def answer(self, crop: str) -> str:
        """The same words for the same crop, however often it is asked about."""
        dice = random.Random(f"{self.seed} {crop}")
        text, roll = self.truth[crop], dice.random()
        if roll < 0.04:
            return ""
        if roll < 0.08:
            return "I'm sorry, but I can't read the text in this image."
        if roll < 0.2:
            return f"Here is the transcribed text:\n\n{text}"
        if roll < 0.25:
            return f"```\n{text}\n```"
        if roll < 0.4 and " " in text:
            return text.replace(" ", "", 1)
        return text


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The address of a running service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with behaviour.lock:
                behaviour.bodies.append(body)
                scripted = behaviour.script.pop(0) if behaviour.script else None
            if scripted is not None:
                self._send(scripted[0], scripted[2], scripted[1])
                return
            if behaviour.key and self.headers.get("Authorization") != f"Bearer {behaviour.key}":
                self._send(401, '{"error": "wrong key"}')
                return
            image = body["messages"][0]["content"][1]["image_url"]["url"].split(",", 1)[1]
            crop = hashlib.sha256(base64.b64decode(image)).hexdigest()
            with behaviour.lock:
                behaviour.asked[crop] += 1
                number = behaviour.asked[crop]
            time.sleep(behaviour.delay)
            fault = behaviour.fault(crop, number)
            if fault == "drop":
                self.close_connection = True
                self.connection.close()
            elif fault == "garbage":
                self._send(200, "<html>gateway</html>")
            elif fault:
                # A service that names the key in its error message: it must not travel on.
                self._send(int(fault), f"slow down, {self.headers.get('Authorization')}", {"Retry-After": "0.01"})
            else:
                with behaviour.lock:
                    behaviour.answered[crop] += 1
                self._send(200, reply(behaviour.answer(crop)))

        def _send(self, status: int, body: str, headers: Mapping[str, str] | None = None) -> None:
            data = body.encode("utf-8")
            with contextlib.suppress(OSError):  # the client may have been killed
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(text: str, ended: str = "stop") -> str:
    """A chat completion."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": ended}]})
