"""Things that take long to make, made when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Later:
    """Stands for something that is made when the first of its attributes is asked for. Thread-safe.

    Args:
        make: makes it; called once, or again if it raised.
        known: attributes that are known before.
    """

    def __init__(self, make: Callable[[], Any], **known: Any) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Any = None
        vars(self).update(known)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made(), name)

    def made(self) -> Any:
        """The thing itself."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return self._made
