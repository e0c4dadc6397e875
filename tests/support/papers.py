"""What a browser's paper holds after it was told of changes: ``hwr/ui/pen/paper.js``, in Python."""

import json
from collections.abc import Sequence


def rebuilt(updates: Sequence[str]) -> str:
    """The page as an SVG document.

    Raises:
        ValueError: a change doesn't fit what was there.
    """
    paths: list[str] = []
    number = base = kept = 0
    update: dict = {}
    for update in map(json.loads, updates):
        if not (update["base"] in (0, number) or (update["base"] == base and update["keep"] <= kept)):
            raise ValueError(f"{update['base']} is not {number}")
        paths = [*paths[: update["keep"]], *update["paths"]]
        number, base, kept = update["number"], update["base"], update["keep"]
    return update["head"] + "\n".join(f'<path d="{data}"/>' for data in paths) + update["tail"]
