"""What ``nordocr batch`` makes of its options and of signals."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from nordocr.cli.app import main
from nordocr.cli.batch import shard_of, size_of
from nordocr.cli.batch_signals import two_signals
from nordocr.errors import UsageError


@pytest.mark.skipif(sys.platform == "win32", reason="raise_signal ends the process there")
def test_the_first_signal_drains_and_the_second_stops() -> None:
    called: list[str] = []
    before = signal.getsignal(signal.SIGTERM)
    with two_signals(lambda: called.append("drain"), lambda: called.append("stop")) as came:
        assert called == []
        signal.raise_signal(signal.SIGTERM)
        assert called == ["drain"]
        signal.raise_signal(signal.SIGINT)
        assert called == ["drain", "stop"]
        assert came == [signal.SIGTERM, signal.SIGINT]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("text", "size"),
    [("2G", 2 * 1024**3), ("800M", 800 * 1024**2), ("1.5 GiB", 1610612736), ("4096", 4096), ("none", None)],
)
def test_sizes(text: str, size: int | None) -> None:
    assert size_of(text, "--worker-memory") == size


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/b", "3", "1/0", "-1/4"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        shard_of(text)
    assert shard_of("3/16") == (3, 16)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["in", "-o", "out", "--worker-memory", "much"], 2),
        (["in", "-o", "out", "--address", "ray://x"], 2),
        (["nothing", "-o", "out"], 3),
    ],
)
def test_failures_have_their_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["batch", *arguments])
    assert ended.value.code == code
