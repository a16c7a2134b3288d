"""The page to drop a file on: three files, and nothing from elsewhere."""

from __future__ import annotations

from importlib import resources
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

router = APIRouter(include_in_schema=False)

_TYPES: Final = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}


@router.get("/")
async def index() -> Response:
    """Return the page."""
    return _file("index.html")


@router.get("/page/{name}")
async def asset(name: str) -> Response:
    """Return a file of the page."""
    if name not in _TYPES:
        raise HTTPException(404, "There is no such file.")
    return _file(name)


def _file(name: str) -> Response:
    content = resources.files("nordocr.serve").joinpath("page", name).read_bytes()
    return Response(content, headers={"Content-Type": _TYPES[name], "Cache-Control": "no-cache"})
