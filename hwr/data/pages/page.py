"""A composed page: its picture, and what is written where."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

SHRINK = 4
"""Pixels of the picture to a pixel of the masks, in either direction."""
MASKS = ("writing", "print", "rule")
"""What the masks show, in their order."""


@dataclass(frozen=True, eq=False)
class PageWord:
    """A word on a page.

    Attributes:
        text: what it says.
        polygon: float32 (M, 2), around its ink, in pixels of the picture.
    """

    text: str
    polygon: np.ndarray


@dataclass(frozen=True, eq=False)
class PageLine:
    """A line of writing on a page.

    Attributes:
        text: what it says; words that are crossed out are left away.
        baseline: float32 (N, 2), along the writing, in pixels of the picture.
        polygon: float32 (M, 2), around the line's ink: above the baseline with the writing, then below against it.
        core: height of small letters in pixels of the picture.
        words: in the order of the text.
        column: number of its column, from 0; a note in a corner is the last one.
    """

    text: str
    baseline: np.ndarray
    polygon: np.ndarray
    core: float
    words: tuple[PageWord, ...]
    column: int = 0


@dataclass(frozen=True, eq=False)
class Page:
    """A picture of a page with its truth.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        lines: in reading order: column after column, each from top to bottom.
        masks: uint8 (3, ceil(H / 4), ceil(W / 4)), 0 to 255: how much there is of :data:`MASKS`.
        kind: of :data:`hwr.data.pages.composing.KINDS`.
        camera: of :data:`hwr.data.pages.camera.CAMERAS`.
        turned: quarter turns, counterclockwise, by which the picture lies: 0 to 3.
    """

    image: np.ndarray
    lines: tuple[PageLine, ...]
    masks: np.ndarray
    kind: str
    camera: str
    turned: int = 0

    def turn(self, quarters: int) -> "Page":
        """The page turned counterclockwise by quarters, with its truth."""
        quarters %= 4
        height, width = self.image.shape[:2]

        def turned(points: np.ndarray) -> np.ndarray:
            x, y = points[:, 0], points[:, 1]
            corners = ((x, y), (y, width - x), (width - x, height - y), (height - y, x))
            return np.stack(corners[quarters], axis=1).astype(np.float32)

        return replace(
            self,
            image=np.ascontiguousarray(np.rot90(self.image, quarters)),
            masks=np.ascontiguousarray(np.rot90(self.masks, quarters, axes=(1, 2))),
            lines=moved_lines(self.lines, turned),
            turned=(self.turned + quarters) % 4,
        )

    def shrunk(self, by: int) -> "Page":
        """The page as seen from so many times as far away, with its truth."""
        height, width = (max(1, side // by) for side in self.image.shape[:2])
        rows, columns = -(-height // SHRINK), -(-width // SHRINK)
        scale = np.array([width / self.image.shape[1], height / self.image.shape[0]])
        return replace(
            self,
            image=cv2.resize(self.image, (width, height), interpolation=cv2.INTER_AREA),
            masks=np.stack([cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA) for mask in self.masks]),
            lines=moved_lines(self.lines, lambda points: (points * scale).astype(np.float32), 1 / by),
        )


def moved_lines(lines: tuple[PageLine, ...], move: Callable[[np.ndarray], np.ndarray], scale: float = 1.0) -> tuple[PageLine, ...]:
    """Lines whose points went through ``move``, an array (N, 2) to another, and whose letters are so many times as high."""
    return tuple(
        replace(
            line,
            baseline=move(line.baseline),
            polygon=move(line.polygon),
            core=line.core * scale,
            words=tuple(replace(word, polygon=move(word.polygon)) for word in line.words),
        )
        for line in lines
    )
