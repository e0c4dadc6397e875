"""Labelled images, one after the other, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One labelled image.

    Attributes:
        name: within the collection.
        label: as it stands there; see :mod:`hwr.evaluation.labels`.
        writer: who wrote it; empty where that isn't known.
        read: gives the image, whatever :func:`hwr.pictures.loading.load_image` takes; may raise :class:`InputError`.
        error: why it can't be used; then there is no image.
    """

    name: str
    label: str = ""
    read: Callable[[], Any] = lambda: None
    error: str = ""
    writer: str = ""


@dataclass(frozen=True)
class Collection:
    """Labelled images.

    Attributes:
        name: for people.
        total: how many entries there are; None where only the end will tell.
        labels: the different labels, as far as they are known before anything is read.
        entries: gives them in order; to be called once.
    """

    name: str
    total: int | None
    labels: frozenset[str]
    entries: Callable[[], Iterator[Entry]]
