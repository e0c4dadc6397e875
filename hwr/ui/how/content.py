"""What the page "How it works" says: templates, filled with the results of the shipped weights and the files that show how to call it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from markupsafe import Markup

from hwr.hub.files import CARD_FILE, CONFIG_FILE, METRICS_FILE
from hwr.hub.finding import beside_package
from hwr.ui.templates import render
from hwr.ui.theme import header


@dataclass(frozen=True)
class Figure:
    """A result to show: the first whose data set's name begins so, as a percentage."""

    name: str
    metric: str
    dataset: str


@dataclass(frozen=True)
class Model:
    """A network to present; everything that can change stands in its folder."""

    folder: str
    job: str
    idea: str
    figures: tuple[Figure, ...]


PATH = "how-it-works"
MODELS = (
    Model(
        "char-reference",
        "Reads a letter, the simple way",
        "The one in the first picture: two LSTM layers of 128 cells go through 28 rows of dots, from top to bottom.",
        (Figure("read right", "accuracy", "EMNIST"), Figure("look-alikes such as 0 and O counted as one", "merged_accuracy", "EMNIST")),
    ),
    Model(
        "char-best",
        "Reads a letter, as well as it can",
        "Looks for edges first, then reads the rows and the columns, each from both ends.",
        (Figure("read right", "accuracy", "EMNIST"), Figure("look-alikes such as 0 and O counted as one", "merged_accuracy", "EMNIST")),
    ),
    Model(
        "text-best",
        "Reads words, lines and pages",
        "Reads a line column by column, from both ends; a model of the language chooses among what it may be.",
        (
            Figure("letters wrong in words of people it never saw", "cer", "unipen-ink words, beam"),
            Figure("letters wrong in whole lines", "cer", "unipen-ink lines, beam"),
        ),
    ),
    Model(
        "ink-best",
        "Reads the movement of a pen",
        "Sees no picture: it reads where the pen went, move by move.",
        (
            Figure("letters wrong in words of people it never saw", "cer", "unipen-ink words, beam"),
            Figure("letters wrong in whole lines", "cer", "unipen-ink lines, beam"),
        ),
    ),
    Model(
        "pages-best",
        "Finds the lines on a page",
        "Says of every spot of a page whether it belongs to a line of writing, and to which.",
        (
            Figure("lines found, on clean pages", "f1", "unipen-ink pages, clean"),
            Figure("lines found, on photographs", "f1", "unipen-ink pages, photo"),
        ),
    ),
    Model(
        "pen-best",
        "Writes with a pen",
        "The one with the clouds: knows the text and the hand, and decides one move of the pen after the other.",
        (
            Figure("letters of its words misread by the judge", "cer", "unipen-ink words, written, read back by strokes and looks"),
            Figure("letters of people's words misread by the same judge", "cer", "unipen-ink words, real"),
        ),
    ),
    Model(
        "pixels-best",
        "Draws letters dot by dot",
        "Decides each dot of a picture, row by row, from the dots before it.",
        (
            Figure("read as what they were meant to be", "read_as_meant", "EMNIST ByMerge-test, 400 a class, drawn"),
            Figure("of people's letters", "read_as_meant", "EMNIST ByMerge-test, 400 a class, real"),
        ),
    ),
    Model(
        "text-judge",
        "Judges what the pen has written",
        "Learnt from people's writing only, so that it can't be fooled by the pen's own habits.",
        (Figure("letters wrong in words of people it never saw", "cer", "unipen-ink words, beam"),),
    ),
)
TOLD = ("What it is for", "Limitations")
"""Headings of a card that the page repeats."""
MAP = "char-reference"
"""The model whose mistakes are shown, on scanned characters."""
SNIPPETS = (("Python", "call.py"), ("JavaScript", "call.mjs"), ("curl", "call.sh"), ("MCP", "call_mcp.py"))
"""Languages, and files in ``docs/clients``, which a test runs."""


@cache
def page() -> bytes:
    """The page as HTML, without head and body."""
    shown = models()
    total = round(sum(model["parameters"] for model in shown) / 1e6)
    told = {"models": shown, "total": total, "sources": sources(), "map": confusions(), "snippets": snippets()}
    return render("how.html", header=header(None, PATH), **told).encode()


