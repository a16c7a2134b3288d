"""Ask a vision-language model about every crop once, many at a time, and keep the answers as they come."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.referee.answer import Answer, AnswerKind, clean_answer
from nordocr.evaluate.referee.cache import AnswerCache
from nordocr.evaluate.referee.client import AnswerFailed, VlmClient


class RefereeCounts(BaseModel):
    """What became of the questions.

    Attributes:
        model: The model that was asked.
        prompt: The question.
        regions: ``texts`` + ``empty`` + ``refusals`` + ``failed``.
        texts: Regions with a transcription.
        empty: Regions where the model sees no text.
        refusals: Regions that the model refuses to read.
        failed: Regions without an answer.
        asked: Crops asked about over the network in this run.
        cached: Crops answered from disk.
        retries: Questions that were asked again.
        removed: What was removed around texts, by kind.
        failures: Reasons for missing answers, with their counts.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    prompt: str
    regions: int = 0
    texts: int = 0
    empty: int = 0
    refusals: int = 0
    failed: int = 0
    asked: int = 0
    cached: int = 0
    retries: int = 0
    removed: dict[str, int] = {}
    failures: dict[str, int] = {}


@dataclass(frozen=True)
class Progress:
    """How far the questions are.

    Attributes:
        done: Crops that are done.
        total: Different crops.
        cached: Crops answered from disk, which cost nothing.
    """

    done: int
    total: int
    cached: int


def judge(
    crops: Sequence[bytes],
    client: VlmClient,
    cache: AnswerCache,
    *,
    workers: int = 8,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[list[Answer | None], RefereeCounts]:
    """Ask about each crop.

    Equal crops are asked about once. An answer is on disk before it counts as done; failures are not kept, so that a
    rerun asks again.

    Args:
        crops: PNG files.
        client: Asks the model.
        cache: Holds the answers.
        workers: Questions in flight at one time.
        on_progress: Told after each answer.

    Returns:
        The answers in the order of ``crops``, None where there is none, and what became of the questions.

    Raises:
        EngineUnavailable: Asking is in vain for all crops; answers until then are kept.
        OutputUnwritable: The cache cannot be written.
    """
    keys = [cache.key(png) for png in crops]
    wanted = dict(zip(keys, crops, strict=True))
    raw = {key: client.scrubbed(held) for key in wanted if (held := cache.get(key)) is not None}
    cached, failures = len(raw), Counter[str]()
    counts = RefereeCounts(model=client.settings.model, prompt=client.settings.prompt, regions=len(crops))
    lock = threading.Lock()

    def tell() -> None:
        if on_progress is not None:
            on_progress(Progress(len(raw) + failures.total(), len(wanted), cached))

    def one(key: str, png: bytes) -> None:
        try:
            answer = client.ask(png)
        except AnswerFailed as failure:
            with lock:
                failures[str(failure)] += 1
                tell()
            return
        cache.put(key, answer)
        with lock:
            raw[key] = answer
            tell()

    tell()
    _in_parallel(one, [(key, png) for key, png in wanted.items() if key not in raw], workers)
    answers = [clean_answer(raw[key]) if key in raw else None for key in keys]
    counts.asked, counts.cached, counts.retries = len(raw) - cached, cached, client.retries
    counts.failures = dict(failures.most_common())
    _count(counts, answers)
    return answers, counts


def _in_parallel(one: Callable[[str, bytes], None], waiting: Sequence[tuple[str, bytes]], workers: int) -> None:
    """Run all; after the first exception, which is raised, nothing new is begun."""
    if not waiting:
        return
    pool = ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="referee")
    try:
        futures: list[Future[None]] = [pool.submit(one, key, png) for key, png in waiting]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _count(counts: RefereeCounts, answers: Sequence[Answer | None]) -> None:
    kinds = Counter(answer.kind if answer is not None else None for answer in answers)
    counts.texts, counts.empty = kinds[AnswerKind.TEXT], kinds[AnswerKind.EMPTY]
    counts.refusals, counts.failed = kinds[AnswerKind.REFUSAL], kinds[None]
    removed = Counter(kind for answer in answers if answer is not None for kind in answer.removed)
    counts.removed = dict(sorted(removed.items()))
