"""What the page says of a text that was read: the text, where it stands, and how the network read it column by column."""

import base64
import io
from collections.abc import Sequence
from html import escape

from PIL import Image

from hwr.predictors.text import TextCharacter, TextLine, TextResult
from hwr.ui.answer import card
from hwr.ui.reading import percent

DOUBTFUL = 0.7
"""Characters that are less sure than this are marked."""
LONGEST_SIDE = 1200
"""Pixels of the picture that is sent back with the boxes."""
SPIKE = 0.3
"""Spikes that are higher than this are labelled with their character."""

_ZOOM = 2  # of the strip


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


def transcript(result: TextResult) -> str:
    """The text, line by line, doubtful characters marked, with other readings, and buttons to copy and to download it."""
    lines = "".join(_line(line, number, len(result.lines)) for number, line in enumerate(result.lines, start=1))
    doubts = sum(_is_doubtful(character) for line in result.lines for character in line.characters)
    note = '<p class="hwr-note">Underlined characters are doubtful: touch one to see what else it may be.</p>' if doubts else ""
    actions = (
        '<div class="hwr-actions"><button type="button" data-action="copy">Copy</button>'
        '<button type="button" data-action="download">Download .txt</button><span role="status"></span></div>'
    )
    return card(
        f'<div class="hwr-text" aria-live="polite" data-text="{escape(result.text)}">{lines}</div>{note}{actions}', kind="hwr-transcript"
    )


def _is_doubtful(character: TextCharacter) -> bool:
    return character.confidence < DOUBTFUL and character.char != " "


def _line(line: TextLine, number: int, count: int) -> str:
    written = "".join(_character(character) for character in line.characters)
    label = f'<span class="hwr-number" aria-label="line {number}">{number}</span>' if count > 1 else ""
    others = "".join(f"<li><b>{escape(text)}</b> <span>{percent(confidence)}</span></li>" for text, confidence in line.alternatives)
    more = f"<details><summary>Other readings</summary><ul>{others}</ul></details>" if others else ""
    return (
        f'<div class="hwr-text-line">{label}<p>{written}</p>'
        f'<span class="hwr-sure" title="how sure the reading is">{percent(line.confidence)}</span>{more}</div>'
    )


def _character(character: TextCharacter) -> str:
    char = escape(character.char)
    if not _is_doubtful(character):
        return char
    others = ", ".join(f"{'space' if other == ' ' else other} {percent(probability)}" for other, probability in character.alternatives)
    tip = escape(f"{percent(character.confidence)} sure" + (f"; or {others}" if others else ""))
    return f'<button type="button" class="hwr-doubt" data-tip="{tip}" aria-label="{char}, {tip}">{char}</button>'


def boxes(result: TextResult, picture: Image.Image) -> str:
    """The picture with the outlines of its lines.

    Args:
        result: what was read.
        picture: of the size that ``result`` says.
    """
    width, height = result.size
    small = picture.convert("RGB")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    size = max(12.0, 0.03 * max(width, height))
    outlines = []
    for number, line in enumerate(result.lines, start=1):
        corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in line.outline)
        x, y = line.outline[0]
        outlines.append(f'<polygon points="{corners}"/>')
        if len(result.lines) > 1:
            outlines.append(f'<text x="{max(0.0, x - 0.8 * size):.0f}" y="{y + 0.8 * size:.0f}" font-size="{size:.0f}">{number}</text>')
    count = len(result.lines)
    return card(
        f'<div class="hwr-page"><img src="{_data_uri(small, "JPEG")}" alt="the picture that was read">'
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">{"".join(outlines)}</svg></div>',
        title=f"{count} line{'s' if count != 1 else ''} found",
    )


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
    width, tall = columns * _ZOOM, rows * _ZOOM
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
    image = _data_uri(Image.fromarray(255 - line.seen), "PNG")
    return (
        f'<div class="hwr-strip" tabindex="0" role="img" aria-label="spikes of the network over the picture of {escape(line.text)}">'
        f'<svg width="{width + 20}" height="{top + room + tall}" viewBox="-10 0 {width + 20} {top + room + tall}">'
        f'<image href="{image}" x="0" y="{top + room}" width="{width}" height="{tall}"/>'
        f'<polyline points="0,{top + room} {points} {width},{top + room}"/>{"".join(labels)}</svg></div>'
    )


def _data_uri(picture: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **({"quality": 80} if kind == "JPEG" else {}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
