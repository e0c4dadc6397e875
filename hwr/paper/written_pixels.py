"""A text written with pixels, as a result: pages, characters, and the files they come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from hwr.errors import InputError
from hwr.paper.film import MOST_PIXELS, fitting, save_film
from hwr.paper.report import PixelReport
from hwr.pictures.character import SIZE
from hwr.system import deadline


@dataclass(frozen=True, eq=False)
class Placed:
    """A sign on a page."""

    cover: np.ndarray  # uint8 (H, W), 255 for full ink
    x: int  # of its left upper corner
    y: int


@dataclass(frozen=True, eq=False)
class PixelText:
    """A text in handwriting.

    Attributes:
        pages: RGB pictures.
        glyphs: uint8 (N, 28, 28), the characters as the network drew them, ink 255 on 0; signs that it doesn't draw are not among them.
        report: see :class:`~hwr.paper.report.PixelReport`.
    """

    pages: tuple[Image.Image, ...]
    glyphs: np.ndarray
    report: PixelReport
    _placed: tuple[Placed, ...] = field(default=(), repr=False)
    _blank: Image.Image | None = field(default=None, repr=False)
    _ink: tuple[int, int, int] = (0, 0, 0)

    @property
    def image(self) -> Image.Image:
        """The first page."""
        return self.pages[0]

    def save(self, path: str | Path) -> list[Path]:
        """Write the pages as pictures: ``a.png``, and if there are more ``a-2.png``, ``a-3.png`` ...; a PDF holds all pages.

        Raises:
            InputError: the folder isn't there or can't be written, or Pillow doesn't know the ending.
        """
        path = Path(path)
        try:
            if path.suffix.lower() == ".pdf":
                self.pages[0].save(path, save_all=True, append_images=list(self.pages[1:]))
                return [path]
            paths = [path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in range(1, len(self.pages) + 1)]
            for page, name in zip(self.pages, paths, strict=True):
                page.save(name)
            return paths
        except (OSError, ValueError) as error:
            raise InputError(f"The picture can't be written to {path}: {error}") from error

    def animation(self, path: str | Path, *, milliseconds: int = 90, max_width: int = 720) -> Path:
        """Write the first page as it is drawn, row by row of all characters at once, as animated WebP or GIF (by the ending).

        Args:
            path: of the file.
            milliseconds: each row is shown.
            max_width: larger pages are made smaller.

        Raises:
            InputError: the file can't be written.
        """
        times = [milliseconds] * SIZE + [2500]
        path = Path(path)
        try:
            with path.open("wb") as file:
                save_film(file, path.suffix.lstrip("."), self._frames(max_width), times)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"The animation can't be written to {path}: {error}") from error
        return path

    def _frames(self, max_width: int) -> Iterator[Image.Image]:
        """The first page after each row."""
        assert self._blank is not None
        size = self._blank.size
        scale = fitting(size, min(1.0, max_width / size[0]), MOST_PIXELS / (SIZE + 1))
        for row in range(SIZE + 1):
            deadline.check()
            page = np.asarray(self._blank).copy()
            for placed in self._placed:
                shown = round(len(placed.cover) * row / SIZE)
                lay_ink(page, Placed(placed.cover[:shown], placed.x, placed.y), self._ink)
            frame = Image.fromarray(page)
            if scale < 1:
                frame = frame.resize((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))), Image.Resampling.LANCZOS)
            yield frame


def lay_ink(page: np.ndarray, placed: Placed, colour: tuple[int, int, int]) -> None:
    """Lay ink on a page, uint8 (H, W, 3), in place; what lies outside is cut off."""
    top, left = max(0, placed.y), max(0, placed.x)
    part = page[top : max(top, placed.y + placed.cover.shape[0]), left : max(left, placed.x + placed.cover.shape[1])]
    cover = placed.cover[top - placed.y :, left - placed.x :][: part.shape[0], : part.shape[1], None] / 255.0
    part[:] = (part * (1 - cover) + np.asarray(colour) * cover).round().astype(np.uint8)
