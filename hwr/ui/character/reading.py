"""The picture of an LSTM reading: how the class probabilities change while the rows of the image go by.

HTML and SVG with the colours of theme.css (``--hwr-1`` ...), so that it follows light and dark mode and stays legible on a phone: only
the areas stretch, text keeps its size.
"""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from hwr.ui.panels import percent

STREAMS = 6
"""So many classes get a colour of their own in the picture; the rest is summed up."""

_INK = 64  # a row with a pixel above this is written on
_LABEL_SHARE = 0.08  # a stream needs this share of the width, over so many rows, to carry its name
_LABEL_ROWS = 4


def pixels(seen: np.ndarray) -> str:
    """The picture that the network saw as a data URI of dark ink on light paper."""
    buffer = io.BytesIO()
    Image.fromarray(255 - seen).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def written_rows(seen: np.ndarray) -> tuple[int, int]:
    """First and last row with ink, counted from 0."""
    rows = np.flatnonzero(seen.max(axis=1) > _INK)
    return (int(rows[0]), int(rows[-1])) if len(rows) else (0, len(seen) - 1)


def settled_row(trace: np.ndarray) -> int:
    """The row, counted from 0, from which the final answer leads without a break."""
    leads = trace.argmax(axis=1) == trace[-1].argmax()
    others = np.flatnonzero(~leads)
    return int(others[-1]) + 1 if len(others) else 0


def _streams(trace: np.ndarray, first: int) -> list[int]:
    """The classes to show: the final answer, then those that weighed most while there was ink to read."""
    weight = trace[first:].sum(axis=0) + trace[first:].max(axis=0) + trace[-1]
    weight[trace[-1].argmax()] = np.inf
    return [int(index) for index in np.argsort(-weight, kind="stable")[:STREAMS]]


def _area(left: np.ndarray, right: np.ndarray) -> str:
    """SVG path between two boundaries, given per row in [0, 1]; straight between the middles of the rows."""
    middles = np.arange(len(left)) + 0.5
    rows = np.concatenate([[0], middles, [len(left)]])
    down = zip(np.pad(left, 1, mode="edge"), rows, strict=True)
    back = zip(np.pad(right, 1, mode="edge")[::-1], rows[::-1], strict=True)
    return "M" + "L".join(f"{100 * x:.2f} {y:g}" for x, y in [*down, *back]) + "Z"


def _label(name: str, left: np.ndarray, right: np.ndarray, first: int) -> str:
    """The class's name in the widest box of ``_LABEL_ROWS`` rows of its stream, from the first row with ink on, if it is wide enough."""
    first = min(first, len(left) - _LABEL_ROWS)
    low = np.lib.stride_tricks.sliding_window_view(left[first:], _LABEL_ROWS).max(axis=1)
    high = np.lib.stride_tricks.sliding_window_view(right[first:], _LABEL_ROWS).min(axis=1)
    row = int((high - low).argmax())
    if high[row] - low[row] < _LABEL_SHARE:
        return ""
    x, y = 50 * (low[row] + high[row]), 100 * (first + row + _LABEL_ROWS / 2) / len(left)
    return f'<b style="left:{x:.1f}%;top:{y:.1f}%">{escape(name)}</b>'


def _tips(trace: np.ndarray, classes: Sequence[str], marked: int | None) -> str:
    """One strip a row across image and chart, which shows the row's figures when it is pointed at."""
    strips = []
    for number, row in enumerate(trace):
        best = np.argsort(-row)[:3]
        tip = f"row {number + 1}: " + ", ".join(f"{classes[i]} {percent(row[i])}" for i in best)
        mark = f'<i class="hwr-marked" data-tip="{escape(tip)}"><b>row {number + 1}</b></i>'
        strips.append(mark if number == marked else f'<i data-tip="{escape(tip)}"></i>')
    return f'<div class="hwr-strips" aria-hidden="true">{"".join(strips)}</div>'


def _frame(seen: np.ndarray, chart: str, strips: str, spoken: str, heading: str) -> str:
    """Image at the left, chart at the right, rows aligned."""
    return (
        f'<div class="hwr-trace" role="img" aria-label="{escape(spoken)}">'
        f"<span>What it saw</span><span>{escape(heading)}</span>"
        f'<div class="hwr-pixels"><img src="{pixels(seen)}" alt=""></div><div class="hwr-chart">{chart}</div>{strips}'
        '<span></span><span class="hwr-axis"><small>0%</small><small>50%</small><small>100%</small></span></div>'
    )


