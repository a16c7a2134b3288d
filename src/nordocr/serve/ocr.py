"""``POST /v1/ocr``: a document in, its text out, while the client waits."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, Query, Request, UploadFile
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from nordocr.batch.tasks import Outcome, Task
from nordocr.formats.writing import suffix_of
from nordocr.serve.offers import MEDIA_TYPES, ZIP, FormatName, chosen_format
from nordocr.serve.problems import documented, refusal
from nordocr.serve.state import Service, service_of
from nordocr.serve.uploads import checked_selection, held, safe_name

router = APIRouter()

Document = Annotated[UploadFile, File(description="The document: TIFF, PDF, PNG, JPEG or another image.")]
FormatOption = Annotated[
    FormatName | None, Query(description="Format of the result; it goes before the header `Accept`. Default: json.")
]
Pages = Annotated[
    str | None,
    Query(description="Pages wanted, counted from 1, as `1,3-5,9-`.", max_length=200, examples=["1-3"]),
]
Language = Annotated[
    str | None,
    Query(
        description="The text's language as a BCP 47 tag, named in hOCR, ALTO, PAGE and PDF.",
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        max_length=35,
        examples=["sv"],
    ),
]
_EXAMPLE: dict[str, Any] = {
    "source": "scan.tif",
    "pages": [
        {
            "page_index": 0,
            "width": 1654,
            "height": 2339,
            "text": "Summa skulder",
            "confidence": 0.98,
            "lines": [
                {
                    "text": "Summa skulder",
                    "confidence": 0.98,
                    "bbox": {"x": 200, "y": 400, "width": 210, "height": 24},
                    "words": [],
                    "flags": [],
                    "block": 0,
                }
            ],
        }
    ],
    "timing": {},
}
CONTENT: dict[str, Any] = {media.partition(";")[0]: {} for media in MEDIA_TYPES.values()} | {
    "application/json": {"example": _EXAMPLE},
    ZIP: {},
}


def given(content: dict[str, Any], description: str = "The result.") -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of an answer with one of several media types."""
    return {200: {"description": description, "content": content}}


@router.post(
    "/v1/ocr",
    response_class=Response,
    summary="Read a document",
    responses=given(CONTENT) | documented(400, 401, 406, 408, 413, 422, 429, 503),
)
async def read(
    request: Request,
    file: Document,
    format: FormatOption = None,
    pages: Pages = None,
    language: Language = None,
    images: Annotated[
        bool, Query(description="Add to each page of a JSON result the `image` that its boxes lie in, as a data URL.")
    ] = False,
    fields: Annotated[
        bool, Query(description="Find dates, amounts and numbers with check digits in a JSON result.")
    ] = False,
) -> Response:
    """Read a document and answer with its result.

    Long documents are read as jobs: `POST /v1/jobs`.
    """
    service = service_of(request)
    kind = chosen_format(format, request.headers.get("accept"))
    selection = checked_selection(pages)
    images = images and kind == "json"
    async with held(file, service.requests, service.config.max_bytes) as folder:
        task = Task(
            number=0,
            address=str(folder / "input"),
            targets=((kind, folder / "results" / f"result{suffix_of(kind)}"),),
            staging=folder / "staging",
            name=safe_name(file.filename),
            language=language,
            pictures=folder / "pictures" if images else None,
            selection=selection,
            limit=service.config.request_seconds,
            fields=fields,
            max_pages=service.config.max_pages,
        )
        await answered(request, service, task)
        return await run_in_threadpool(answer_of, folder / "results", kind, folder / "pictures" if images else None)


async def answered(request: Request, service: Service, task: Task) -> Outcome:
    """Wait until a document is read, or its client is gone.

    Raises:
        HTTPException: It could not be read at all.
        Busy: There is no room, or none came within the time limit.
    """
    reading = asyncio.ensure_future(service.readers.read(task))
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            raise HTTPException(400, "The client is gone.")
        outcome = reading.result()
    finally:
        for future in (reading, leaving):
            future.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await future
    if outcome.error_class and (not outcome.pages or outcome.cut):
        raise refusal(outcome)
    return outcome


def answer_of(folder: Path, kind: str, pictures: Path | None = None) -> Response:
    """Return the files of a result as a response: one as it is, several in a ZIP archive."""
    files = sorted(folder.iterdir())
    if len(files) > 1:
        held_bytes = io.BytesIO()
        with zipfile.ZipFile(held_bytes, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return Response(held_bytes.getvalue(), media_type=ZIP)
    content = files[0].read_bytes()
    if pictures is not None:
        content = _with_images(content, pictures)
    return Response(content, headers={"Content-Type": MEDIA_TYPES[kind]})


def _with_images(content: bytes, pictures: Path) -> bytes:
    document = json.loads(content)
    for page in document["pages"]:
        picture = pictures / f"{page['page_index'] + 1:04d}.png"
        if picture.is_file():
            encoded = base64.b64encode(picture.read_bytes()).decode("ascii")
            page["image"] = f"data:image/png;base64,{encoded}"
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
