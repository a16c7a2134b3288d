"""Work ahead of whoever takes it: how far, in which order, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from nordocr.pipeline.ahead import run_ahead


class Begun:
    """Counts the items that were begun; ``reached(n)`` waits for the n-th."""

    def __init__(self, count: int) -> None:
        self.events = [threading.Event() for _ in range(count)]
        self.closed = threading.Event()
        self.threads: set[str] = set()

    def items(self) -> Iterator[int]:
        try:
            for number, event in enumerate(self.events):
                self.threads.add(threading.current_thread().name)
                event.set()
                yield number
        finally:
            self.threads.add(threading.current_thread().name)
            self.closed.set()

    def reached(self, number: int, seconds: float = 30.0) -> bool:
        return self.events[number - 1].wait(seconds)


@pytest.mark.parametrize("ahead", [1, 2, 3])
def test_so_many_items_are_begun_and_not_one_more(ahead: int) -> None:
    begun = Begun(10)
    items = run_ahead(begun.items, ahead)
    for taken in range(1, 4):
        assert next(items) == taken - 1
        assert begun.reached(taken + ahead)
        assert not begun.reached(taken + ahead + 1, 0.15)
    items.close()
    assert begun.closed.is_set()
    assert not begun.reached(3 + ahead + 1, 0.0)


@pytest.mark.parametrize("ahead", [0, 1, 5])
def test_all_items_come_in_order(ahead: int) -> None:
    begun = Begun(20)
    assert list(run_ahead(begun.items, ahead)) == list(range(20))
    assert begun.closed.wait(30)
    assert begun.threads == ({"MainThread"} if ahead == 0 else {"nordocr-ahead"})


@pytest.mark.parametrize("ahead", [0, 2])
def test_nothing_is_begun_before_the_first_is_asked_for(ahead: int) -> None:
    begun = Begun(1)
    items = run_ahead(begun.items, ahead)
    assert not begun.reached(1, 0.05)
    assert next(items) == 0


@pytest.mark.parametrize("ahead", [0, 1, 3])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_comes_after_the_items_before_it(ahead: int, kind: type[BaseException]) -> None:
    def items() -> Iterator[int]:
        yield 0
        yield 1
        raise kind("third")

    taken = []
    with pytest.raises(kind, match="third"):
        for item in run_ahead(items, ahead):
            taken.append(item)
    assert taken == [0, 1]


def test_what_can_be_closed_is_closed_in_its_thread_and_what_cannot_is_left() -> None:
    class Items:
        closed = ""

        def __iter__(self) -> Iterator[int]:
            return self

        def __next__(self) -> int:
            return 7

        def close(self) -> None:
            Items.closed = threading.current_thread().name

    items = run_ahead(lambda: Items(), 1)
    assert next(items) == 7
    items.close()
    assert Items.closed == "nordocr-ahead"
    assert list(run_ahead(lambda: iter([1, 2]), 1)) == [1, 2]


def test_an_error_in_making_the_iterator_is_raised_too() -> None:
    def broken() -> Iterator[int]:
        raise ValueError("no file")

    with pytest.raises(ValueError, match="no file"):
        next(run_ahead(broken, 2))


def test_leaving_off_waits_for_the_thread() -> None:
    before = threading.active_count()
    items = run_ahead(Begun(100).items, 2)
    next(items)
    assert threading.active_count() == before + 1
    items.close()
    assert threading.active_count() == before
