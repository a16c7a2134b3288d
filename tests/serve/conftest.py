"""A service whose workers read with doubles."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.batch.doubles import settings

from nordocr.serve.app import create_app
from nordocr.serve.config import ServiceConfig
from nordocr.serve.keys import hash_of

KEY, OTHER = "correct horse", "battery staple"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def image(width: int = 200, pages: int = 1) -> bytes:
    pixels = np.full((20, width), 255, np.uint8)
    pixels[8:12, 10:90] = 0
    held = io.BytesIO()
    one = Image.fromarray(pixels)
    if pages > 1:
        one.save(held, "TIFF", save_all=True, append_images=[one] * (pages - 1))
    else:
        one.save(held, "PNG")
    return held.getvalue()


def upload(content: bytes, name: str = "scan.png") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, content)}


def config_of(state: Path, **further: object) -> ServiceConfig:
    keys = {"one": hash_of(KEY), "two": hash_of(OTHER)}
    given = {"workers": 1, "state": state, "keys": keys, "max_bytes": 200_000, "max_pages": 3, "request_seconds": 5.0}
    return ServiceConfig.model_validate({**given, **further})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(config_of(tmp_path_factory.mktemp("state"), max_waiting=50), settings=settings())
    with TestClient(app) as client:
        wait_until_ready(client)
        yield client


def wait_until_ready(client: TestClient) -> None:
    until = time.monotonic() + 60
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)
