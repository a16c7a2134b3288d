"""Uploads on disk: each in a folder of its own, which is gone when its answer is sent."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath

from fastapi import HTTPException, UploadFile
from starlette.concurrency import run_in_threadpool

from nordocr.errors import UsageError
from nordocr.pages import parse_selection


def safe_name(given: str | None) -> str:
    """Return what an upload is called in results and errors: its file's name, never a path."""
    name = PurePosixPath((given or "").replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable())[:120].strip()
    return name or "document"


@asynccontextmanager
async def held(file: UploadFile, root: Path, max_bytes: int) -> AsyncIterator[Path]:
    """Give a folder with the upload in it, called ``input``, for the time of the block."""
    folder = root / uuid.uuid4().hex
    try:
        await run_in_threadpool(lay, file, folder, max_bytes)
        yield folder
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


def lay(file: UploadFile, folder: Path, max_bytes: int, *, durable: bool = False) -> Path:
    """Write an upload to ``folder/input`` and return that path.

    Args:
        file: The upload.
        folder: A folder that does not exist yet.
        max_bytes: Its size at most.
        durable: Wait until the disk has it.

    Raises:
        HTTPException: It is empty (422) or too large (413).
    """
    folder.mkdir(parents=True)
    path = folder / "input"
    if file.size is not None and file.size > max_bytes:
        raise HTTPException(413, f"An upload may have {max_bytes} bytes.")
    if not file.size:
        raise HTTPException(422, f"{safe_name(file.filename)} is empty.")
    with path.open("wb") as copy:
        file.file.seek(0)
        shutil.copyfileobj(file.file, copy, 1 << 20)
        if durable:
            copy.flush()
            os.fsync(copy.fileno())
    return path


def checked_selection(pages: str | None) -> str | None:
    """Return ``pages`` if it is a selection of pages, None if it is empty. Raises HTTPException (422) otherwise."""
    if not pages:
        return None
    try:
        parse_selection(pages)
    except (UsageError, ValueError) as error:
        raise HTTPException(422, {"error": str(error), "code": "InvalidParameter"}) from error
    return pages
