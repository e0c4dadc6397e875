"""A card may claim no figure that was not measured with the weights beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwr.errors import ModelError
from hwr.hub.files import CARD_FILE, METRICS_FILE, WEIGHTS_FILE, some, weights_sha256
from hwr.hub.loading import read_object

_NO_CLAIMS = re.compile(
    r"^```.*?^```$"  # code and configuration
    r"|^## Training data and licences$.*?(?=^## |\Z)"  # names of licences, identifiers of publications
    r"|\]\([^)]*\)|https?://\S+|<code>.*?</code>",  # addresses; classes, some of which are digits
    re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?![\w.]*\w)")


def check_claims(folder: Path) -> None:
    """Compare every figure of a model's card with ``metrics.json``, and that with the weights.

    Figures are the values in the front matter, the cells of tables that are numbers, and all numbers with decimals or a per cent sign.

    Raises:
        ModelError: the card claims something that ``metrics.json`` doesn't hold, or that is of other weights.
    """
    metrics = read_object(folder / METRICS_FILE)
    if metrics.get("weights_sha256") != weights_sha256(folder):
        raise ModelError(f"{folder / METRICS_FILE} was not measured with the {WEIGHTS_FILE} beside it. Evaluate the weights again.")
    held = set(_numbers(metrics))
    front, body = _parted((folder / CARD_FILE).read_text(encoding="utf-8"))
    claims = [match[1] for match in re.finditer(r"^\s*value: (\S+)$", front, re.MULTILINE)] + list(_claims(body))
    if false := [claim for claim in dict.fromkeys(claims) if not _is_held(claim, held)]:
        raise ModelError(f"{folder / CARD_FILE} claims {some(false)}, which {METRICS_FILE} doesn't hold. Make the card anew.")


def _parted(card: str) -> tuple[str, str]:
    """Front matter and body."""
    found = re.match(r"---\n(.*?)\n---\n", card, re.DOTALL)
    return (found[1], card[found.end() :]) if found else ("", card)


def _claims(body: str) -> Iterator[str]:
    for line in _NO_CLAIMS.sub(" ", body).splitlines():
        for found in _NUMBER.finditer(line):
            before, after = line[: found.start()].rstrip(" "), line[found.end() :].lstrip(" ")
            percent, cell = after.startswith("%"), before.endswith("|") and after.startswith("|")
            if percent or "." in found[0] or cell:
                yield found[0].rstrip(",") + ("%" if percent else "")


def _is_held(claim: str, held: set[float]) -> bool:
    """Whether a number is one that was measured, rounded."""
    digits = claim.rstrip("%").replace(",", "").replace("−", "-")
    try:
        value = float(digits)
    except ValueError:
        return False
    decimals = len(digits.partition(".")[2])
    scale = 100 if claim.endswith("%") else 1
    # Half a unit of the last digit, and a little, since halves are rounded either way.
    return any(abs(scale * number - value) <= 0.5 * 10**-decimals + 1e-9 for number in held)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
