"""Jobs: accepted once, read whatever happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from tests.batch.doubles import BRIEF
from tests.serve.conftest import HEADERS, OTHER, image, upload

from nordocr.batch.tasks import Outcome
from nordocr.serve.jobs import JobStore


def ended(client: Any, job: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found: dict[str, Any] = client.get(f"/v1/jobs/{job}", headers=HEADERS).json()
        if found["state"] in {"done", "failed"}:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_job_is_accepted_followed_and_fetched(client: TestClient) -> None:
    answer = client.post("/v1/jobs?format=text", files=upload(image(BRIEF, pages=5), "long.tif"), headers=HEADERS)
    assert answer.status_code == 202
    job = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/jobs/{job}"
    early = client.get(f"/v1/jobs/{job}/result", headers=HEADERS)
    assert (early.status_code, early.json()["code"]) == (409, "NotReady")
    lines = client.get(f"/v1/jobs/{job}/pages", headers=HEADERS).text.splitlines()
    assert [json.loads(line)["page_index"] for line in lines] == [0, 1, 2, 3, 4]
    events = client.get(f"/v1/jobs/{job}/pages?first=3", headers=HEADERS | {"Accept": "text/event-stream"}).text
    assert [part.split("\n")[0] for part in events.split("\n\n")[:-1]] == ["id: 4", "id: 5", "event: end"]
    assert (ended(client, job)["state"], ended(client, job)["pages"]) == ("done", 5)
    assert client.get(f"/v1/jobs/{job}/result", headers=HEADERS).text.count("\f") == 4


def test_a_job_that_fails_says_why(client: TestClient) -> None:
    job = client.post("/v1/jobs", files=upload(b"no image"), headers=HEADERS).json()["id"]
    assert ended(client, job)["code"] == "InputUnreadable"
    answer = client.get(f"/v1/jobs/{job}/result", headers=HEADERS)
    assert (answer.status_code, answer.json()["code"]) == (409, "InputUnreadable")


def test_jobs_belong_to_their_key_and_can_be_deleted(client: TestClient) -> None:
    job = client.post("/v1/jobs", files=upload(image()), headers=HEADERS).json()["id"]
    ended(client, job)
    stranger = {"X-API-Key": OTHER}
    for method, path in (("GET", ""), ("GET", "/result"), ("GET", "/pages"), ("DELETE", "")):
        assert client.request(method, f"/v1/jobs/{job}{path}", headers=stranger).status_code == 404
    assert client.delete(f"/v1/jobs/{job}", headers=HEADERS).status_code == 204
    assert client.get(f"/v1/jobs/{job}", headers=HEADERS).status_code == 404
    assert not client.app.state.service.store.folder_of(job).exists()  # type: ignore[attr-defined]


def test_the_store_survives_and_forgets_only_what_was_not_accepted(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    known = {"owner": "", "format": "json", "selection": None, "language": None}
    for name in ("a", "b", "c"):
        store.folder_of(name).mkdir(parents=True)
    store.accept("a", name="a", **known)  # type: ignore[arg-type]
    store.accept("b", name="b", **known)  # type: ignore[arg-type]
    first = store.next()
    assert first is not None and first.id == "a"
    store.close()

    store = JobStore(tmp_path)
    assert store.unfinished() == 2
    assert not store.folder_of("c").exists()
    again = store.next()
    assert again is not None and again.id == "a"
    store.end("a", Outcome(pages=2, failed_pages=1, error_class="InputUnreadable", error="page 3"))
    found = store.get("a")
    assert found is not None and (found.state, found.pages, found.error) == ("done", 2, "page 3")
    assert store.delete_old(time.time() + 1) == 1
    assert store.get("a") is None and store.get("b") is not None
    store.close()


_SERVE = """
if __name__ == "__main__":  # the imports too: workers need none of them
    import sys
    from pathlib import Path
    import uvicorn
    from nordocr.serve.app import create_app
    from tests.batch.doubles import settings
    from tests.serve.conftest import config_of

    uvicorn.run(create_app(config_of(Path(sys.argv[1])), settings=settings()), port=int(sys.argv[2]), log_level="error")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_and_started_again_it_loses_no_accepted_job(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "service.py").write_text(_SERVE, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(repository / "src"), str(repository)])}
    command = [sys.executable, str(tmp_path / "service.py"), str(tmp_path / "state"), str(port)]

    def started() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env=environment)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if http.get("/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        return process

    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        process = started()
        try:
            jobs = [http.post("/v1/jobs", files=upload(image(BRIEF)), headers=HEADERS).json()["id"] for _ in range(12)]
            process.send_signal(signal.SIGKILL)
            process.wait()
            store = JobStore(tmp_path / "state")
            assert 0 < store.unfinished() <= 12
            store.close()
            process = started()
            assert {ended(http, job)["state"] for job in jobs} == {"done"}
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) in {0, -signal.SIGTERM}
        finally:
            process.kill()
            process.wait()
