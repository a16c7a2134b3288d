"""Work done ahead of whoever takes it: an iterator that runs in a thread of its own, a few items in front."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Handed(Generic[T]):
    item: T


def run_ahead(make: Callable[[], Iterator[T]], ahead: int) -> Generator[T, None, None]:
    """The items of ``make()`` in their order, at most ``ahead`` of them begun before they are asked for.

    The iterator is made, advanced and closed in one thread, which begins with the first item that is asked for; what
    it raises is raised here, after the items before. Closing this generator stops the thread at the end of its item
    and waits for it. With ``ahead`` 0 there is no thread.
    """
    if ahead < 1:
        yield from make()
        return
    handed: SimpleQueue[_Handed[T] | BaseException | None] = SimpleQueue()
    # A slot is taken before an item is begun, not when it is done: so memory holds ``ahead`` items, not one more.
    slots = threading.Semaphore(ahead)
    stopped = threading.Event()

    def work() -> None:
        items: Iterator[T] | None = None
        try:
            items = make()
            while True:
                slots.acquire()
                if stopped.is_set():
                    break
                handed.put(_Handed(next(items)))
        except StopIteration:
            handed.put(None)
        except BaseException as error:  # whatever it is belongs to the one who asked
            handed.put(error)
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=work, name="nordocr-ahead", daemon=True)
    thread.start()
    try:
        while True:
            found = handed.get()
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            slots.release()
            yield found.item
            del found
    finally:
        stopped.set()
        slots.release()
        thread.join()
