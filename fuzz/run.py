"""Fuzz nordocr's parsers, each for a while.

    python fuzz/run.py [TARGET...] [--seconds 60] [--engine atheris|hypothesis]

Without targets all of ``targets.py`` are run, one after the other, each in a process of its own. Inputs begin with
``fuzz/corpus/TARGET``. With atheris (``pip install "nordocr[fuzz]"``) they are guided by coverage, and what reaches new
code is kept in ``out/fuzz/TARGET`` for the next run; without it hypothesis draws them. An input that shows a defect is
written to ``out/fuzz``, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import logging
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Final

import targets

HERE: Final = Path(__file__).parent
OUT: Final = HERE.parent / "out" / "fuzz"
LARGEST: Final = 1 << 16
"""Bytes of an input."""

TOKENS: Final = (
    *(
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b'"x"',
        b"-1",
        b"0",
        b"1e999",
        b"NaN",
        b"9" * 5000,
        b'"\\ud800"',
        b"[" * 2000,
    ),
    *(b"\0", b"\t", b"\n", b"\r\n", b"\xff", b"\xef\xbb\xbf", b"&a", b"*a", b"<<: ", b"- ", b": ", b"\xed\xa0\x80"),
    *(b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\x7f\xff\xff\xff", b"\1\0\0\0", b"/Filter", b"/JBIG2Decode", b"stream\n"),
)


def seeds(name: str) -> list[bytes]:
    """The corpus of a target, at least one input."""
    return [path.read_bytes() for path in sorted((HERE / "corpus" / name).glob("*"))] or [b""]


def with_hypothesis(name: str, seconds: float) -> None:
    """Draw changes of the corpus until the time is over; a defect is raised after it was made as small as can be."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    call = targets.guarded(targets.TARGETS[name])
    piece = st.sampled_from(TOKENS) | st.binary(max_size=8)
    edits = st.lists(st.tuples(st.integers(0, LARGEST), st.integers(0, 40), piece), max_size=6)
    end, count, failing = time.monotonic() + seconds, 0, b""

    @settings(
        max_examples=500,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(seeds(name)) | st.binary(max_size=200), edits)
    def round_of(data: bytes, changes: list[tuple[int, int, bytes]]) -> None:
        nonlocal count, failing
        if time.monotonic() > end and not failing:
            return
        for place, length, token in changes:
            at = place % (len(data) + 1)
            data = data[:at] + token + data[at + length :]
        count += 1
        try:
            call(data[:LARGEST])
        except Exception:
            failing = data[:LARGEST]
            raise

    rounds = 0
    try:
        while time.monotonic() < end:
            seed(rounds)(round_of)()
            rounds += 1
    except Exception:
        _keep(name, failing)
        raise
    print(f"{name}: {count} inputs drawn by hypothesis, no defect")


def with_atheris(name: str, seconds: float) -> None:
    """Let libFuzzer choose inputs; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["nordocr"], enable_loader_override=False):
        call = targets.guarded(targets.TARGETS[name])
        call(seeds(name)[0])  # imports what the target needs
    kept, corpus = OUT / name, HERE / "corpus" / name
    kept.mkdir(parents=True, exist_ok=True)
    arguments = [sys.argv[0], f"-max_total_time={max(1, round(seconds))}", f"-artifact_prefix={OUT}/{name}-"]
    words = OUT / "tokens.dict"
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS if len(token) < 60), encoding="ascii")
    arguments += [f"-dict={words}"]
    arguments += [f"-max_len={LARGEST}", "-timeout=60", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([*arguments, str(kept), *([str(corpus)] if corpus.is_dir() else [])], call)
    atheris.Fuzz()


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


def _keep(name: str, data: bytes) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"{name}: a defect, kept in {path}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(targets.TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--engine", choices=("atheris", "hypothesis"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.targets or list(targets.TARGETS)
    unknown = [name for name in names if name not in targets.TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}")
    engine = options.engine or ("atheris" if importlib.util.find_spec("atheris") else "hypothesis")
    if options.here:
        warnings.simplefilter("ignore")
        logging.disable()
        {"atheris": with_atheris, "hypothesis": with_hypothesis}[engine](names[0], options.seconds)
        return 0
    failed = []
    for name in names:
        command = [sys.executable, __file__, name, "--seconds", str(options.seconds), "--engine", engine, "--here"]
        started = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        print(f"{name}: {engine}, {time.monotonic() - started:.0f} s, {'ok' if code == 0 else 'FAILED'}", flush=True)
        failed += [name] if code else []
    return int(bool(failed))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:
        traceback.print_exc()
        sys.exit(1)
