"""One evaluation at a time, with one thread less than there are cores: whoever else wants something finds a core."""

import os
import threading
from collections.abc import Iterator

from hwr.system import deadline

SECONDS = 600
"""How long an evaluation may take."""
ADVICE = "Evaluate fewer images at a time."
THREADS = max(1, (os.cpu_count() or 1) - 1)
TOLD = 4
"""Visitors of whom one evaluates, and the others are told that they wait; further ones wait in Gradio's queue."""
_PATIENCE = 0.25
"""Seconds between two looks at whether somebody still waits."""


class Lane:
    """Lets one evaluation run at a time, whether a visitor or a program asked for it."""

    def __init__(self) -> None:
        self._taken = threading.Lock()

    def waited(self) -> Iterator[None]:
        """A step now and then, until it is the caller's turn; then :meth:`leave` must follow.

        Raises:
            TimeUpError: the caller's deadline is over, or it waits no more.
        """
        while not self._taken.acquire(timeout=_PATIENCE):
            deadline.check()
            yield

    def leave(self) -> None:
        """Let the next one in; from any thread."""
        self._taken.release()
