"""What there is to say about a text that was written, by either writer."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PixelReport:
    """Of a text written with pixels.

    Attributes:
        characters: that were drawn, without spaces.
        redrawn: of these, how many had to be drawn more than once, since they could not be read as meant.
        unread: how many can't be read as meant even so.
        replaced: characters that could not be written as they are, and what was written for them; ``""`` where nothing was.
        verified: whether characters were read back at all.
        seed: that gives the same picture again.
    """

    characters: int
    redrawn: int
    unread: int
    replaced: dict[str, str]
    verified: bool
    seed: int

    def export(self) -> dict[str, Any]:
        """JSON-able data."""
        return dict(vars(self))

    def sentences(self) -> list[str]:
        """The same for people."""
        return _sentences(self, f"{self.characters:,} characters", f"{self.unread:,} still can't" if self.unread else "")


@dataclass(frozen=True)
class InkReport:
    """Of a text written with a pen.

    Attributes:
        words: that were written.
        redrawn: of these, how many were drawn more than once, since they could not be read as meant.
        unread: the words that can't be read as meant even so.
        replaced: characters that could not be written as they are, and what was written for them; ``""`` where nothing was.
        verified: whether the words were read back at all.
        seed: that gives the same ink again.
    """

    words: int
    redrawn: int
    unread: tuple[str, ...]
    replaced: dict[str, str]
    verified: bool
    seed: int

    def export(self) -> dict[str, Any]:
        """JSON-able data."""
        return vars(self) | {"unread": list(self.unread)}

    def sentences(self) -> list[str]:
        """The same for people."""
        left = f"{len(self.unread):,} still can't: {', '.join(self.unread[:10])}" if self.unread else ""
        return _sentences(self, f"{self.words:,} words", left)


def _sentences(report: PixelReport | InkReport, count: str, left: str) -> list[str]:
    said = f"{count}, seed {report.seed}."
    if report.verified and not report.redrawn:
        said += " All could be read as meant at once."
    elif report.verified:
        said += f" {report.redrawn:,} could not be read as meant at first and were drawn again" + (f"; {left}." if left else ".")
    return [said] + [
        f"{char} is not among the signs that can be written" + (f": it became {instead}." if instead else ", so it was left out.")
        for char, instead in report.replaced.items()
    ]
