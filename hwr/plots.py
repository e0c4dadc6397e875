"""Pictures of training and evaluation, as matplotlib figures that need no display."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hwr.evaluation import confusion_matrix_of


def learning_curves(history: list[dict[str, float]]) -> Figure:
    """Loss over the optimiser steps, and validation scores if there are any.

    Args:
        history: one entry per evaluation with ``step``, ``loss``, and scores by name.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    scores = [name for name in history[-1] if name.endswith(("accuracy", "macro_f1", "cer", "bits_per_dim"))]
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
        metrics: from :func:`hwr.evaluation.classification_metrics`.
        title: what was evaluated.
        pairs: how many pairs to list.
        counts: show counts, not shares of each row.
        only: the classes to show; none for all that occur.
    """
    matrix = confusion_matrix_of(metrics)
    classes = [row["char"] for row in metrics["per_class"]]
    occurring = [k for k, char in enumerate(classes) if (char in only if only else matrix[k].any() or matrix[:, k].any())]
    share = matrix / matrix.sum(1, keepdims=True).clip(min=1)
    matrix, share = (values[np.ix_(occurring, occurring)] for values in (matrix, share))
    classes = [classes[k] for k in occurring]
    figure = Figure(figsize=(15, 11.5), layout="constrained")
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
    lines = [f"{row['read_as']} for {row['truth']}:  {row['count']}  ({row['share']:.1%})" for row in metrics["confusions"][:pairs]]
    beside.text(0, 0.98, "Most confused\n\n" + "\n".join(lines), va="top", family="monospace", fontsize=12)
    return figure


def reliability_diagram(bins: Sequence[dict[str, float]]) -> Figure:
    """How often what is said with some confidence is right; bins from :func:`hwr.evaluation.reliability`."""
    figure = Figure(figsize=(5, 4.4), layout="constrained")
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
    figure = Figure(figsize=(columns * width / 56, rows * height / 56 + 0.3), layout="constrained")
    axes = figure.subplots()
    axes.imshow(255 - sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.axis("off")
    return figure
