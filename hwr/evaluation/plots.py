"""Pictures of training and evaluation, as matplotlib figures that need no display.

matplotlib and seaborn are loaded when the first figure is drawn: they take 90 MB, which a server that never evaluates can do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hwr.evaluation.metrics import confusion_matrix_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def learning_curves(history: list[dict[str, float]]) -> Figure:
    """Loss over the optimiser steps, and validation scores if there are any.

    Args:
        history: one entry per evaluation with ``step``, ``loss``, and scores by name.
    """
    figure = _figure(9, 3.6)
    scores = [name for name in history[-1] if name.endswith(("accuracy", "f1", "cer", "bits_per_dim"))]
    panels = figure.subplots(1, 2 if scores else 1, squeeze=False)[0]
    steps = [entry["step"] for entry in history]
    panels[0].plot(steps, [entry["loss"] for entry in history], label="training loss")
    if "validation_loss" in history[-1]:
        panels[0].plot(steps, [entry["validation_loss"] for entry in history], label="validation loss")
    for name in scores:
        panels[1].plot(steps, [entry[name] for entry in history], label=name.replace("_", " "))
    for axes in panels:
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def confusion_heat_map(metrics: dict[str, Any], title: str, pairs: int = 20, *, counts: bool = False, only: Sequence[str] = ()) -> Figure:
    """The confusion matrix of the classes that occur, with the most confused pairs listed beside it.

    Args:
        metrics: from :func:`hwr.evaluation.metrics.classification_metrics`.
        title: what was evaluated.
        pairs: how many pairs to list.
        counts: show counts, not shares of each row.
        only: the classes to show; none for all that occur.
    """
    import seaborn
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    matrix = confusion_matrix_of(metrics)
    classes = [row["char"] for row in metrics["per_class"]]
    images = np.array([row["n"] for row in metrics["per_class"]])
    occurring = [k for k, char in enumerate(classes) if (char in only if only else images[k] or matrix[:, k].any())]
    share = matrix / images[:, None].clip(min=1)
    matrix, share = (values[np.ix_(occurring, occurring)] for values in (matrix, share))
    classes = [classes[k] for k in occurring]
    figure = _figure(15, 11.5)
    FigureCanvasAgg(figure)  # seaborn looks how wide labels are, and through another canvas that takes 600 MB
    axes, beside = figure.subplots(1, 2, width_ratios=[5, 1])
    off_diagonal = matrix - np.diag(np.diag(matrix))
    seaborn.heatmap(
        matrix if counts else share,
        ax=axes,
        vmin=0,
        # The diagonal is saturated on purpose: the errors are what one looks for.
        vmax=max(1, int(off_diagonal.max(initial=0)) * 2) if counts else 0.5,
        cmap="rocket_r",
        square=True,
        xticklabels=classes,
        yticklabels=classes,
        cbar_kws={"label": "images" if counts else "share of the true class (scale ends at 0.5)", "shrink": 0.7},
    )
    axes.set(xlabel="read as", ylabel="true class", title=title)
    axes.tick_params(axis="y", rotation=0)
    beside.axis("off")
    lines = [
        f"{row['read_as'] or 'nothing'} for {row['truth']}:  {row['count']}  ({row['share']:.1%})" for row in metrics["confusions"][:pairs]
    ]
    beside.text(0, 0.98, "Most confused\n\n" + "\n".join(lines), va="top", family="monospace", fontsize=12)
    return figure


def reliability_diagram(bins: Sequence[dict[str, float]]) -> Figure:
    """How often what is said with some confidence is right; bins from :func:`hwr.evaluation.metrics.reliability`."""
    figure = _figure(5, 4.4)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="gray", linestyle=":", label="perfectly calibrated")
    most = max((entry["n"] for entry in bins), default=1)
    axes.plot([entry["confidence"] for entry in bins], [entry["accuracy"] for entry in bins], color="tab:blue", alpha=0.6)
    sizes = [20 + 180 * entry["n"] / most for entry in bins]
    axes.scatter([entry["confidence"] for entry in bins], [entry["accuracy"] for entry in bins], s=sizes, label="bins, by size")
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def picture_rows(images: np.ndarray, columns: int, title: str) -> Figure:
    """Character images, uint8 (N, H, W) with ink 255 on 0, side by side in rows, as ink on paper."""
    count, height, width = images.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, height, width), np.uint8)
    sheet[:count] = images
    sheet = sheet.reshape(rows, columns, height, width).transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    figure = _figure(columns * width / 56, rows * height / 56 + 0.3)
    axes = figure.subplots()
    axes.imshow(255 - sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.axis("off")
    return figure


def pages_with_lines(pages: Sequence[np.ndarray], lines: Sequence[Sequence[tuple[np.ndarray, np.ndarray]]], columns: int) -> Figure:
    """Pages in rows, the lines that were found on each drawn over it.

    Args:
        pages: uint8 (H, W, 3), RGB.
        lines: of each page, outline (M, 2) and baseline (N, 2) in its pixels.
        columns: pages in a row.
    """
    rows = -(-len(pages) // columns)
    figure = _figure(5 * columns, 4.5 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, page, found in zip(panels, pages, lines, strict=False):
        axes.imshow(page)
        for outline, baseline in found:
            axes.fill(*outline.T, facecolor="none", edgecolor="tab:red", linewidth=0.8)
            axes.plot(*baseline.T, color="tab:green", linewidth=0.8)
    return figure


def _figure(width: float, height: float) -> Figure:
    """An empty figure; the lengths are in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
