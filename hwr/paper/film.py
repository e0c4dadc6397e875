"""Animations whose pictures are drawn when the encoder comes to them, so that one is in memory, not all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image

MOST_PIXELS = 60_000_000
"""Of all pictures of an animation together: what takes some seconds to encode."""


class Film(Image.Image):
    """Pictures of one size and mode, as Pillow sees a file that holds several; they can be gone through once.

    Args:
        frames: the pictures.
        count: how many they are, at least one.
    """

    def __init__(self, frames: Iterator[Image.Image], count: int) -> None:
        super().__init__()
        self.n_frames = count
        self.is_animated = count > 1
        self._frames = frames
        self._at = -1
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go to the next picture; the encoder's way back to the first is not taken.

        Raises:
            EOFError: there is no such picture.
        """
        if frame >= self.n_frames:
            raise EOFError
        while self._at < frame:
            shown = next(self._frames)
            self.im, self._mode, self._size, self.palette = shown.im, shown.mode, shown.size, shown.palette
            self._at += 1

    def tell(self) -> int:
        """Number of the picture that is shown, from 0."""
        return self._at


def save_film(target: BinaryIO, kind: str, frames: Iterator[Image.Image], milliseconds: list[int], **options: Any) -> None:
    """Encode pictures one after the other.

    Args:
        target: where to.
        kind: format, ``"webp"`` or ``"gif"``.
        frames: of one size and mode.
        milliseconds: how long each is shown.
        options: of the format.
    """
    Film(frames, len(milliseconds)).save(target, kind.upper(), save_all=True, duration=milliseconds, loop=0, **options)


def fitting(size: tuple[int, int], scale: float, most: float) -> float:
    """The scale at which a page is drawn: the one that is wished for, or one that gives so many pixels."""
    return min(scale, (most / (size[0] * size[1])) ** 0.5)
