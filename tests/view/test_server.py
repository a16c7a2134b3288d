"""What the server of ``nordocr view`` answers, and whom."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.view.conftest import TEXTS, Client

from nordocr.correct import load_corrected
from nordocr.errors import OutputUnwritable
from nordocr.view.server import Server


def edit(name: str, text: str, *, line: str = "r1", expect: int = 0, page: int = 0, who: str = "") -> dict[str, Any]:
    box = {"x": 40, "y": 52 + 80 * int(line[1:]), "width": 280, "height": 34}
    put = [{"id": line, "expect": expect, "text": text, "state": "corrected", "bbox": box}]
    return {"id": name, "kind": "text", "page_index": page, "put": put, "who": who}


def test_documents_pages_and_images(client: Client, result: Path) -> None:
    listed = client.get("api/documents")
    assert listed == {"documents": [{"name": "scan", "scan": True, "pages": [0, 1], "edits": 0}], "who": "ann"}
    page = client.get("api/0/pages/1")
    assert [line["text"] for line in page["page"]["lines"]] == list(TEXTS)
    assert page["page"]["lines"][0]["id"] == "r0" and page["page"]["lines"][0]["revision"] == 0
    status, headers, body = client.ask("GET", "api/0/pages/0/image")
    assert status == 200 and headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(body)) as shown, Image.open(result.with_suffix(".tif")) as scan:
        assert shown.mode == "1"
        np.testing.assert_array_equal(np.array(shown.convert("L")), np.array(scan))
    status, _, body = client.ask("GET", "api/0/pages/0/image", headers={"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")
    assert client.get("api/0/progress")["pages"] == [[0, 4, 0], [1, 4, 0]]


def test_an_edit_is_kept_signed_and_told_to_others(client: Client, result: Path) -> None:
    status, answer = client.post("api/0/edits", edit("e1", "Rörligt arvode"))
    assert status == 200 and answer["edits"] == 1 and answer["lines"][0]["revision"] == 1
    line = load_corrected(result).document.pages[0].lines[1]
    assert (line.text, line.who, line.read) == ("Rörligt arvode", "ann", "Rorligt arvode")
    assert line.when.endswith("Z") and len(line.when) == 20
    assert client.get("api/0/changes?since=0") == {"edits": 1, "pages": [0]}
    assert client.get("api/0/changes?since=1") == {"edits": 1, "pages": []}
    client.post("api/0/edits", edit("e2", "Rörligt", expect=1, who="bo"))
    assert load_corrected(result).document.pages[0].lines[1].who == "bo"
    assert client.get("api/0/progress")["pages"] == [[0, 4, 1], [1, 4, 0]]


def test_a_conflict_shows_what_is_there(client: Client) -> None:
    client.post("api/0/edits", edit("e1", "Anns", who="ann"))
    status, answer = client.post("api/0/edits", edit("e2", "Bos", who="bo"))
    assert status == 409 and answer["code"] == "Conflict"
    assert answer["page"]["lines"][1]["text"] == "Anns" and answer["page"]["lines"][1]["who"] == "ann"
    assert client.post("api/0/edits", edit("e1", "Anns"))[0] == 200  # the same again is no second edit
    assert client.get("api/0/changes?since=0")["edits"] == 1


def test_the_next_uncertain_line_and_search(client: Client) -> None:
    def following(query: str) -> Any:
        return client.get(f"api/0/next?{query}")

    assert following("page=0&line=") == {"document": 0, "page": 0, "line": "r2"}
    assert following("page=0&line=r2") == {"document": 0, "page": 1, "line": "r1"}
    assert following("page=1&line=r1") == {"document": 0, "page": 0, "line": "r2"}
    assert following("page=0&line=r3&below=0.5&back=1") == {"document": 0, "page": 0, "line": "r2"}
    assert following("page=0&line=r2&back=1") == {"document": 0, "page": 1, "line": "r1"}
    assert following("page=0&line=&below=0.3") == {}
    client.post("api/0/edits", edit("e1", "Summa 45 000", line="r2"))
    assert following("page=0&line=") == {"document": 0, "page": 1, "line": "r1"}
    assert client.get("api/0/find?q=summa%20%2045%20o")["found"] == [{"page": 1, "line": "r2", "text": "Summa 45 OOO"}]
    assert client.get("api/0/find?q=%20") == {"found": [], "more": False}


def test_a_line_is_read_again_in_its_new_box(client: Client, served: Server) -> None:
    class Reader:
        def read(self, origin: object, page: Any, name: str) -> tuple[str, float, list[float]]:
            (line,) = (one for one in page.lines if one.id == name)
            return f"{line.bbox.x}", 0.5, [0.5]

    served.routes._desk.reader = Reader()  # type: ignore[assignment]
    moved = edit("r", "")
    moved["put"][0]["bbox"]["x"] = 77
    assert client.post("api/0/read", moved)[1] == {"text": "77", "confidence": 0.5, "char_confidences": [0.5]}
    assert client.get("api/0/changes?since=0")["edits"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "api/1/pages/0", None, 404),
        ("GET", "api/0/pages/7", None, 404),
        ("GET", "api/0/pages/7/image", None, 404),
        ("GET", "page/absent.js", None, 404),
        ("GET", "page/../server.py", None, 404),
        ("GET", "page/%2e%2e/server.py", None, 404),
        ("POST", "api/0/pages/0", {}, 404),
        ("GET", "api/0/next?page=x", None, 422),
        ("POST", "api/0/edits", b"{", 422),
        ("POST", "api/0/edits", {"id": "e", "page_index": 0, "colour": "red"}, 422),
        ("POST", "api/0/edits", edit("e", "two\nlines"), 422),
        ("POST", "api/0/edits", edit("e", "x", page=9), 404),
    ],
)
def test_wrong_requests_are_refused(client: Client, method: str, path: str, body: Any, status: int) -> None:
    found, headers, answer = client.ask(method, path, body)
    assert found == status and headers["content-type"].startswith("application/json")
    assert set(json.loads(answer)) == {"error", "code"}


def test_only_who_knows_the_token_and_comes_from_the_page_is_answered(client: Client) -> None:
    port = client.server.server_address[1]
    assert client.ask("GET", "api/documents", token="guess")[0] == 404
    assert client.ask("GET", "api/documents", token="")[0] == 404
    assert client.ask("GET", "api/documents", headers={"Host": f"127.0.0.1:{port}"})[0] == 200
    assert client.ask("GET", "api/documents", headers={"Host": f"localhost:{port}"})[0] == 200
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}", "[::1", ""):
        assert client.ask("GET", "api/documents", headers={"Host": host})[0] == 403, host
    assert client.ask("GET", "api/documents", headers={"Origin": "http://evil.example"})[0] == 403
    assert client.ask("GET", "api/documents", headers={"Origin": "null"})[0] == 403
    plain = {"Content-Type": "text/plain"}  # what another page's form can send
    assert client.ask("POST", "api/0/edits", json.dumps(edit("e", "x")).encode(), plain)[0] == 415
    assert client.get("api/0/changes?since=0")["edits"] == 0


def test_every_answer_has_strict_headers_and_no_version(client: Client) -> None:
    for path in ("", "page/app.js", "page/style.css", "words/sv.json", "api/documents", "absent"):
        _, headers, _ = client.ask("GET", path)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert headers["server"] == "nordocr"


def raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection(server.server_address[:2], timeout=20) as connection:  # type: ignore[arg-type]
        connection.sendall(request)
        return connection.recv(4096)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: 99999999", b"413"),
        (b"Content-Length: -1", b"400"),
        (b"Content-Length: \xb2", b"400"),
        (b"Transfer-Encoding: chunked", b"411"),
    ],
)
def test_bodies_have_limits(served: Server, headers: bytes, status: bytes) -> None:
    answer = raw(served, b"POST /x/ HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n\r\n")
    assert answer.split()[1] == status and b"Connection: close" in answer


def test_a_port_that_is_taken_is_said(served: Server) -> None:
    with pytest.raises(OutputUnwritable, match="cannot be listened on"):
        Server(served.routes, port=served.server_address[1])
    assert served.url == f"http://127.0.0.1:{served.server_address[1]}/{served.token}/"
    assert len(served.token) >= 24
