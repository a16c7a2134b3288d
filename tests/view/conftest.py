"""A small document: a scan of two pages, its result, and a server for it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from nordocr.config import ReadingConfig
from nordocr.results import BBox, Document, Engine, Line, Page
from nordocr.view.desk import Desk
from nordocr.view.routes import Routes
from nordocr.view.server import Server, running

TEXTS = ("Vinterhamn 1923", "Rorligt arvode", "Summa 45 OOO", "Kontant")
SURE = {(0, 2): 0.4, (1, 1): 0.55}
"""Lines with a character of so little confidence, the seventh one."""


def document() -> Document:
    pages = []
    for index in range(2):
        lines = []
        for number, text in enumerate(TEXTS):
            sure = [0.99] * len(text)
            sure[6] = SURE.get((index, number), 0.99)
            box = BBox(x=40, y=52 + 80 * number, width=20 * len(text), height=34)
            lines.append(Line(text=text, confidence=0.98, bbox=box, char_confidences=sure))
        pages.append(Page(page_index=index, width=600, height=400, lines=lines))
    engine = Engine(name="onnx", recognizer="nano", detector="morphology", nordocr="0")
    return Document(source="scan.tif", pages=pages, engine=engine)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    scans = []
    for _ in range(2):
        image = np.full((400, 600), 255, dtype=np.uint8)
        for number, text in enumerate(TEXTS):
            cv2.putText(image, text, (40, 82 + 80 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 3)
        scans.append(Image.fromarray(np.where(image > 128, 255, 0).astype(np.uint8)))
    scans[0].save(tmp_path / "scan.tif", save_all=True, append_images=scans[1:])
    path = tmp_path / "scan.json"
    path.write_text(document().model_dump_json(), encoding="utf-8")
    return path


class Client:
    """Asks the server as a browser does."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = http.client.HTTPConnection(*server.server_address[:2], timeout=20)  # type: ignore[arg-type]

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, token: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        address = f"/{self.server.token if token is None else token}/{path}"
        sent = {"Content-Type": "application/json"} if body is not None else {}
        data = json.dumps(body).encode("utf-8") if body is not None and not isinstance(body, bytes) else body
        self.connection.request(method, address, data, {**sent, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def get(self, path: str) -> Any:
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        status, _, answer = self.ask("POST", path, body)
        return status, json.loads(answer)


@pytest.fixture
def served(result: Path) -> Iterator[Server]:
    with Desk([result], ReadingConfig(), who="ann") as desk, running(Server(Routes(desk))) as server:
        yield server


@pytest.fixture
def client(served: Server) -> Iterator[Client]:
    found = Client(served)
    yield found
    found.connection.close()
