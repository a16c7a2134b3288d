from __future__ import annotations

import email.utils
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.evaluate.paper import Paper, crops_of, cut_short, draw, lines_of, no_rings, truth_json, write
from tests.evaluate.referee.vlm_server import Behaviour, reply, serving

from nordocr.errors import EngineUnavailable, UsageError
from nordocr.evaluate.documents.material import collect
from nordocr.evaluate.documents.truth import Placed, place_results
from nordocr.evaluate.referee.cache import AnswerCache
from nordocr.evaluate.referee.client import AnswerFailed, VlmClient, VlmSettings
from nordocr.evaluate.referee.judge import Progress, judge

KEY = "sk-not-to-be-found-anywhere-4711"
PNG = b"not looked at"
VERB = "import typer; from nordocr.cli.compare import compare; app = typer.Typer(); app.command()(compare); app()"


def client_of(url: str, waits: list[float] | None = None, **settings: Any) -> VlmClient:
    waited = waits if waits is not None else []
    return VlmClient(VlmSettings(url, "m", **settings), sleep=waited.append, rng=random.Random(0))


def scripted(*answers: tuple[int, dict[str, str], str]) -> Behaviour:
    behaviour = Behaviour({hashlib.sha256(PNG).hexdigest(): "Summa"})
    behaviour.script = list(answers)
    return behaviour


