"""Deadlines: work ends when its time is over or nobody waits, and only then."""

import math
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from hwr.errors import InputError, TimeUpError
from hwr.system import deadline
from hwr.system.deadline import Deadline


def busy() -> None:
    """Work without an end."""
    while True:
        deadline.check()
        sum(range(1000))


def test_without_a_deadline_nothing_is_checked():
    deadline.check()


@pytest.mark.parametrize("limits", [(0.05, None), (math.inf, 0.05)])
def test_work_ends_when_its_time_is_over(limits):
    with Deadline(*limits, advice="Send less."), pytest.raises(TimeUpError, match=r"more than 0\.05 seconds.*Send less\."):
        busy()
    deadline.check()


def test_the_end_is_no_fault_of_an_input():
    assert not issubclass(TimeUpError, InputError)


def test_the_innermost_says_how_long_and_every_one_can_stop():
    outer, inner = Deadline(0), Deadline(math.inf)
    with outer:
        with inner:
            deadline.check()
            outer.stop()
            with pytest.raises(TimeUpError, match="nobody waits"):
                deadline.check()
        with pytest.raises(TimeUpError):
            deadline.check()


def test_threads_that_take_a_part_of_the_work_see_its_deadline():
    limit = Deadline(math.inf)
    with ThreadPoolExecutor(1) as pool, limit:
        work = pool.submit(copy_context().run, busy)
        limit.stop()
        assert isinstance(work.exception(timeout=60), TimeUpError)


def test_steps_are_taken_inside_the_deadline_in_whatever_thread_and_end_with_it():
    seen = []

    def steps() -> Generator[int]:
        try:
            for number in range(10):
                deadline.check()
                seen.append(number)
                yield number
        finally:
            seen.append("left")

    limit = Deadline(math.inf)
    taken = limit.around(steps())
    with ThreadPoolExecutor(1) as pool:
        assert [next(taken), pool.submit(next, taken).result(), next(taken)] == [0, 1, 2]
    deadline.check()
    taken.close()
    assert seen == [0, 1, 2, "left"]
    assert limit.stopped
    stopped = Deadline(math.inf)
    taken = stopped.around(steps())
    next(taken)
    stopped.stop()
    with pytest.raises(TimeUpError):
        next(taken)
    assert list(Deadline(math.inf).around(letter for letter in "abc")) == ["a", "b", "c"]


def test_computing_is_what_one_thread_did_between_entering_and_leaving():
    limit = Deadline(math.inf, 0.2)

    def steps() -> Generator[None]:
        while True:
            sum(range(200_000))
            deadline.check()
            yield

    with pytest.raises(TimeUpError, match="of computing"):
        list(limit.around(steps()))
