"""Word lists as a grammar for the beam search: which characters may follow, and where a text may end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from hwr.errors import InputError
from hwr.text.ctc import steps_needed

_OPENING = frozenset("\"'`([{<$#*+-_")
_CLOSING = frozenset(".,;:!?\"'`)]}>%*-_")


class WordGrammar:
    """Texts made of a user's words, with punctuation attached, separated by single spaces.

    A state is the set of places where a text may be. A place within a word is ``(first, stop, depth)``, the range of the sorted spellings
    that share the characters so far; the others are ``"start"``, ``"open"`` (after opening punctuation),
    ``"close"`` (after closing punctuation) and ``"gap"`` (after a space).

    Args:
        words: what the user gave.
        known: the characters that can come out.
        accept_nothing: whether the empty text will do.
    """

    def __init__(self, words: Iterable[str], known: frozenset[str], accept_nothing: bool) -> None:
        self._spellings, self._steps = _spellings(tuple([words] if isinstance(words, str) else words), known)
        self._known = known
        self._accept_nothing = accept_nothing

    def start(self) -> frozenset:
        """The state of the empty text."""
        return frozenset(("start",))

    def exits(self, state: frozenset) -> dict[str, frozenset]:
        """The characters that may come next, and the states they lead to."""
        found: dict[str, set] = {}
        for place in state:
            for char, following in self._exits(place):
                if char in self._known:
                    found.setdefault(char, set()).add(following)
        return {char: frozenset(places) for char, places in found.items()}

    def accepts(self, state: frozenset) -> bool:
        """Whether a text may end here."""
        return any(self._is_end(place) for place in state) or (self._accept_nothing and "start" in state)

    def needs(self, state: frozenset) -> tuple[int, int]:
        """Steps that are needed at least before a text may end: from here, and after a blank."""
        if self.accepts(state):
            return 0, 0
        first, second = zip(*(self._needs(place) for place in state), strict=True)
        return min(first), min(second)

    def _is_end(self, place: tuple[int, int, int] | str) -> bool:
        return place == "close" if isinstance(place, str) else len(self._spellings[place[0]]) == place[2]

    def _needs(self, place: tuple[int, int, int] | str) -> tuple[int, int]:
        if isinstance(place, str):
            return int(self._steps.min()), int(self._steps.min())
        first, stop, depth = place
        written = self._spellings[first][:depth]
        needs = int(self._steps[first:stop].min()) - steps_needed(written)
        again = [int(self._steps[low:high].min()) for char, (low, high, _) in self._within(*place) if char == written[-1]]
        return needs, min([needs, *(steps - steps_needed(written) - 1 for steps in again)])

    def _exits(self, place: tuple[int, int, int] | str) -> Iterator[tuple[str, tuple[int, int, int] | str]]:
        if place in ("start", "gap", "open"):
            yield from ((char, "open") for char in _OPENING)
            yield from self._within(0, len(self._spellings), 0)
        if self._is_end(place):
            yield from ((char, "close") for char in _CLOSING)
            yield " ", "gap"
        if not isinstance(place, str):
            yield from self._within(*place)

    def _within(self, first: int, stop: int, depth: int) -> Iterator[tuple[str, tuple[int, int, int]]]:
        spellings = self._spellings
        shared = spellings[first][:depth]
        first += len(spellings[first]) == depth  # this one ends here
        while first < stop:
            char = spellings[first][depth]
            after = bisect_left(spellings, shared + chr(ord(char) + 1), first, stop)
            yield char, (first, after, depth + 1)
            first = after


@lru_cache(maxsize=4)  # the lines of a page are read with the same words
def _spellings(words: tuple[str, ...], known: frozenset[str]) -> tuple[list[str], np.ndarray]:
    """All spellings of a user's words that can come out, sorted, and the steps that each needs, int64."""
    spaced = [" ".join(word.split()) for word in words]
    if unreadable := [word for word in spaced if not set(word) <= known]:
        raise InputError(f"Leave out the word {unreadable[0]!r}: not all of its characters can be read here.")
    variants = {variant for word in spaced for variant in (word, word[:1].upper() + word[1:], word.upper())}
    usable = sorted(variant for variant in variants if variant and set(variant) <= known)
    if not usable:
        raise InputError("Give at least one word, or no list of words.")
    return usable, np.array([steps_needed(variant) for variant in usable])


def word_list(words: Sequence[str] | str) -> list[str]:
    """A user's words as a list, from a list or from a text in which commas or white space separate them.

    Raises:
        InputError: not text, or absurdly many.
    """
    if not isinstance(words, str | Sequence) or not all(isinstance(word, str) for word in words):
        raise InputError("Words must be a list of words, or a text in which commas or spaces separate them.")
    parts = re.split(r"[,;\s]+", words if isinstance(words, str) else "\n".join(words))
    listed = list(dict.fromkeys(part for part in parts if part))
    if len(listed) > 100_000 or any(len(word) > 100 for word in listed):
        raise InputError("At most 100,000 words of at most 100 characters can be given.")
    return listed
