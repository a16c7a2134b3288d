"""``POST /ocr`` and ``GET /health`` as LiteParse asks of an OCR server.

The contract is ``OCR_API_SPEC.md`` of https://github.com/run-llama/liteparse: a form with ``file`` and ``language`` in;
``{"results": [{"text", "bbox": [x1, y1, x2, y2], "confidence", "polygon"}]}`` out, in pixels of the image as it was
sent; ``{"error": SENTENCE}`` with 400 where the request is wrong. One image a request.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from pydantic import BaseModel, Field

from nordocr.batch.tasks import Task
from nordocr.serve.ocr import Document, answered
from nordocr.serve.problems import documented
from nordocr.serve.state import service_of
from nordocr.serve.uploads import held, safe_name

router = APIRouter()

Point = tuple[float, float]


class Found(BaseModel):
    """One line of text."""

    text: str
    bbox: tuple[float, float, float, float] = Field(description="x1, y1, x2, y2 in pixels of the image as it was sent.")
    confidence: float = Field(ge=0, le=1)
    polygon: tuple[Point, Point, Point, Point] | None = Field(
        default=None, description="Corners in reading direction from the top left; where the page was turned."
    )


class Answer(BaseModel):
    """All lines, in reading order."""

    results: list[Found]


@router.post(
    "/ocr",
    summary="Read one image, as LiteParse asks",
    response_model_exclude_none=True,
    responses=documented(400, 401, 408, 429, 503),
)
async def read(
    request: Request,
    file: Document,
    language: Annotated[
        str,
        Form(
            description="Language code of two or three letters. Every letter of the model is read whatever it is.",
            pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$",
        ),
    ] = "en",
) -> Answer:
    """Read the first page of an image."""
    service = service_of(request)
    async with held(file, service.requests, service.config.max_bytes) as folder:
        task = Task(
            number=0,
            address=str(folder / "input"),
            targets=(("json", folder / "results" / "result.json"),),
            staging=folder / "staging",
            name=safe_name(file.filename),
            selection="1",
            limit=service.config.request_seconds,
        )
        await answered(request, service, task)
        document = json.loads((folder / "results" / "result.json").read_bytes())
    page = document["pages"][0]
    if page.get("error"):
        raise HTTPException(400, {"error": page["error"], "code": "InputUnreadable"})
    return Answer(results=[found for line in page["lines"] if (found := found_of(line, page)) is not None])


def found_of(line: dict[str, Any], page: dict[str, Any]) -> Found | None:
    """Return a line of a result in LiteParse's terms; None for one without text or area.

    Args:
        line: The line, its box in pixels of the page as it was turned.
        page: Its page, with ``width``, ``height`` and perhaps ``rotation``.
    """
    box = line["bbox"]
    if not line["text"] or not box["width"] or not box["height"]:
        return None
    left, top = box["x"], box["y"]
    right, bottom = left + box["width"], top + box["height"]
    turned = page.get("rotation", 0)
    corners = [_as_sent(x, y, page) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    polygon = (corners[0], corners[1], corners[2], corners[3]) if turned else None
    return Found(
        text=line["text"],
        bbox=(min(xs), min(ys), max(xs), max(ys)),
        confidence=line["confidence"],
        polygon=polygon,
    )


def _as_sent(x: float, y: float, page: dict[str, Any]) -> Point:
    """Where a point of the turned page lies in the image that was sent; ``rotation`` is clockwise."""
    width, height = page["width"], page["height"]
    return {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}[page.get("rotation", 0)]