def reading(trace: np.ndarray, seen: np.ndarray, classes: Sequence[str], answer: str) -> str:
    """Draw what the network would have answered after each row.

    Args:
        trace: (rows, classes) probabilities after reading rows 0..t.
        seen: uint8 (rows, columns), ink 255 on 0.
        classes: names of the classes.
        answer: what was read; something else than the trace ends with where the order of the strokes spoke against their looks.

    Returns:
        HTML: a sentence, the image with the streams of the likeliest classes beside it, and a legend.
    """
    first, _ = written_rows(seen)
    shown = _streams(trace, first)
    edges = np.concatenate([np.zeros((len(trace), 1)), np.cumsum(trace[:, shown], axis=1).clip(0, 1), np.ones((len(trace), 1))], axis=1)
    areas, labels, legend = [], [], []
    for place in range(len(shown) + 1):
        left, right = edges[:, place], edges[:, place + 1]
        others = place == len(shown)
        colour = "var(--hwr-others)" if others else f"var(--hwr-{place + 1})"
        areas.append(f'<path d="{_area(left, right)}" style="fill:{colour}"/>')
        name = "others" if others else classes[shown[place]]
        if not others:
            labels.append(_label(name, left, right, first))
        legend.append(f'<li><i style="background:{colour}"></i><b>{escape(name)}</b> {percent(float(right[-1] - left[-1]))}</li>')
    if first:
        areas.append(f'<rect class="hwr-unread" width="100" height="{first}"/>')
    svg = f'<svg viewBox="0 0 100 {len(trace)}" preserveAspectRatio="none">{"".join(areas)}</svg>'
    summary = summarise(trace, seen, classes)
    if answer != classes[int(trace[-1].argmax())]:
        summary += f" That is by its looks alone; the way it was drawn makes it {answer}."
    frame = _frame(seen, svg + "".join(labels), _tips(trace, classes, None), summary, "Its answer, row by row")
    return f'<p>{escape(summary)}</p>{frame}<ul class="hwr-legend"><li>In the end:</li>{"".join(legend)}</ul>'


def summarise(trace: np.ndarray, seen: np.ndarray, classes: Sequence[str]) -> str:
    """The story of a reading in one or two sentences."""
    first, last = written_rows(seen)
    leaders = trace.argmax(axis=1)
    final, settled = classes[leaders[-1]], max(settled_row(trace), first)
    if settled <= first:
        return f"From the first row of ink (row {first + 1}) on, {final} was the likeliest."
    before = leaders[first:settled]
    rivals = sorted(set(before.tolist()) - {int(leaders[-1])}, key=lambda index: -int((before == index).sum()))[:2]
    held = " and ".join(classes[index] for index in rivals)
    end = ", the last with ink" if settled == last else ""
    return f"At first it leaned to {held}. From row {settled + 1} of {len(trace)}{end}, it says {final}."


def duel(trace: np.ndarray, seen: np.ndarray, classes: Sequence[str], right: int, chosen: int, row: int) -> str:
    """Draw two classes against each other, row by row, with the row that decided marked in image and chart.

    Args:
        trace: (rows, classes) probabilities after reading rows 0..t.
        seen: uint8 (rows, columns), ink 255 on 0.
        classes: names of the classes.
        right: index of the class that it really is.
        chosen: index of the class that the network chose.
        row: the row to mark, counted from 0.
    """
    middles = np.arange(len(trace)) + 0.5
    curves, legend = [], []
    for index, colour, role in ((chosen, "var(--hwr-1)", "its answer"), (right, "var(--hwr-2)", "right answer")):
        points = " ".join(f"{100 * x:.2f},{y:g}" for x, y in zip(trace[:, index], middles, strict=True))
        curves.append(f'<polyline points="{points}" style="stroke:{colour}"/>')
        legend.append(
            f'<li><i style="background:{colour}"></i><b>{escape(classes[index])}</b> {role}, {percent(float(trace[-1, index]))}</li>'
        )
    svg = f'<svg viewBox="0 0 100 {len(trace)}" preserveAspectRatio="none">{"".join(curves)}</svg>'
    spoken = f"Probability of {classes[right]} and of {classes[chosen]} after each row; row {row + 1} is marked."
    frame = _frame(seen, svg, _tips(trace[:, [right, chosen]], [classes[right], classes[chosen]], row), spoken, "Probability, row by row")
    return f'{frame}<ul class="hwr-legend">{"".join(legend)}</ul>'
