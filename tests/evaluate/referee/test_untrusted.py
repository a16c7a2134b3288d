"""A referee that cannot be trusted: it repeats the key, answers drop by drop, or not as the protocol says."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.evaluate.referee.vlm_server import Behaviour, reply, serving

from nordocr.errors import UsageError
from nordocr.evaluate.referee.cache import AnswerCache
from nordocr.evaluate.referee.client import AnswerFailed, VlmClient, VlmSettings, referee_settings
from nordocr.evaluate.referee.judge import judge

KEY = "sk-not-to-be-found/anywhere-4711"
PNG = b"not looked at"


def client_of(url: str, **settings: object) -> VlmClient:
    return VlmClient(VlmSettings(url, "m", **settings), sleep=lambda _: None, rng=random.Random(0))  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ["\r", "\r\n", " ", "\t\n"])
def test_a_key_from_a_windows_file_is_stripped(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setenv("NORDOCR_VLM_KEY", KEY + ending)
    assert referee_settings("http://h/v1", "m").key == KEY


@pytest.mark.parametrize("key", ["sk-one\rtwo-secret", "sk-one\ntwo-secret", "sk-one two-secret", "sk-éone-secret"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.delenv("NORDOCR_VLM_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY") as caught:
        referee_settings("http://h/v1", "m")
    assert "secret" not in str(caught.value) and "one" not in str(caught.value)
    with pytest.raises(UsageError) as caught:
        client_of("http://h/v1", key=key)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("said", [f"Your key is {KEY}", quote(KEY, safe=""), KEY.replace("/", "\\/")])
def test_an_answer_that_repeats_the_key_is_scrubbed_everywhere(tmp_path: Path, said: str) -> None:
    behaviour = Behaviour({})
    behaviour.script = [(200, {}, reply(said))]
    cache = AnswerCache(tmp_path, "m", "p")
    with serving(behaviour) as url:
        [answer], counts = judge([PNG], client_of(url, key=KEY), cache)
    assert answer is not None and "***" in answer.text
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json"))
    everything = json.dumps([written, answer.text, counts.model_dump_json()])
    assert "4711" not in everything and "***" in written
    cache.put(cache.key(PNG), f"an older cache: {KEY}")
    [answer], _ = judge([PNG], client_of("http://h/v1", key=KEY), cache)
    assert answer is not None and answer.text == "an older cache: ***"


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "3",
        "{}",
        '{"choices": null}',
        '{"choices": {}}',
        '{"choices": [7]}',
        '{"choices": [{"message": null}]}',
        '{"choices": [{"message": "Summa"}]}',
        '{"choices": [{"message": {"content": {"a": 1}}}]}',
        '{"choices": [{"message": {"content": 12}}]}',
        "[" * 100_000,
        "\xff",
        "not JSON " + KEY,
        "",
    ],
)
def test_what_is_not_the_protocol_is_no_answer(body: str) -> None:
    behaviour = Behaviour({})
    behaviour.script = [(200, {}, body)] * 2
    with serving(behaviour) as url, pytest.raises(AnswerFailed) as caught:
        client_of(url, attempts=2, key=KEY).ask(PNG)
    assert str(caught.value) == "no answer after 2 attempts (an answer that is not the protocol's)"


def test_half_a_character_in_an_answer_can_be_written(tmp_path: Path) -> None:
    behaviour = Behaviour({})
    behaviour.script = [(200, {}, '{"choices": [{"message": {"content": "Sum\\ud800ma"}}]}')]
    with serving(behaviour) as url:
        [answer], _ = judge([PNG], client_of(url), AnswerCache(tmp_path, "m", "p"))
    assert answer is not None and answer.text == "Sum?ma"


def test_an_absurd_date_to_try_again_is_ignored() -> None:
    behaviour = Behaviour({})
    dates = ["Mon, 01 Jan 0001 00:00:00 +2359", "99999999999999999999", "nan", "Mon, 99 Foo 99999"]
    behaviour.script = [(503, {"Retry-After": date}, "") for date in dates] + [(200, {}, reply("Summa"))]
    with serving(behaviour) as url:
        assert client_of(url).ask(PNG) == "Summa"


@contextlib.contextmanager
def dripping(first: bytes) -> Iterator[str]:
    """A server that says ``first`` and then a byte every 50 ms, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not stopped.is_set():
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    connection.sendall(first)
                    while not stopped.wait(0.05):
                        connection.sendall(b"a")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
    finally:
        stopped.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{",
        b"HTTP/1.1 500 Broken\r\nContent-Length: 1000000\r\n\r\n{",
    ],
    ids=["status", "headers", "answer", "refusal"],
)
def test_the_time_for_an_answer_is_a_total(first: bytes) -> None:
    with dripping(first) as url, pytest.raises(AnswerFailed, match=r"no whole answer within 0\.4 s|HTTP 500"):
        client_of(url, attempts=1, timeout=0.4).ask(PNG)