def test_the_question_is_what_the_protocol_wants() -> None:
    behaviour = scripted((200, {}, reply("Summa")))
    with serving(behaviour) as url:
        assert client_of(url).ask(PNG) == "Summa"
    (body,) = behaviour.bodies
    assert body["model"] == "m" and body["temperature"] == 0
    assert body["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("url", ["http://h:1/v1", "http://h:1/v1/", "http://h:1", "http://h:1/v1/chat/completions"])
def test_addresses_are_completed(url: str) -> None:
    assert VlmSettings(url, "m").address == "http://h:1/v1/chat/completions"


@pytest.mark.parametrize("url", ["h:1", "file:///etc/passwd", "http://", "http://user:secret@h/v1"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        _ = VlmSettings(url, "m").address
    assert "secret" not in str(caught.value)


def test_waits_double_with_jitter_and_end() -> None:
    waits: list[float] = []
    behaviour = scripted(*[(503, {}, "busy")] * 5)
    with serving(behaviour) as url:
        client = client_of(url, waits, attempts=5, longest_wait=5.0)
        with pytest.raises(AnswerFailed, match="503"):
            client.ask(PNG)
    assert client.retries == 4 == len(waits)
    assert all(bound / 2 <= wait <= bound for wait, bound in zip(waits, (1, 2, 4, 5), strict=True))


def test_retry_after_is_obeyed_as_seconds_and_as_a_date() -> None:
    waits: list[float] = []
    then = email.utils.formatdate(time.time() + 20, usegmt=True)
    behaviour = scripted(
        (429, {"Retry-After": "7"}, ""), (429, {"Retry-After": then}, ""), (429, {"Retry-After": "9999"}, "")
    )
    behaviour.script.append((200, {}, reply("x")))
    with serving(behaviour) as url:
        assert client_of(url, waits).ask(PNG) == "x"
    assert waits[0] == 7 and 15 < waits[1] <= 20 and waits[2] == 60


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_address_stops_everything_at_once(status: int, tmp_path: Path) -> None:
    behaviour = scripted(*[(status, {}, f"Incorrect key {KEY}")] * 50)
    with serving(behaviour) as url, pytest.raises(EngineUnavailable) as caught:
        judge(
            [PNG + bytes([i]) for i in range(50)], client_of(url, key=KEY), AnswerCache(tmp_path, "m", "p"), workers=2
        )
    assert KEY not in str(caught.value) and "***" in str(caught.value)
    assert len(behaviour.bodies) < 10


def test_one_crop_that_is_refused_spoils_no_other(tmp_path: Path) -> None:
    behaviour = scripted((400, {}, "image too small"))
    with serving(behaviour) as url:
        answers, counts = judge([b"odd", PNG], client_of(url), AnswerCache(tmp_path, "m", "p"), workers=1)
    assert answers[0] is None and answers[1] is not None
    assert counts.failed == 1 and counts.failures == {"HTTP 400: image too small": 1}


def test_half_an_answer_is_none_and_a_filtered_one_is_a_refusal(tmp_path: Path) -> None:
    behaviour = scripted((200, {}, reply("Summa sk", "length")), (200, {}, reply("", "content_filter")))
    with serving(behaviour) as url:
        answers, counts = judge([b"long", b"odd", PNG], client_of(url), AnswerCache(tmp_path, "m", "p"), workers=1)
    assert [answer and answer.text for answer in answers] == [None, "", "Summa"]
    assert (counts.failed, counts.refusals, counts.texts) == (1, 1, 1)
    assert counts.failures == {"the answer was cut at 512 tokens": 1}


def test_a_redirect_does_not_carry_the_key_away() -> None:
    elsewhere, here = Behaviour({}), scripted()
    with serving(elsewhere) as other, serving(here) as url:
        here.script = [(307, {"Location": f"{other}/chat/completions"}, "")] * 2
        with pytest.raises(AnswerFailed):
            client_of(url, key=KEY, attempts=2).ask(PNG)
    assert elsewhere.bodies == []


def test_equal_crops_are_asked_once_and_a_rerun_asks_nothing(tmp_path: Path) -> None:
    behaviour = Behaviour({hashlib.sha256(PNG).hexdigest(): "Summa"})
    seen: list[Progress] = []
    with serving(behaviour) as url:
        for asked in (1, 0):
            cache = AnswerCache(tmp_path, "m", "p")
            answers, counts = judge([PNG, PNG, PNG], client_of(url), cache, on_progress=seen.append)
            assert (counts.asked, counts.cached, counts.texts) == (asked, 1 - asked, 3)
            assert [a.text for a in answers if a] == ["Summa"] * 3
        assert AnswerCache(tmp_path, "m", "another question").get(cache.key(PNG)) is not None
        assert AnswerCache(tmp_path, "m", "another question").key(PNG) != cache.key(PNG)
    assert behaviour.answered.total() == 1 and seen[-1] == Progress(1, 1, 1)


def test_a_damaged_answer_on_disk_is_asked_for_again(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, "m", "p")
    cache.put(cache.key(PNG), "Summa")
    (file,) = tmp_path.rglob("*.json")
    for content in ("", "{", '{"key": "another", "answer": "x"}', '{"key": 1}', "[]"):
        file.write_text(content, encoding="utf-8")
        assert cache.get(cache.key(PNG)) is None


@pytest.fixture(scope="module")
def long_paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return draw(tmp_path_factory.mktemp("long") / "long.tif", pages=3, lines=30)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_killed_twice_and_resumed_gives_the_table_of_an_uninterrupted_run(tmp_path: Path, long_paper: Paper) -> None:
    truth = write(tmp_path / "truth.json", truth_json(long_paper))
    svtr = write(tmp_path / "svtr.json", lines_of(long_paper, cut_short))
    tess = write(tmp_path / "tess.json", lines_of(long_paper, no_rings))
    behaviour = Behaviour(crops_of(long_paper, truth), key=KEY, seed=5, faults=0.25, delay=0.03)
    with serving(behaviour) as url:

        def start(output: Path) -> subprocess.Popen[bytes]:
            options = ["--svtrv2", svtr, "--tess", tess, "--reference", "vlm", "--vlm-url", url, "--vlm-model", "m"]
            options += ["--workers", "3", "--vlm-wait", "0.01", "--output", output]
            command = [sys.executable, "-c", VERB, str(long_paper.file), *map(str, options)]
            environment = {**os.environ, "NORDOCR_VLM_KEY": KEY}
            return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        whole = start(tmp_path / "whole")
        said, _ = whole.communicate(timeout=120)
        assert whole.returncode == 0, said
        asked = behaviour.answered.total()
        for enough in (20, 50):
            killed = start(tmp_path / "parts")
            while len(list((tmp_path / "parts" / "vlm-cache").rglob("*.json"))) < enough:
                assert killed.poll() is None, killed.communicate()
                time.sleep(0.01)
            killed.kill()
            killed.communicate()
        last = start(tmp_path / "parts")
        again, _ = last.communicate(timeout=120)
        assert last.returncode == 0, again
    # Three workers can each lose one answer to a kill.
    assert asked == 90 and behaviour.answered.total() - asked <= 90 + 2 * 3
    one, other = (
        json.loads((tmp_path / o / "comparison.json").read_text(encoding="utf-8")) for o in ("whole", "parts")
    )
    counts = [found.pop("referee") for found in (one, other)]
    assert one == other
    assert counts[0]["asked"] == 90 and counts[1]["cached"] >= 50
    for count in counts:
        assert count["texts"] + count["empty"] + count["refusals"] == 90 and count["failed"] == 0
        assert count["refusals"] and count["empty"] and count["removed"]["chatter"] and count["removed"]["fence"]
    assert one["referenced"] == counts[0]["texts"]
    assert (tmp_path / "whole" / "lines.tsv").read_bytes() == (tmp_path / "parts" / "lines.tsv").read_bytes()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file
    assert KEY.encode() not in said + again


def test_the_material_of_a_page_gives_the_same_bytes_every_time(tmp_path: Path, paper: Paper) -> None:
    result = write(tmp_path / "r.json", truth_json(paper))
    engines = {"x": place_results(result, [paper.file])}
    first, second = collect([paper.file], engines, None), collect([paper.file], engines, Placed())
    assert first.crops == second.crops and len(set(first.crops)) == 36