def models() -> list[dict[str, Any]]:
    """The shipped networks with their results; one that isn't there is left out."""
    found = []
    for model in MODELS:
        metrics, config = _shipped(model.folder, METRICS_FILE), _shipped(model.folder, CONFIG_FILE)
        if not metrics or not config:
            continue
        figures = [(_percent(value), figure.name) for figure in model.figures if (value := _value(metrics, figure)) is not None]
        found.append(
            {
                "name": model.folder,
                "job": model.job,
                "idea": model.idea,
                "kind": metrics.get("model", ""),
                "parameters": metrics.get("parameters", 0),
                "date": metrics.get("date", ""),
                "data": ", ".join(_short(key) for key in config.get("trained_on") or []),
                "figures": figures,
                "card": {title: _linked(text) for title, text in _card(model.folder).items() if title in TOLD},
                "page": _page_of(model.folder),
            }
        )
    return found


def sources() -> list[Markup]:
    """Training data of all networks, and what their licences ask to be said, as their cards say it."""
    cards = [_card(model.folder).get("Training data and licences", "") for model in MODELS]
    return list(dict.fromkeys(_linked(line[2:]) for card in cards for line in card.splitlines() if line.startswith("- ")))


def confusions() -> dict[str, Any] | None:
    """What the network of the first picture takes for what: all that a map needs, or None where nothing was measured."""
    result = next((result for result in (_shipped(MAP, METRICS_FILE) or {}).get("results", ()) if result.get("confusions")), None)
    if result is None:
        return None
    classes = "".join(each["char"] for each in result["per_class"])
    counts = [each["n"] for each in result["per_class"]]
    right = [round(each["n"] * each["recall"]) for each in result["per_class"]]
    wrong = [(each["truth"], each["read_as"], each["count"]) for each in result["confusions"]]
    cells = []
    for char, read, count in [*zip(classes, classes, right, strict=True), *wrong]:
        row, column = classes.index(char), classes.index(read)
        cells.append((char + read, row, column, round((count / counts[row]) ** 0.4, 3), row == column))
    return {
        "classes": classes,
        "cells": cells,
        "value": json.dumps({"classes": classes, "counts": counts, "right": right, "wrong": wrong}, ensure_ascii=False),
        "n": f"{result['n']:,}",
        "accuracy": _percent(result["accuracy"]),
    }


def snippets() -> list[tuple[str, str, str]]:
    """Language, file name and text of the examples that are there."""
    found = []
    for language, name in SNIPPETS:
        if (path := beside_package(f"docs/clients/{name}")) is not None:
            found.append((language, name, path.read_text(encoding="utf-8").strip()))
    return found


def _shipped(folder: str, name: str) -> dict[str, Any] | None:
    path = beside_package(f"weights/{folder}/{name}")
    return json.loads(path.read_text(encoding="utf-8")) if path is not None else None


def _card(folder: str) -> dict[str, str]:
    """What the card beside the weights says under its headings, as Markdown; nothing where there is no card."""
    path = beside_package(f"weights/{folder}/{CARD_FILE}")
    parts = re.split(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:] if path is not None else []
    return {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}


def _page_of(folder: str) -> str:
    """Address of the repository on the Hub that the weights come from; empty where they are shipped."""
    path = beside_package("weights/pinned.json")
    pinned = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
    return f"https://huggingface.co/{pinned[folder]['repo']}" if folder in pinned else ""


def _value(metrics: dict[str, Any], figure: Figure) -> float | None:
    results = [result for result in metrics.get("results", ()) if result["dataset"].startswith(figure.dataset)]
    return next((result[figure.metric] for result in results if isinstance(result.get(figure.metric), int | float)), None)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _short(key: str) -> str:
    return {"emnist": "EMNIST", "unipen": "UNIPEN", "dhsd": "DHSD", "written": "the pen's own writing"}.get(key, key)


def _linked(markdown: str) -> Markup:
    """Text whose only Markdown is links, code and emphasis."""
    text = re.sub(r"\[([^\]]+)\]\((https://[^)\s]+)\)", r'<a href="\2">\1</a>', escape(markdown))
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return Markup(re.sub(r"\*([^*\n]+)\*", r"<i>\1</i>", text))
