"""A vision-language model on loopback for ``first_day.py``: OpenAI's protocol, answered by the bundled recogniser."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path

from PIL import Image

from nordocr.config import ReadingConfig
from nordocr.data.crops import decode_crop
from nordocr.recognize.registry import open_recognizer


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Serve inside the ``with`` block; the service's address."""
    reader, lock = open_recognizer("nano", ReadingConfig(threads=1)), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            image = body["messages"][0]["content"][1]["image_url"]["url"].split(",", 1)[1]
            with lock:
                text = reader.read([decode_crop(base64.b64decode(image), "a crop")])[0].text
            answer = json.dumps({"choices": [{"finish_reason": "stop", "message": {"content": text}}]}).encode("utf-8")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()


def page_of_the_demo(path: Path) -> Path:
    """Write the second page of the document that comes with nordocr as a TIFF of its own."""
    with resources.as_file(resources.files("nordocr.demo") / "nordic-report.tif") as demo, Image.open(demo) as image:
        image.seek(1)
        image.convert("1").save(path, compression="group4", dpi=(300, 300))
    return path
