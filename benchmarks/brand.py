"""Draw the page's name, its mark and the picture that links to it show: ``python benchmarks/brand.py``, into ``hwr/ui/brand/``.

All three are written by the pen network: ``wordmark.svg`` in the colour of the text around it, ``mark.svg`` for browsers' tabs, and
``social.png`` (1200x630) for previews of links.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hwr import PenWriter
from hwr.ink.files import smoothed
from hwr.ink.rendering import render
from hwr.paper.outlines import coloured, outline
from hwr.paper.written_ink import Ink
from hwr.ui.theme import NAME

BRAND = Path(__file__).parents[1] / "hwr" / "ui" / "brand"
HAND = 40
SENTENCE = "Write, and a network reads it.\nType, and one writes it by hand."
PAPER, INK, RED, RULE = (251, 247, 238), (31, 42, 84), (196, 60, 44), (214, 222, 235)


def written(writer: PenWriter, text: str, **options: Any) -> Ink:
    """A text in the hand of the brand."""
    wanted: dict[str, Any] = {"style": HAND, "neatness": 1.0, "seed": 1, "pressure": 0.6, "width": 3000}
    return writer.write(text, **(wanted | options))


def shapes(ink: Ink) -> tuple[str, np.ndarray, np.ndarray]:
    """The outline of the ink as SVG path data, and its box: low and high corner."""
    strokes = [smoothed(stroke, 0.16 * ink.core) for stroke in ink.strokes]
    points = np.concatenate(strokes)
    return "".join(outline(stroke, ink._widths(stroke)) for stroke in strokes), points.min(0) - 6, points.max(0) + 6


def wordmark(writer: PenWriter) -> str:
    """The name, and a full stop in red pencil."""
    ink = written(writer, NAME, size=40, stroke_width=5.5)
    path, low, high = shapes(ink)
    base = max(letter.box[3] for letter in ink.letters if letter.char in "Lnad")
    x, radius = high[0] + 6, 5.5
    width, height = x + radius + 2 - low[0], high[1] - low[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{low[0]:.1f} {low[1]:.1f} {width:.1f} {height:.1f}" role="img" '
        f'aria-label="{NAME}"><path fill="currentColor" d="{path}"/>'
        f'<circle class="hwr-stop" cx="{x:.1f}" cy="{base - radius:.1f}" r="{radius}" fill="#c43c2c"/></svg>\n'
    )


def mark(writer: PenWriter) -> str:
    """The first letter with its full stop, on a square of ink."""
    path, low, high = shapes(written(writer, NAME[0], size=40, stroke_width=8.0))
    extent = high - low
    scale = 40 / float(extent.max())
    x, y = 29 - scale * (low + extent / 2)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="15" fill="#1f2a54"/>'
        f'<path fill="#fbf7ee" transform="translate({x:.1f} {y + 2:.1f}) scale({scale:.3f})" d="{path}"/>'
        '<circle cx="53" cy="50" r="4.2" fill="#ff7a66"/></svg>\n'
    )


def social(writer: PenWriter) -> Image.Image:
    """The name on ruled paper, with what it is about."""
    size = (1200, 630)
    page = np.empty((size[1], size[0], 3), np.uint8)
    page[:] = PAPER
    rules = [np.array([[0, y], [1200, y]], np.float32) for y in range(96, 630, 74)]
    page = coloured(page, 255 - render(rules, size, 2.0), RULE)
    page = coloured(page, 255 - render([np.array([[118, 0], [118, 630]], np.float32)], size, 3.0), (235, 170, 160))
    for text, core, at, hand in ((NAME, 84, (170, 244), HAND), (SENTENCE, 21, (172, 466), 91)):
        ink = written(writer, text, size=core, stroke_width=0.125 * core, style=hand, line_spacing=74 / core if core < 50 else 3.5)
        first = [letter for letter in ink.letters if letter.line == 0]
        base = float(np.median([letter.box[3] for letter in first if letter.char not in "gpyj,"]))
        left = min(letter.box[0] for letter in ink.letters)
        shift = np.array([at[0] - left, at[1] - base], np.float32)
        strokes = [smoothed(stroke, 0.06 * core) for stroke in ink.strokes]
        cover = 255 - render([stroke + shift for stroke in strokes], size, [ink._widths(stroke) for stroke in strokes])
        page = coloured(page, cover, INK)
        if text == NAME:
            end = max(letter.box[2] for letter in ink.letters) + shift[0] + 26
            page = coloured(page, 255 - render([np.array([[end, at[1] - 10]], np.float32)], size, 24.0), RED)
    return Image.fromarray(page)


def main() -> None:
    BRAND.mkdir(exist_ok=True)
    writer = PenWriter.from_pretrained()
    (BRAND / "wordmark.svg").write_text(wordmark(writer), encoding="utf-8")
    (BRAND / "mark.svg").write_text(mark(writer), encoding="utf-8")
    social(writer).quantize(200, dither=Image.Dither.NONE).save(BRAND / "social.png", optimize=True)
    for path in sorted(BRAND.iterdir()):
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
