"""What the page says of a text that was read: the text, where it stands, and how the network read it column by column."""

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from itertools import count
from typing import Any

from PIL import Image

from hwr.pictures.loading import opaque
from hwr.predictors.text import ReadingProgress
from hwr.text.result import TextCharacter, TextDocument, TextLine, TextResult
from hwr.ui.outputs import stem
from hwr.ui.panels import card, percent
from hwr.ui.templates import render

DOUBTFUL = 0.7
"""Characters that are less sure than this are marked."""
LONGEST_SIDE = 1200
"""Pixels of the picture that is sent back with the boxes."""
SPIKE = 0.3
"""Spikes that are higher than this are labelled with their character."""


def empty_transcript() -> str:
    """What stands in the transcript's place before there is one."""
    return card(
        '<div class="hwr-char hwr-waiting" aria-hidden="true">Abc</div><p>The text appears here when you lift the pen.</p>',
        kind="hwr-empty",
    )


def empty_strips() -> str:
    """What stands in the place of the strips."""
    return card(
        "<p>Every line is brought to a height of 40 pixels. The network reads it column by column, from both ends at once, and "
        "mostly says nothing: only where it has recognised a character there is a spike. Here you will see them.</p>",
        kind="hwr-about",
        title="How it reads",
    )


def transcript(document: TextDocument, progress: ReadingProgress | None = None, *, spoken: bool = True) -> str:
    """The text, line by line, doubtful characters marked, with other readings, and buttons to copy and to download it.

    Args:
        document: what was read.
        progress: how far that is, while there is more to come.
        spoken: by screen readers at once.
    """
    number = count(0)
    pages = [{"error": page.error, "lines": [_line(line, next(number)) for line in page.lines]} for page in document.pages]
    doubtful = any(_is_doubtful(character) for line in document.lines for character in line.characters)
    words = ""
    if progress is not None:
        page = f"page {progress.page} of {progress.pages}, " if progress.pages > 1 else ""
        words = f"Reading {page}line {progress.line} of {progress.lines}"
    return render(
        "text_transcript.html",
        document=document,
        name=stem(document.text),
        pages=pages,
        count=len(document.lines),
        doubtful=doubtful,
        progress=progress,
        spoken=spoken and progress is None,
        words=words,
    )


def _is_doubtful(character: TextCharacter) -> bool:
    return character.confidence < DOUBTFUL and character.char != " "


def _line(line: TextLine, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "characters": [{"char": character.char, "tip": _tip(character)} for character in line.characters],
        "corrected": line.corrected,
        "sure": "corrected" if line.corrected else percent(line.confidence),
        "others": [(text, percent(confidence)) for text, confidence in line.alternatives],
    }


def _tip(character: TextCharacter) -> str:
    """What else a doubtful character may be; nothing of others."""
    if not _is_doubtful(character):
        return ""
    others = ", ".join(f"{'space' if other == ' ' else other} {percent(probability)}" for other, probability in character.alternatives)
    return f"{percent(character.confidence)} sure" + (f"; or {others}" if others else "")


def pictured(document: TextDocument) -> str:
    """The pages with the outlines of their lines, which say what was read, and can be corrected."""
    number = count(0)
    pages = [_page(page, number) for page in document.pages if page.picture is not None]
    return render("text_pages.html", pages=pages, count=len(document.lines))


def _page(page: TextResult, number: Iterator[int]) -> dict[str, Any]:
    assert page.picture is not None
    width, height = page.size
    small = opaque(page.picture())
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    size = max(12.0, 0.03 * max(width, height))
    lines = [
        {
            "number": next(number),
            "text": line.text,
            "points": " ".join(f"{x:.0f},{y:.0f}" for x, y in line.polygon),
            "x": f"{max(0.0, line.polygon[0, 0] - 0.8 * size):.0f}",
            "y": f"{line.polygon[0, 1] + 0.8 * size:.0f}",
        }
        for line in page.lines
    ]
    picture = _data_uri(small, "JPEG")
    return {
        "picture": picture,
        "name": "the page that was read",
        "width": width,
        "height": height,
        "font_size": f"{size:.0f}",
        "lines": lines,
    }


def strips(lines: Sequence[TextLine], charset: str) -> str:
    """The spikes of each line over what the network saw of it; those of the first line are open.

    Args:
        lines: read.
        charset: the network's, in label order.
    """
    explained = (
        "<p>From left to right, the height is how sure the network is, at every fourth column of pixels, that a character stands there; "
        "between the characters it says nothing.</p>"
    )
    shown = []
    for number, line in enumerate(lines, start=1):
        strip = _strip(line, charset)
        title = f"Line {number}: {escape(line.text[:40])}"
        shown.append(strip if len(lines) == 1 else f"<details{' open' if number == 1 else ''}><summary>{title}</summary>{strip}</details>")
    return card(explained + "".join(shown), kind="hwr-reading", title="How it was read")


def _strip(line: TextLine, charset: str) -> str:
    spoken = line.emissions[:, 1:]
    best, height = spoken.argmax(1), spoken.max(1)
    steps = len(height)
    rows, columns = line.seen.shape
    zoom = 4 if columns < 160 else 3 if columns < 280 else 2
    width, tall = columns * zoom, rows * zoom
    step = width / max(steps, 1)
    top, room = 22, 58  # pixels for the labels, and for the spikes
    points = " ".join(f"{(t + 0.5) * step:.1f},{top + room * (1 - value):.1f}" for t, value in enumerate(height.tolist()))
    labels = []
    for t in range(steps):
        around = height[max(0, t - 1) : t + 2]
        if height[t] >= SPIKE and height[t] == around.max() and not (t and best[t] == best[t - 1] and height[t] == height[t - 1]):
            char = charset[best[t]]
            if char != " ":
                labels.append(f'<text x="{(t + 0.5) * step:.1f}" y="{top + room * (1 - height[t]) - 5:.1f}">{escape(char)}</text>')
            labels.append(f'<line x1="{(t + 0.5) * step:.1f}" x2="{(t + 0.5) * step:.1f}" y1="{top + room}" y2="{top + room + tall}"/>')
    image, fits = _data_uri(Image.fromarray(255 - line.seen), "PNG"), ' class="hwr-short"' if zoom > 2 else ""
    return (
        f'<div class="hwr-strip" tabindex="0" role="img" aria-label="spikes of the network over the picture of {escape(line.text)}">'
        f'<svg{fits} width="{width + 20}" height="{top + room + tall}" viewBox="-10 0 {width + 20} {top + room + tall}">'
        f'<image href="{image}" x="0" y="{top + room}" width="{width}" height="{tall}"/>'
        f'<polyline points="0,{top + room} {points} {width},{top + room}"/>{"".join(labels)}</svg></div>'
    )


def _data_uri(picture: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **({"quality": 80} if kind == "JPEG" else {}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
