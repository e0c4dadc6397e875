"""Which commit of which repository a Space takes its weights from: ``weights/pinned.json``.

A Space carries no weights. Its front matter has the Hub fetch them while it is built (``preload_from_hub``), and this file says where
:func:`hwr.hub.finding.fetch` finds them then: commits, so that a new release of a model changes no Space until that is published anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwr.errors import ModelError
from hwr.hub.files import first_line

PINS_FILE = "pinned.json"
"""In the folder ``weights``."""


@dataclass(frozen=True)
class Pin:
    """A commit of a model repository.

    Attributes:
        repo: ``user/name``.
        revision: the commit, 40 hexadecimal digits.
    """

    repo: str
    revision: str


def dumped(pins: Mapping[str, Pin]) -> bytes:
    """The file that :func:`read` reads."""
    return (json.dumps({name: vars(pin) for name, pin in sorted(pins.items())}, indent=1) + "\n").encode()


def read(path: Path) -> dict[str, Pin]:
    """Pins by the names of weights.

    Raises:
        ModelError: the file is not one of ours.
    """
    try:
        pins = {name: Pin(**pin) for name, pin in json.loads(path.read_text(encoding="utf-8")).items()}
        if not all(re.fullmatch(r"[\w.-]+/[\w.-]+", pin.repo) and re.fullmatch("[0-9a-f]{40}", pin.revision) for pin in pins.values()):
            raise ValueError("a repository or commit is malformed")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} doesn't say where weights are: {first_line(error)}.") from error
    return pins
