"""ZeroGPU, graphics cards that Spaces borrow for a minute at a time: what is heavy runs on one there; nothing is different elsewhere.

Reading and writing take fractions of a second on a processor, less than a card takes to come; evaluating thousands of pictures doesn't.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextvars import Context
from functools import partial
from typing import Any, TypeVar

from hwr.errors import InputError
from hwr.ui.guard import sentence

SECONDS = 60
"""For how long a card is asked for."""

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


def on_gpu(heavy: Callable[..., Result]) -> Callable[..., Result]:
    """A function that runs with a graphics card on a Space with ZeroGPU, and on the processor where there is none, or none to be had.

    Args:
        heavy: ``heavy(device, *arguments)``. With a card it runs in a process forked from this one: arguments and result are pickled.
    """
    if os.environ.get("SPACES_ZERO_GPU", "").lower() not in ("1", "t", "true"):
        return partial(heavy, "cpu")
    import spaces  # ty: ignore[import-not-found]  (which is there, and only there)

    def attempt(*arguments: Any) -> tuple[Any, str | None]:
        try:
            # The process serves others later, for whom the deadline of its first caller doesn't count.
            return Context().run(heavy, "auto", *arguments), None
        except Exception as error:  # of which ZeroGPU would keep no more than the name
            return None, sentence(error)

    marked = spaces.GPU(attempt, duration=SECONDS)

    def run(*arguments: Any) -> Result:
        try:
            result, refused = marked(*arguments)
        except Exception as error:  # no card is free, the caller's share is used up, or the time was too short
            logger.warning("ZeroGPU: %s. The processor does it.", error)
            return heavy("cpu", *arguments)
        if refused is not None:
            raise InputError(refused)
        return result

    return run
