"""Stands in for the package ``spaces`` of the Hub's machines: tasks run in a process of their own, as ZeroGPU runs them."""

import multiprocessing
from collections.abc import Callable
from typing import Any

_FORK = multiprocessing.get_context("fork")
TASKS: list[Callable[..., Any]] = []
"""All that were marked."""


def GPU(task: Callable[..., Any], *, duration: float) -> Callable[..., Any]:
    """As ``spaces.GPU``: arguments and result are pickled, an error comes back as its name alone."""
    TASKS.append(task)

    def run(*arguments: Any) -> Any:
        given, taken = _FORK.SimpleQueue(), _FORK.SimpleQueue()

        def work() -> None:
            try:
                taken.put((task(*given.get()), None))
            except BaseException as error:
                taken.put((None, type(error).__name__))

        process = _FORK.Process(target=work)
        process.start()
        given.put(arguments)
        process.join(60)
        assert process.exitcode == 0
        result, failed = taken.get()
        if failed:
            raise RuntimeError(failed)
        return result

    return run
