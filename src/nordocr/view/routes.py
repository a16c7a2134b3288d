"""What the page asks for, and the answers: the only way from HTTP to the documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final

from pydantic import ValidationError

from nordocr.correct import Conflict, CorrectedPage, Edit, Store
from nordocr.correct.edits import applied
from nordocr.errors import InputMissing, NordocrError, OutputUnwritable, UsageError
from nordocr.invalid import first_fault
from nordocr.jsontext import load_json
from nordocr.view import search
from nordocr.view.desk import Desk

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
_FILE: Final = re.compile(r"(page|words)/([a-z]+)\.(css|js|json)")
_PATH: Final = re.compile(r"api/(\d{1,4})/(?:pages/(\d{1,6})(/image)?|(progress|changes|next|find|edits|read))")


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    kind: str = _TYPES["json"]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked, without the token. ``tag``: what the browser has already (``If-None-Match``)."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    tag: str = ""


class Routes:
    """Answers requests for a desk.

    Args:
        desk: The documents.
        now: Gives the time that is written to corrections.
    """

    def __init__(self, desk: Desk, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._desk, self._now = desk, now

    def answer(self, request: Request) -> Answer:
        """Answer a request; every failure is an answer too: ``{"error": SENTENCE, "code": CLASS}``."""
        try:
            return self._answer(request)
        except Conflict as error:
            return _failure(409, error)
        except (InputMissing, KeyError, IndexError) as error:
            return _failure(404, error if isinstance(error, NordocrError) else InputMissing("There is no such thing."))
        except OutputUnwritable as error:
            return _failure(507, error)
        except NordocrError as error:
            return _failure(422, error)
        except ValidationError as error:
            return _failure(422, UsageError(f"The request is wrong: {first_fault(error, 'the body')}."))
        except ValueError as error:
            return _failure(422, UsageError(f"The request is wrong: {error}."))

    def _answer(self, request: Request) -> Answer:
        if request.method == "GET" and request.path == "":
            return _file("page", "index.html", request.tag)
        static = _FILE.fullmatch(request.path)
        if request.method == "GET" and static:
            return _file(static[1], f"{static[2]}.{static[3]}", request.tag)
        if request.method == "GET" and request.path == "api/documents":
            return self._documents()
        match = _PATH.fullmatch(request.path)
        if match is None:
            raise InputMissing("There is no such address.")
        number = int(match[1])
        store = self._desk.documents[number].store
        if match[2] is not None and request.method == "GET":
            index = int(match[2])
            return self._image(number, index, request.tag) if match[3] else _page(store, index)
        if request.method == "GET" and match[4] == "next":
            return self._next(number, request.query)
        gets = {"progress": _progress, "changes": _changes, "find": _find}
        if request.method == "GET" and match[4] in gets:
            return gets[match[4]](store, request.query)
        if request.method == "POST" and match[4] == "edits":
            return self._edit(store, request.body)
        if request.method == "POST" and match[4] == "read":
            return self._read(number, request.body)
        raise InputMissing("There is no such address.")

    def _documents(self) -> Answer:
        documents = [
            {
                "name": document.name,
                "scan": document.origin is not None,
                "pages": document.store.numbers(),
                "edits": document.store.edits,
            }
            for document in self._desk.documents
        ]
        return _json({"documents": documents, "who": self._desk.who})

    def _image(self, number: int, index: int, tag: str) -> Answer:
        picture = self._desk.picture(number, index)
        own = f'"{hashlib.sha256(picture.data).hexdigest()[:20]}"'
        headers = {"ETag": own, "Cache-Control": "private, no-cache"}
        if tag == own:
            return Answer(304, b"", picture.kind, headers)
        return Answer(200, picture.data, picture.kind, headers)

    def _next(self, number: int, query: Mapping[str, str]) -> Answer:
        stores = [document.store for document in self._desk.documents]
        page, line, below = int(query.get("page", "0")), query.get("line", ""), float(query.get("below", "0.8"))
        found = search.next_anywhere(stores, number, page, line, below, back=query.get("back") == "1")
        return _json({} if found is None else dict(zip(("document", "page", "line"), found, strict=True)))

    def _edit(self, store: Store, body: bytes) -> Answer:
        edit = self._signed(Edit.model_validate(load_json(body)))
        try:
            page = store.apply(edit)
        except Conflict as error:
            now = store.page(edit.page_index)
            return _json({"error": str(error), "code": "Conflict", "page": _dumped(now), "edits": store.edits}, 409)
        put = {change.id for change in edit.put}
        lines = [_dumped(line) for line in page.lines if line.id in put]
        return _json({"edits": store.edits, "order": page.order, "lines": lines})

    def _signed(self, edit: Edit) -> Edit:
        when = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return edit.model_copy(update={"who": edit.who.strip() or self._desk.who, "when": when})

    def _read(self, number: int, body: bytes) -> Answer:
        """Read the one line that an edit puts, as it would be after it, without making the edit."""
        edit = Edit.model_validate(load_json(body))
        if len(edit.put) != 1:
            raise UsageError("One line is read at a time.")
        page = applied(self._desk.documents[number].store.page(edit.page_index), edit)
        text, confidence, sure = self._desk.read_again(number, page, edit.put[0].id)
        return _json({"text": text, "confidence": confidence, "char_confidences": sure})


def _page(store: Store, index: int) -> Answer:
    edits = store.edits  # before the page: what comes meanwhile is then asked for once more
    page = store.page(index)
    read = store.read.page(index) if index in store.read.numbers else None
    flags, error = (read.flags, read.error) if read is not None else ([], "")
    return _json({"edits": edits, "page": _dumped(page), "flags": flags, "error": error})


def _progress(store: Store, _: Mapping[str, str]) -> Answer:
    edits = store.edits
    pages = []
    for index in store.numbers():
        lines = store.lines(index)
        pages.append([index, len(lines), sum(line.state != "untouched" for line in lines)])
    return _json({"edits": edits, "pages": pages})


def _changes(store: Store, query: Mapping[str, str]) -> Answer:
    edits = store.edits
    return _json({"edits": edits, "pages": store.changed_since(int(query.get("since", "0")))})


def _find(store: Store, query: Mapping[str, str]) -> Answer:
    found, more = search.find(store, query.get("q", ""))
    return _json({"found": [{"page": page, "line": line, "text": text} for page, line, text in found], "more": more})


def _dumped(value: Any) -> dict[str, Any]:
    """What the page gets: all keys, so that it needs no defaults."""
    if isinstance(value, CorrectedPage):
        return {**value.model_dump(exclude={"lines"}), "lines": [_dumped(line) for line in value.lines]}
    silent = {"moved": False, "char_confidences": [], "who": "", "when": "", "revision": 0}
    return {**silent, **value.model_dump()}


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode("utf-8"))


def _failure(status: int, error: NordocrError) -> Answer:
    return _json({"error": str(error), "code": type(error).__name__}, status)


def _file(folder: str, name: str, tag: str) -> Answer:
    file = resources.files("nordocr.view").joinpath(folder, name)
    if not file.is_file():
        raise InputMissing("There is no such file.")
    data = file.read_bytes()
    own = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = {"ETag": own, "Cache-Control": "no-cache"}
    kind = _TYPES[name.rsplit(".", 1)[1]]
    return Answer(304, b"", kind, headers) if tag == own else Answer(200, data, kind, headers)
