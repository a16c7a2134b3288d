"""More than the service can do: it says so, and goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import HTTPException
from starlette.testclient import TestClient
from tests.batch.doubles import BRIEF, SLOW, settings
from tests.serve.conftest import HEADERS, config_of, image, upload, wait_until_ready

from nordocr.serve.app import create_app
from nordocr.serve.config import load_service_config
from nordocr.serve.gate import _Body
from nordocr.serve.keys import hash_of, new_key, owner_of


def test_at_more_than_capacity_it_answers_429_and_recovers(tmp_path: Path) -> None:
    config = config_of(tmp_path, max_waiting=1, at_once=1, max_jobs=0)
    with TestClient(create_app(config, settings=settings())) as client:
        wait_until_ready(client)

        def ask(_: int) -> tuple[int, str | None]:
            answer = client.post("/v1/ocr", files=upload(image(BRIEF)), headers=HEADERS)
            return answer.status_code, answer.headers.get("retry-after")

        with ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(ask, range(12)))
        statuses = [status for status, _ in answers]
        assert set(statuses) == {200, 429}
        assert all(int(after or 0) >= 1 for status, after in answers if status == 429)
        assert ask(0)[0] == 200
        assert client.post("/v1/jobs", files=upload(image()), headers=HEADERS).status_code == 429
        assert "nordocr_refused_total" in client.get("/metrics").text
        # A document that takes too long costs nobody else: its worker is replaced.
        slow = threading.Thread(target=lambda: statuses.append(
            client.post("/v1/ocr", files=upload(image(SLOW)), headers=HEADERS).status_code
        ))  # fmt: skip
        slow.start()
        slow.join()
        assert statuses[-1] == 413
        assert ask(0)[0] == 200


def test_an_upload_that_trickles_or_never_ends_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(parts: AsyncIterator[dict[str, object]], **limits: float) -> int:
        body = _Body(parts.__anext__, config_of(tmp_path, **limits))  # type: ignore[arg-type]
        try:
            while (await body.receive())["more_body"]:
                pass
        except HTTPException as error:
            return error.status_code
        return 200

    async def trickle() -> AsyncIterator[dict[str, object]]:
        while True:
            await asyncio.sleep(0.02)
            yield {"type": "http.request", "body": b"x", "more_body": True}

    async def flood() -> AsyncIterator[dict[str, object]]:
        while True:
            yield {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def short() -> AsyncIterator[dict[str, object]]:
        yield {"type": "http.request", "body": b"x", "more_body": False}

    assert asyncio.run(run(trickle(), upload_seconds=0.3)) == 408
    monkeypatch.setattr("nordocr.serve.gate._GRACE", 0.2)
    assert asyncio.run(run(trickle(), upload_rate=1000)) == 408  # it brings 50 bytes a second
    assert asyncio.run(run(flood())) == 413
    assert asyncio.run(run(short())) == 200


def test_keys_are_kept_as_hashes() -> None:
    key, digest = new_key()
    assert digest == hash_of(key) and key not in digest
    keys = {"a": hash_of("x"), "b": digest}
    assert owner_of(keys, f"Bearer {key}", None) == "b"
    assert owner_of(keys, None, key) == "b"
    assert owner_of(keys, f"Basic {key}", None) is None
    assert owner_of(keys, None, None) is None
    assert owner_of({}, None, None) == ""


def test_the_configuration_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    file.write_text("port: 9000\nmax_pages: 7\n", encoding="utf-8")
    config = load_service_config(file, {"port": 9001, "host": None})
    assert (config.port, config.max_pages, config.host) == (9001, 7, "127.0.0.1")
    for text in ("prot: 1\n", "keys: {a: secret}\n", "max_pages: 0\n"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Exception, match="wrong value"):
            load_service_config(file, {})
