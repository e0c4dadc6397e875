"""A text written with a pen, as a result: strokes and letters on a page, and all the files that can be made of them."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageColor

from hwr.errors import InputError
from hwr.ink.files import printable, smoothed, timed, to_inkml
from hwr.ink.motion import shares_of, times_of
from hwr.ink.rendering import render
from hwr.paper.film import MOST_PIXELS, fitting, save_film
from hwr.paper.outlines import coloured, hex_of, outline, path_data
from hwr.paper.report import InkReport
from hwr.system import deadline

MAX_PIXELS = 60_000_000
SAVED_PIXELS = 16_000_000
"""Of a picture that is saved without saying how large."""
_EASING = 0.04
"""Seconds from stop to stop of the CSS easing of a stroke."""
_FRAMES = 90
"""Most pictures of an animation; a long text is written faster."""


@dataclass(frozen=True)
class InkLetter:
    """Where a letter stands on the page.

    Attributes:
        char: as it was written.
        position: index in the text that was given.
        line: number of the line of writing, from 0.
        box: x0, y0, x1, y1 of its ink.
    """

    char: str
    position: int
    line: int
    box: tuple[float, float, float, float]

    def export(self) -> dict[str, Any]:
        """JSON-able data."""
        return {"char": self.char, "position": self.position, "line": self.line, "box": [round(value, 2) for value in self.box]}


@dataclass(frozen=True, eq=False)
class Ink:
    """A text in handwriting. Lengths are in pixels, y grows downwards.

    Attributes:
        strokes: float32 arrays (N, 2) in the order of writing; the dots and bars of a word come last. One point is a dot.
        letters: in the order of the text.
        report: see :class:`InkReport`.
        size: width and height of the page.
        text: that was given.
        core: height of small letters.
        stroke_width: of the pen.
        ink_color: ``#rrggbb``.
        paper_color: ``#rrggbb``.
        rules: lines printed on the paper, ``(x0, y0, x1, y1)``.
        pressure: 0 to 1: how much broader the pen draws downwards than upwards, and how pointed strokes end. 0: always of one width.
    """

    strokes: list[np.ndarray]
    letters: tuple[InkLetter, ...]
    report: InkReport
    size: tuple[int, int]
    text: str
    core: float
    stroke_width: float
    ink_color: str
    paper_color: str
    rules: tuple[tuple[float, float, float, float], ...] = field(default=(), repr=False)
    pressure: float = 0.0

    # --- vectors ---

    def to_svg(self, *, single_line: bool = False) -> str:
        """An SVG document with one smooth path per stroke (Catmull-Rom splines as Bézier curves; with pressure, its filled outline).

        Args:
            single_line: for pen plotters: nothing but hairlines, no paper, in the order of writing; 96 pixels are an inch.
        """
        before, paths, after = self.svg_parts(single_line=single_line)
        return before + "\n".join(paths) + after

    def svg_parts(self, *, single_line: bool = False) -> tuple[str, list[str], str]:
        """The document of :meth:`to_svg` in parts: what stands before the strokes, a path for each, and what stands behind them."""
        after = "\n</g>\n</svg>\n"
        if self.pressure and not single_line:
            strokes = [smoothed(stroke, 0.1 * self.core) for stroke in self.strokes]
            shapes = [f'<path d="{outline(stroke, self._widths(stroke))}"/>' for stroke in strokes]
            return f'{self._opening()}{self._paper()}<g fill="{self.ink_color}">\n', shapes, after
        width = 0.5 if single_line else self.stroke_width
        before = (
            f"{self._opening()}{'' if single_line else self._paper()}"
            f'<g fill="none" stroke="{self.ink_color}" stroke-width="{width:.2f}" stroke-linecap="round" stroke-linejoin="round">\n'
        )
        return before, [f'<path d="{path_data(stroke)}"/>' for stroke in self.strokes], after

    def to_animated_svg(self, *, speed: float = 1.0) -> str:
        """An SVG document that writes itself, by CSS alone, with a pen of one width that moves as a hand does (:mod:`hwr.ink.motion`).

        Args:
            speed: 1 is that of a hand.

        Raises:
            InputError: a speed that is not above 0.
        """
        _check_speed(speed)
        paths = []
        for stroke, times in zip(self.strokes, self.times, strict=True):
            start, duration = times[0] / speed, (times[-1] - times[0]) / speed
            style = f"animation-delay:{start:.3f}s;animation-duration:{max(duration, 0.01):.3f}s"
            if (stops := int(min(np.ceil((times[-1] - times[0]) / _EASING), 32))) > 1:
                shares = np.interp(np.linspace(times[0], times[-1], stops + 1)[1:-1], times, shares_of(stroke))
                style += f";animation-timing-function:linear(0,{','.join(f'{share:.3g}' for share in shares)},1)"
            paths.append(f'<path pathLength="1" d="{path_data(stroke)}" style="{style}"/>')
        return (
            f"{self._opening()}"
            "<style>.ink path{stroke-dasharray:1 2;stroke-dashoffset:1.01;opacity:0;"
            "animation:write linear both}"
            "@keyframes write{from{stroke-dashoffset:1.01;opacity:1}to{stroke-dashoffset:0;opacity:1}}"
            "@media (prefers-reduced-motion:reduce){.ink path{animation:none;stroke-dashoffset:0;opacity:1}}</style>\n"
            f"{self._paper()}"
            f'<g class="ink" fill="none" stroke="{self.ink_color}" stroke-width="{self.stroke_width:.2f}" stroke-linecap="round" '
            'stroke-linejoin="round">\n' + "\n".join(paths) + "\n</g>\n</svg>\n"
        )

    def to_json(self) -> str:
        """``size, strokes, letters, text, report`` as a JSON document; strokes are lists of points [x, y, t], t in milliseconds."""
        return json.dumps(self.export(), ensure_ascii=False)

    def to_inkml(self) -> str:
        """An InkML document with a trace per stroke, of channels X, Y and T (milliseconds)."""
        return to_inkml(self.strokes, self.text, self.times)

    def export(self) -> dict[str, Any]:
        """JSON-able data."""
        return {
            "text": self.text,
            "size": list(self.size),
            "core": round(self.core, 2),
            "stroke_width": round(self.stroke_width, 2),
            "pressure": round(self.pressure, 2),
            "strokes": timed(self.strokes, self.times),
            "letters": [letter.export() for letter in self.letters],
            "report": self.report.export(),
        }

    def _opening(self) -> str:
        width, height = self.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
            f"<title>{html.escape(printable(self.text[:1000]))}</title>\n"
        )

    def _paper(self) -> str:
        width, height = self.size
        lines = "".join(f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" for x0, y0, x1, y1 in self.rules)
        printed = f'<path d="{lines}" fill="none" stroke="{hex_of(self._rule_colour)}" stroke-width="1"/>\n' if lines else ""
        return f'<rect width="{width}" height="{height}" fill="{self.paper_color}"/>\n{printed}'

    @property
    def _rule_colour(self) -> tuple[int, int, int]:
        """Of print on the paper: bluish, and a little darker than light paper or lighter than dark paper."""
        red, green, blue = ImageColor.getrgb(self.paper_color)[:3]
        if red + green + blue < 380:
            return min(255, red + 60), min(255, green + 65), min(255, blue + 75)
        return round(0.80 * red), round(0.87 * green), round(0.95 * blue)

    # --- pictures ---

    def to_image(self, *, scale: float = 1.0) -> Image.Image:
        """A picture of the page, RGB.

        Args:
            scale: pixels of the picture to those of the page.

        Raises:
            InputError: the picture would be too large, or has no size.
        """
        self._check_scale(scale)
        return Image.fromarray(self._inked(self._sheet(scale), slice(None), scale))

    def to_animation(self, format: str = "webp", *, speed: float = 1.0, max_width: int = 720) -> bytes:
        """The pen writing, as an animated WebP or GIF.

        Args:
            format: ``"webp"`` or ``"gif"``.
            speed: 1 is that of a hand; a long text is written faster.
            max_width: larger pages are made smaller, and very long ones more so.

        Returns:
            The file.

        Raises:
            InputError: an argument that can't be used.
        """
        if format not in ("webp", "gif"):
            raise InputError("An animation is written as webp or gif.")
        _check_speed(speed)
        end = float(self.times[-1][-1]) if self.times else 0.0
        whole = end / speed
        count = int(np.clip(whole / 0.05, 2, _FRAMES))
        scale = fitting(self.size, min(1.0, max_width / self.size[0]), MOST_PIXELS / count)
        frames = self._frames(np.linspace(0, end, count), scale)
        interval = int(np.clip(1000 * whole / count, 30, 80))
        options: dict[str, Any] = {"quality": 80} if format == "webp" else {"disposal": 1}
        if format == "gif":
            palette = self.to_image(scale=scale).quantize(32)
            frames = (frame.quantize(32, palette=palette, dither=Image.Dither.NONE) for frame in frames)
        buffer = BytesIO()
        save_film(buffer, format, frames, [interval] * (count - 1) + [2500], **options)
        return buffer.getvalue()

    def _frames(self, moments: np.ndarray, scale: float) -> Iterator[Image.Image]:
        """The page at some moments, in seconds of the pen's time."""
        page = self._sheet(scale)
        done = 0
        for moment in moments:
            deadline.check()
            finished = done
            while finished < len(self.times) and self.times[finished][-1] <= moment:
                finished += 1
            page = self._inked(page, slice(done, finished), scale)
            done = finished
            frame = page
            if done < len(self.times) and self.times[done][0] < moment:
                share = float(np.interp(moment, self.times[done], shares_of(self.strokes[done])))
                frame = self._inked(page, slice(done, done + 1), scale, share)
            yield Image.fromarray(frame)

    def save(self, path: str | Path, *, single_line: bool = False) -> Path:
        """Write a file of the kind that its name ends in: svg, png, webp or gif (animated), json, inkml, or another picture format.

        Pictures have two pixels to one of the page, those of long pages fewer.

        Args:
            path: of the file.
            single_line: of an SVG file, see :meth:`to_svg`.

        Raises:
            InputError: it can't be written.
        """
        path = Path(path).expanduser()
        kind = path.suffix.lower().lstrip(".")
        try:
            if kind in ("webp", "gif"):
                path.write_bytes(self.to_animation(kind))
            elif kind == "svg":
                path.write_text(self.to_svg(single_line=single_line), encoding="utf-8")
            elif kind in ("json", "inkml"):
                path.write_text(self.to_json() if kind == "json" else self.to_inkml(), encoding="utf-8")
            else:
                self.to_image(scale=fitting(self.size, 2.0, SAVED_PIXELS)).save(path)
        except (OSError, ValueError) as error:
            raise InputError(f"The ink can't be written to {path}: {error}") from error
        return path

    def _check_scale(self, scale: float) -> None:
        if not 0 < scale < 100 or self.size[0] * self.size[1] * scale * scale > MAX_PIXELS or min(self.size) * scale < 1:
            raise InputError("The picture would be too large or too small: choose another scale, or write less at a time.")

    @cached_property
    def times(self) -> list[np.ndarray]:
        """When the pen is where: for each stroke the seconds of its points, float64 (N,); see :func:`hwr.ink.motion.times_of`."""
        return times_of(self.strokes, self.core)

    @cached_property
    def _smooth(self) -> list[np.ndarray]:
        return [smoothed(stroke, 0.06 * self.core) for stroke in self.strokes]

    @cached_property
    def _smooth_widths(self) -> list[np.ndarray]:
        return [self._widths(stroke) for stroke in self._smooth]

    def _sheet(self, scale: float) -> np.ndarray:
        """Empty paper, uint8 (H, W, 3)."""
        width, height = (max(1, round(length * scale)) for length in self.size)
        page = np.empty((height, width, 3), np.uint8)
        page[:] = ImageColor.getrgb(self.paper_color)[:3]
        if self.rules:
            lines = [np.array([[x0, y0], [x1, y1]], np.float32) * scale for x0, y0, x1, y1 in self.rules]
            page = coloured(page, 255 - render(lines, (width, height), max(1.0, scale)), self._rule_colour)
        return page

    def _inked(self, page: np.ndarray, shown: slice, scale: float, share: float = 1.0) -> np.ndarray:
        """The page, uint8 (H, W, 3), with some strokes drawn on it; of each the beginning, so much of it."""
        if not self._smooth[shown]:
            return page
        height, width = page.shape[:2]
        strokes = [stroke[: max(1, round(len(stroke) * share))] * np.float32(scale) for stroke in self._smooth[shown]]
        pen: float | list[np.ndarray] = self.stroke_width * scale
        if self.pressure:
            pen = [widths[: len(stroke)] * scale for widths, stroke in zip(self._smooth_widths[shown], strokes, strict=True)]
        cover = 255 - render(strokes, (width, height), pen)
        return coloured(page, cover, ImageColor.getrgb(self.ink_color)[:3])

    def _widths(self, stroke: np.ndarray) -> np.ndarray:
        """How broad the pen draws at each point of a smooth stroke (N, 2): float (N,), pixels."""
        if len(stroke) < 3:
            return np.full(len(stroke), self.stroke_width)
        from scipy.ndimage import gaussian_filter1d  # costs a fifth of a second, and only pressure needs it

        steps = np.diff(stroke, axis=0)
        lengths = np.hypot(*steps.T)
        reached = np.concatenate([[0], np.cumsum(lengths)])
        whole = max(float(reached[-1]), 1e-6)
        reach = min(0.2 * self.core * len(lengths) / whole, len(lengths))  # points are about evenly spaced
        down = gaussian_filter1d(steps[:, 1] / np.maximum(lengths, 1e-6), reach, mode="nearest")
        from_end = np.minimum(reached, whole - reached) / min(0.5 * self.core, 0.4 * whole)
        dot = min(1.0, whole / (0.8 * self.core))  # the shorter, the less pointed
        pointed = 1 - 0.6 * self.pressure * dot * (1 - np.clip(from_end, 0, 1)) ** 2
        return self.stroke_width * (1 + 0.45 * self.pressure * np.append(down, down[-1])) * pointed


def _check_speed(speed: float) -> None:
    if not 0 < speed < 1000:
        raise InputError("The speed must be a number above 0, and below 1000.")
