"""How long a piece of work may take, and whether anybody still waits for it.

A server enters a :class:`Deadline` around what it does for a caller; the loops of everything that can take long call :func:`check`. Without
a deadline, as in a program of one's own, nothing is checked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from contextvars import ContextVar, Token
from typing import TypeVar

from hwr.errors import TimeUpError

T = TypeVar("T")


class Deadline:
    """When work must end. Use it with ``with``, as often as needed; the innermost one says how long.

    Args:
        seconds: from now on, by the clock.
        computing: seconds that a processor may work for it; None for as many as the clock allows. Where many wait for few processors, it
            is this that says how much was asked for.
        advice: what to do where that is too short, for the message.
    """

    def __init__(self, seconds: float, computing: float | None = None, advice: str = "Send less at a time.") -> None:
        self._ends = time.monotonic() + seconds
        self._seconds, self._computing, self._advice = seconds, computing, advice
        self._computed = 0.0
        self._since: dict[int, float] = {}  # of threads: what their clock said when they began
        self._stopped = threading.Event()
        self._outer: Deadline | None = None
        self._tokens: list[Token[Deadline | None]] = []

    def stop(self) -> None:
        """Nobody waits any more: the next check ends the work."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether nobody waits any more, for this work or that of which it is a part."""
        return self._stopped.is_set() or (self._outer is not None and self._outer.stopped)

    def check(self) -> None:
        """End the work if it must.

        Raises:
            TimeUpError: the time is over, or nobody waits any more.
        """
        if self.stopped:
            raise TimeUpError("This was stopped, since nobody waits for it any more.")
        if time.monotonic() > self._ends:
            raise TimeUpError(f"This took more than {self._seconds:g} seconds and was stopped. {self._advice}")
        if self._computing is not None:
            now = time.thread_time()
            if self._computed + now - self._since.setdefault(threading.get_ident(), now) > self._computing:
                raise TimeUpError(f"This took more than {self._computing:g} seconds of computing and was stopped. {self._advice}")

    def __enter__(self) -> Deadline:
        """Let :func:`check` look at this one."""
        self._outer = _current.get()
        self._tokens.append(_current.set(self))
        self._since[threading.get_ident()] = time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        """Let it look at the one before."""
        self._computed += time.thread_time() - self._since.pop(threading.get_ident())
        _current.reset(self._tokens.pop())

    def around(self, steps: Generator[T]) -> Iterator[T]:
        """The same steps, each taken inside the deadline, in whatever thread; who leaves them early stops the work."""
        with closing(steps):
            try:
                while True:
                    with self:
                        try:
                            step = next(steps)
                        except StopIteration:
                            return
                    yield step
            finally:
                self.stop()


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def check() -> None:
    """End the work if its deadline says so: call it in loops.

    Raises:
        TimeUpError: the time is over, or nobody waits any more.
    """
    if (deadline := _current.get()) is not None:
        deadline.check()
