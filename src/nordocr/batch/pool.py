"""A pool of worker processes that may die, hang or grow: each is given up alone, and its documents come back.

Every worker has a pipe of its own, so that one that is killed in the middle of a message harms no other. The pool has
no thread: whoever owns it calls :meth:`Pool.events` in a loop.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final

from nordocr.batch.tasks import Finished, PageRead, Ready, Refused, Task, WorkerSettings, error_of
from nordocr.batch.worker import work
from nordocr.errors import EngineUnavailable
from nordocr.results import Engine

# Workers that end before they are ready, one after the other, before the pool gives up.
_FALSE_STARTS: Final = 3
# Share of the memory ceiling from which a worker takes no more documents.
_FULL: Final = 0.8


@dataclass(frozen=True)
class Lost:
    """A task ended with its worker.

    Attributes:
        task: The task.
        alone: No other document was in the worker's hands, so this one is to blame.
        late: The worker was killed because a task of it took longer than it may: this one where ``alone``.
    """

    task: Task
    alone: bool
    late: bool = False


Event = PageRead | Finished | Lost


@dataclass(eq=False)
class _Member:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    leaving: bool = False
    alone: bool = False
    tasks: dict[int, tuple[Task, float]] = field(default_factory=dict)
    memory: int = 0


class Pool:
    """Worker processes, started with the spawn method on every system.

    Args:
        settings: What every worker is told.
        workers: How many.
        memory: Bytes that a worker may hold; it is replaced, between documents, before it grows past that. None for no
            ceiling.
    """

    def __init__(self, settings: WorkerSettings, workers: int, memory: int | None = None) -> None:
        self.settings = settings
        self.engine: Engine | None = None
        self.replaced = 0
        self._context = multiprocessing.get_context("spawn")
        self._memory = memory
        self._false_starts = 0
        self._woken, self._waker = self._context.Pipe(duplex=False)
        self._members = [self._spawned() for _ in range(workers)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def in_hand(self) -> int:
        """Tasks that have been started and have not ended."""
        return sum(len(member.tasks) for member in self._members)

    @property
    def ready(self) -> int:
        """Workers that have opened their recogniser."""
        return sum(member.ready for member in self._members)

    def pids(self) -> list[int]:
        """The workers' process ids."""
        return [member.process.pid for member in self._members if member.process.pid is not None]

    def memory(self) -> int:
        """Bytes that the workers held when they last told."""
        return sum(member.memory for member in self._members)

    def room(self, *, alone: bool = False, reserve: bool = False) -> bool:
        """Whether a task can be started now.

        Args:
            alone: It shall be its worker's only one.
            reserve: Keep one worker free of further tasks, so that it is soon idle.
        """
        return self._choice(alone, reserve) is not None

    def start(self, task: Task, *, alone: bool = False, reserve: bool = False) -> None:
        """Hand a task to the worker that has least to do. Call only where there is :meth:`room`."""
        member = self._choice(alone, reserve)
        if member is None:
            raise RuntimeError("no worker has room for a task")
        member.tasks[task.number] = (task, time.monotonic())
        member.alone = alone
        with contextlib.suppress(OSError):  # it is dead: events() will say so
            member.connection.send(task)

    def events(self, timeout: float) -> list[Event]:
        """Wait until something happens, ``timeout`` seconds at most, and return what did.

        Raises:
            NordocrError: No worker can open its recogniser.
            EngineUnavailable: Workers die before they are ready.
        """
        found: list[Event] = []
        watched = {member.connection: member for member in self._members}
        for connection in wait([self._woken, *watched], timeout):
            if connection is self._woken:
                self._woken.recv_bytes()
            else:
                found += self._received(watched[connection])  # type: ignore[index]
        found += self._overdue()
        return found

    def wake(self) -> None:
        """Let :meth:`events` return at once. The only method that another thread may call, one at a time."""
        self._waker.send_bytes(b"x")

    def close(self, *, kill: bool = False) -> None:
        """End the workers: after what they have in hand, or at once."""
        for member in self._members:
            if kill:
                member.process.kill()
            else:
                with contextlib.suppress(OSError):
                    member.connection.send(None)
        for member in self._members:
            member.process.join()
            member.connection.close()
        self._members = []
        self._woken.close()
        self._waker.close()

    def _choice(self, alone: bool, reserve: bool) -> _Member | None:
        able = [m for m in self._members if m.ready and not m.leaving]
        if reserve and able:
            able.remove(min(able, key=lambda member: len(member.tasks)))
        most = 1 if alone else self.settings.at_once
        able = [m for m in able if not m.alone and len(m.tasks) < most]
        return min(able, key=lambda member: len(member.tasks), default=None)

    def _spawned(self) -> _Member:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, self.settings), name="nordocr-worker")
        process.start()
        theirs.close()  # so that the worker's end closes with the worker
        return _Member(process, ours)

    def _received(self, member: _Member) -> Iterator[Event]:
        try:
            message = member.connection.recv()
        except (EOFError, OSError):
            yield from self._buried(member)
            return
        if isinstance(message, Ready):
            member.ready, self._false_starts = True, 0
            self.engine = message.engine
        elif isinstance(message, Refused):
            raise error_of(message.error_class, message.error)
        elif isinstance(message, Finished):
            member.tasks.pop(message.number, None)
            member.alone = False
            member.memory = message.memory
            if self._memory is not None and message.memory > _FULL * self._memory:
                member.leaving = True
            if member.leaving and not member.tasks:
                self._retire(member)
            yield message
        else:
            yield message

    def _buried(self, member: _Member, *, late: int | None = None) -> Iterator[Lost]:
        """Replace a worker that is dead, and give its tasks back."""
        member.process.join()
        member.connection.close()
        if not member.ready:
            self._false_starts += 1
            if self._false_starts >= _FALSE_STARTS:
                raise EngineUnavailable(
                    f"Worker processes end before they are ready (exit status {member.process.exitcode})."
                )
        self._replace(member)
        for number, (task, _) in member.tasks.items():
            if late is None:
                yield Lost(task, alone=len(member.tasks) == 1)
            else:
                yield Lost(task, alone=number == late, late=True)

    def _overdue(self) -> Iterator[Lost]:
        now = time.monotonic()
        for member in list(self._members):
            for number, (task, started) in member.tasks.items():
                if task.limit is not None and now - started > task.limit:
                    member.process.kill()
                    yield from self._buried(member, late=number)
                    break

    def _retire(self, member: _Member) -> None:
        with contextlib.suppress(OSError):
            member.connection.send(None)
        member.process.join()
        member.connection.close()
        self._replace(member)

    def _replace(self, member: _Member) -> None:
        self._members[self._members.index(member)] = self._spawned()
        self.replaced += 1
