"""``POST /v1/ocr``, the compatible ``POST /ocr``, and what all answers have in common."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient
from tests.batch.doubles import DEADLY
from tests.serve.conftest import HEADERS, image, upload

from nordocr.formats import NAMES
from nordocr.serve.compatible import found_of
from nordocr.serve.offers import MEDIA_TYPES, FormatName


def test_a_document_in_its_result_out(client: TestClient) -> None:
    answer = client.post("/v1/ocr", files=upload(image()), headers=HEADERS)
    assert answer.status_code == 200
    document = answer.json()
    assert document["source"] == "scan.png"
    assert document["pages"][0]["lines"][0]["text"].startswith("200 ")
    assert "image" not in document["pages"][0]


@pytest.mark.parametrize(
    ("query", "accept", "media", "begins"),
    [
        ("", "text/plain", "text/plain", b"200 "),
        ("?format=tsv", "text/plain", "text/tab-separated-values", b"level\t"),
        ("", "application/pdf;q=0.4, application/xml;q=0.9, image/png", "application/xml", b"<?xml"),
        ("", "*/*", "application/json", b"{"),
        ("?format=pdf", "", "application/pdf", b"%PDF-"),
    ],
)
def test_the_format_follows_the_parameter_and_then_accept(
    client: TestClient, query: str, accept: str, media: str, begins: bytes
) -> None:
    answer = client.post("/v1/ocr" + query, files=upload(image()), headers=HEADERS | {"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)
    assert answer.content.startswith(begins)


def test_every_format_of_nordocr_is_offered() -> None:
    assert set(MEDIA_TYPES) == set(NAMES) == set(get_args(FormatName))


def test_fields_come_when_asked(client: TestClient) -> None:
    found = client.post("/v1/ocr?format=fields", files=upload(image()), headers=HEADERS)
    assert found.status_code == 200
    assert found.text.count("\t") >= 8


def test_nothing_that_is_accepted_is_406(client: TestClient) -> None:
    answer = client.post("/v1/ocr", files=upload(image()), headers=HEADERS | {"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "NotAcceptable")


def test_several_pages_of_page_xml_are_an_archive(client: TestClient) -> None:
    answer = client.post("/v1/ocr?format=page", files=upload(image(pages=2)), headers=HEADERS)
    assert answer.headers["content-type"] == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 2


def test_pages_can_be_chosen_and_images_come_when_asked(client: TestClient) -> None:
    answer = client.post("/v1/ocr?pages=2&images=true", files=upload(image(pages=3)), headers=HEADERS)
    (page,) = answer.json()["pages"]
    assert page["page_index"] == 1
    encoded = base64.b64decode(page["image"].removeprefix("data:image/png;base64,"))
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels.shape == (page["height"], page["width"])
    assert pixels[10, 50] == 0 and pixels[1, 1] == 255


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"\x89PNG\r\n\x1a\nno more", "/etc/secret/broken.png", 422, "InputUnreadable"),
        (b"", "empty.png", 422, "InputUnreadable"),
        (image(pages=4), "long.tif", 413, "InputTooLarge"),
        (b"x" * 300_000, "huge.tif", 413, "InputTooLarge"),
        (image(DEADLY), "deadly.png", 422, "WorkerKilled"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_path(
    client: TestClient, content: bytes, name: str, status: int, code: str
) -> None:
    answer = client.post("/v1/ocr", files=upload(content, name), headers=HEADERS)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    said = answer.json()["error"]
    state = str(client.app.state.service.config.state)  # type: ignore[attr-defined]
    assert state not in said and "/etc" not in said and "Traceback" not in said and "input" not in said
    assert client.post("/v1/ocr", files=upload(image()), headers=HEADERS).status_code == 200


@pytest.mark.parametrize("query", ["?pages=zero", "?format=docx", "?language=%00", "?images=perhaps"])
def test_wrong_parameters_are_422_by_name(client: TestClient, query: str) -> None:
    answer = client.post("/v1/ocr" + query, files=upload(image()), headers=HEADERS)
    assert (answer.status_code, answer.json()["code"]) == (422, "InvalidParameter")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "correct horsf"}])
def test_without_its_key_nothing_is_read(client: TestClient, headers: dict[str, str]) -> None:
    for path in ("/v1/ocr", "/ocr", "/v1/jobs"):
        answer = client.post(path, files=upload(image()), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")
    assert client.get("/v1/jobs/x", headers=headers).status_code == 401


def test_the_keys_hash_is_no_key(client: TestClient) -> None:
    digest = next(iter(client.app.state.service.config.keys.values()))  # type: ignore[attr-defined]
    assert client.post("/v1/ocr", files=upload(image()), headers={"X-API-Key": digest}).status_code == 401


def test_a_method_that_a_path_does_not_have_names_those_that_it_has(client: TestClient) -> None:
    answer = client.put("/v1/jobs/x", headers=HEADERS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


def test_uploads_are_gone_when_the_answer_is_sent(client: TestClient) -> None:
    client.post("/v1/ocr", files=upload(image()), headers=HEADERS)
    assert not list(client.app.state.service.requests.iterdir())  # type: ignore[attr-defined]


def test_answers_are_as_liteparse_asks(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    answer = client.post("/ocr", files=upload(image(pages=2)), data={"language": "sv"}, headers=HEADERS)
    assert answer.status_code == 200
    (found,) = answer.json()["results"]
    assert set(found) == {"text", "bbox", "confidence"}
    left, top, right, bottom = found["bbox"]
    assert 0 <= left < right <= 200 and 0 <= top < bottom <= 20
    for files, data in (({}, {}), (upload(b"no image"), {}), (upload(image()), {"language": "english please"})):
        refused = client.post("/ocr", files=files, data=data, headers=HEADERS)
        assert refused.status_code == 400
        assert refused.json()["error"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_lie_in_the_image_as_it_was_sent(rotation: int) -> None:
    sent = np.zeros((40, 100), np.uint8)
    sent[5:12, 20:60] = 1
    turned = np.rot90(sent, -rotation // 90)
    rows, columns = np.nonzero(turned)
    box = {"x": int(columns.min()), "y": int(rows.min())}
    box |= {"width": int(columns.max()) + 1 - box["x"], "height": int(rows.max()) + 1 - box["y"]}
    page = {"width": turned.shape[1], "height": turned.shape[0], "rotation": rotation}
    found = found_of({"text": "x", "confidence": 0.5, "bbox": box}, page)
    assert found is not None and found.bbox == (20, 5, 60, 12)
    first = {90: (20, 12), 180: (60, 12), 270: (60, 5)}.get(rotation)
    assert (found.polygon[0] if found.polygon else None) == first


def test_every_answer_has_strict_headers(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<script>" not in page.text and "style=" not in page.text and "onclick" not in page.text
    for name in ("page.js", "page.css"):
        assert client.get(f"/page/{name}").status_code == 200
    assert client.get("/page/../app.py").status_code == 404
    for path in ("/", "/health/live", "/nowhere", "/v1/jobs/x"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_metrics_count_what_happened_and_no_path_of_a_client(client: TestClient) -> None:
    client.post("/v1/ocr", files=upload(image()), headers=HEADERS)
    client.get("/secret-project")
    text = client.get("/metrics").text
    assert 'nordocr_requests_total{route="/v1/ocr",status="200"}' in text
    assert 'nordocr_stage_seconds_count{stage="recognize"}' in text
    assert 'nordocr_errors_total{error_class="InputUnreadable"}' in text
    assert "secret" not in text
    assert float(text.split("\nnordocr_call_lines_count ")[1].split()[0]) >= 1


def test_the_description_has_every_route_and_examples(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    routes = {"/v1/ocr", "/v1/jobs", "/v1/jobs/{job}", "/v1/jobs/{job}/result", "/v1/jobs/{job}/pages", "/ocr"}
    assert routes | {"/health", "/health/live", "/health/ready", "/metrics"} == set(told["paths"])
    answers = told["paths"]["/v1/ocr"]["post"]["responses"]
    assert "example" in answers["200"]["content"]["application/json"]
    assert {"401", "413", "422", "429"} <= set(answers)
    assert "nordocr-" not in json.dumps(told)


def test_what_is_sent_is_not_logged(client: TestClient, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level("DEBUG", "nordocr"):
        client.post("/v1/ocr?pages=1", files=upload(image(), "secret-name.png"), headers=HEADERS)
        client.get("/v1/jobs/secret-id", headers=HEADERS)
    assert "POST /v1/ocr 200" in caplog.text
    assert "secret" not in caplog.text
