"""Things that are made when they are needed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hwr.system.later import Later


class Thing:
    colour = "red"


def test_it_is_made_when_something_is_asked_that_is_not_known():
    made = []

    def make() -> Thing:
        made.append(1)
        return Thing()

    later = Later(make, source="shelf")
    assert later.source == "shelf"
    assert not made
    assert later.colour == "red"
    assert later.made() is later.made()
    assert made == [1]
    with pytest.raises(AttributeError, match="weight"):
        _ = later.weight


def test_what_many_ask_for_at_once_is_made_once():
    barrier = threading.Barrier(8)
    made = []

    def ask(_: int) -> str:
        barrier.wait(timeout=10)
        return later.colour

    later = Later(lambda: made.append(1) or Thing())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["red"] * 8
    assert made == [1]


def test_what_failed_is_tried_again():
    results = iter([OSError("no"), Thing()])

    def make() -> Thing:
        if isinstance(result := next(results), OSError):
            raise result
        return result

    later = Later(make)
    with pytest.raises(OSError, match="no"):
        _ = later.colour
    assert later.colour == "red"
