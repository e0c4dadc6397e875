"""Files of the page as they are sent: packed scripts, and what each is called and made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files


@dataclass(frozen=True)
class Asset:
    """A file that everybody may fetch.

    Attributes:
        kind: its media type.
        made: gives its bytes.
        packed: whether sending it compressed is of use.
    """

    kind: str
    made: Callable[[], bytes]
    packed: bool = True


def text_of(name: str) -> str:
    """A text file of this package, such as ``"pen/pen.css"``."""
    return files("hwr.ui").joinpath(*name.split("/")).read_text(encoding="utf-8")


def stored(kind: str, name: str, *, packed: bool = True) -> Asset:
    """A file of this package as it is."""
    return Asset(kind, files("hwr.ui").joinpath(*name.split("/")).read_bytes, packed)


def scripts(*names: str) -> Asset:
    """Scripts as one; each is a function of ``window.hwr``, and its own names are its own."""
    return Asset("text/javascript; charset=utf-8", partial(_joined, names))


def sheets(*names: str) -> Asset:
    """Style sheets as one."""
    return Asset("text/css; charset=utf-8", lambda: "\n".join(map(text_of, names)).encode())


def _joined(names: Iterable[str]) -> bytes:
    return "".join(["window.hwr ??= {};\n", *(f"{{\n{text_of(name)}}}\n" for name in names)]).encode()
