"""Building the language model of characters: counting, smoothing, pruning and quantising what texts and word lists hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwr.charset import PRINTABLE, readable_part
from hwr.errors import InputError
from hwr.text.language_model import BACKOFF_ZERO, BITS, LEVELS_PER_NAT, MAX_ORDER, LanguageModel

ORDER = 6
"""Characters in the longest n-gram."""
MAX_NGRAMS = 900_000
"""N-grams that are kept: about three megabytes."""
SHARE = 1_000_000
"""Characters that a source of share 1 counts as."""
TEMPER = 0.6
"""A listed word counts as its frequency to this power: people also write what is rare, and what is in no list at all."""
CAPITALISED, IN_CAPITALS = 0.15, 0.05
"""Shares of a listed word's count that its capitalised form, and its form in capitals, get as well."""
DISCOUNT = 0.75
"""What is taken from every count for what was never seen."""


@dataclass(frozen=True)
class Source:
    """Text, or words, to learn from.

    Attributes:
        lines: texts of the model's characters, without line breaks; the same one may occur again.
        weights: float64 (lines,), how often each counts.
    """

    lines: Sequence[str]
    weights: np.ndarray


def read_text(path: str | Path, share: float = 1.0, charset: str = PRINTABLE) -> Source:
    """A text file as a source: its lines, white space made single spaces, without what is not of the charset.

    Args:
        path: a UTF-8 file.
        share: how much it counts in all, in millions of characters.
        charset: what the model knows.

    Raises:
        InputError: it can't be read, or has no text.
    """
    lines = [readable_part(line, charset) for line in _read(path).splitlines()]
    lines = [line for line in lines if line]
    return _shared(path, lines, np.ones(len(lines)), share)


def read_words(path: str | Path, share: float = 1.0, charset: str = PRINTABLE) -> Source:
    """A list of words with frequencies as a source: the words as listed, capitalised, and in capitals.

    Args:
        path: a UTF-8 file, a word, a tab and its frequency to the line.
        share: how much it counts in all, in millions of characters.
        charset: what the model knows; words with other characters are left out.

    Raises:
        InputError: it can't be read, or a line is different.
    """
    counts: dict[str, float] = defaultdict(float)
    for number, line in enumerate(_read(path).splitlines(), 1):
        word, _, frequency = line.rpartition("\t")
        try:
            count = float(frequency)
        except ValueError:
            count = np.nan
        if not word or not 0 < count < np.inf:
            raise InputError(f"{path}, line {number}: there must be a word, a tab, and how often it occurs.")
        if word != readable_part(word, charset):
            continue
        count **= TEMPER
        forms = {word.upper(): IN_CAPITALS, word[0].upper() + word[1:]: CAPITALISED} | {word: 1.0}
        for form, part in forms.items():
            if set(form) <= set(charset):
                counts[form] += part * count
    return _shared(path, list(counts), np.array(list(counts.values())), share)


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read as UTF-8 text: {error}.") from error


def _shared(path: str | Path, lines: list[str], weights: np.ndarray, share: float) -> Source:
    if not lines:
        raise InputError(f"{path} has no text that a model could learn from.")
    characters = np.array([len(line) for line in lines]) @ weights
    return Source(lines, weights * (share * SHARE / characters))


def build(sources: Iterable[Source], *, order: int = ORDER, max_ngrams: int = MAX_NGRAMS, charset: str = PRINTABLE) -> LanguageModel:
    """Count, smooth, prune and quantise.

    Args:
        sources: at least one.
        order: characters in the longest n-gram, 2 to 9.
        max_ngrams: how many n-grams to keep about.
        charset: of the sources.

    Raises:
        InputError: there is no source, or the order is out of range.
    """
    sources = list(sources)
    if not sources:
        raise InputError("A language model needs at least one source.")
    if not 2 <= order <= MAX_ORDER:
        raise InputError(f"The order must be from 2 to {MAX_ORDER}.")
    keys, counts = _count(sources, order, charset)
    probabilities = _smooth(keys, counts)
    kept = _pruned(keys, counts, probabilities, max_ngrams)
    keys = [level[keep] for level, keep in zip(keys, kept, strict=True)]
    return _quantised(keys, [level[keep] for level, keep in zip(probabilities, kept, strict=True)], charset)


def _count(sources: Sequence[Source], order: int, charset: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """All n-grams by length: sorted keys, int64, 7 bits to the character, the last one lowest; and their weighted counts, float64."""
    text = "".join(f" {line}\n" for source in sources for line in source.lines)  # the space before, the end after
    end = len(charset)
    table = np.zeros(1 + max(map(ord, charset)), np.int64)
    table[[ord(char) for char in charset]] = np.arange(end)
    table[ord("\n")] = end
    codes = table[np.frombuffer(text.encode("utf-32-le"), np.uint32)]
    lengths = np.diff(np.flatnonzero(codes == end), prepend=-1)
    position = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    weights = np.repeat(np.concatenate([source.weights for source in sources]), lengths)
    keys, counts = [], []
    packed = codes.copy()
    for length in range(1, order + 1):
        if length > 1:
            packed[length - 1 :] += codes[: 1 - length] << (BITS * (length - 1))
        within = position >= max(1, length - 1)  # the space before a text is only ever context
        found, place = np.unique(packed[within], return_inverse=True)
        keys.append(found)
        counts.append(np.bincount(place, weights[within]))
    everything = np.arange(end + 1)  # what never occurs must be readable too
    seen = np.zeros(end + 1)
    seen[keys[0]] = counts[0]
    return [everything, *keys[1:]], [seen, *counts[1:]]


def _smooth(keys: list[np.ndarray], counts: list[np.ndarray]) -> list[np.ndarray]:
    """Interpolated Kneser-Ney probability of each n-gram's last character after the others, float64, by length."""
    probabilities: list[np.ndarray] = []
    for length, (level, count) in enumerate(zip(keys, counts, strict=True), 1):
        if length < len(keys):  # below the highest order it counts how many characters stand before, not how often
            before = np.bincount(np.searchsorted(level, _without_first(keys[length], length + 1)), minlength=len(level))
            count = np.maximum(before, count > 0)  # at the beginning of a text there is none
        context = _groups(level)
        lower = np.full(len(level), 1 / len(level)) if length == 1 else _lower(keys, probabilities, length)
        discount = np.minimum(count, DISCOUNT)
        total, freed = np.bincount(context, count)[context], np.bincount(context, discount)[context]
        probabilities.append((count - discount + freed * lower) / total)
    return probabilities


def _without_first(level: np.ndarray, length: int) -> np.ndarray:
    return level & ((1 << (BITS * (length - 1))) - 1)


def _groups(level: np.ndarray) -> np.ndarray:
    """Number, from 0, of the context of each n-gram of a sorted level."""
    contexts = level >> BITS
    return np.cumsum(np.diff(contexts, prepend=contexts[0]) != 0)


def _lower(keys: list[np.ndarray], probabilities: list[np.ndarray], length: int) -> np.ndarray:
    """Probability of the n-grams of one length by a context that is one shorter; all the shorter n-grams must be there."""
    return probabilities[length - 2][np.searchsorted(keys[length - 2], _without_first(keys[length - 1], length))]


def _pruned(keys: list[np.ndarray], counts: list[np.ndarray], probabilities: list[np.ndarray], max_ngrams: int) -> list[np.ndarray]:
    """Which n-grams to keep, bool by length: those whose loss changes the model most, and what they begin with."""
    worth = [np.full(len(keys[0]), np.inf)]
    for length in range(2, len(keys) + 1):
        # What an n-gram says beyond the shorter one, as often as it is said.
        here = probabilities[length - 1]
        context = _groups(keys[length - 1])
        often = np.bincount(context, counts[length - 1])[context]
        lower = _lower(keys, probabilities, length)
        freed = 1 - np.bincount(context, here)[context]
        backed_off = np.maximum(freed, 1e-6) / np.maximum(1 - np.bincount(context, lower)[context], 1e-6) * lower
        worth.append(often * here * np.abs(np.log(here / np.maximum(backed_off, 1e-30))))
    for length in range(len(keys) - 1, 1, -1):  # no n-gram without its beginning
        parents = np.searchsorted(keys[length - 1], keys[length] >> BITS)
        np.maximum.at(worth[length - 1], parents, worth[length])
    everything = np.concatenate(worth)
    if len(everything) <= max_ngrams:
        return [np.ones(len(level), bool) for level in worth]
    threshold = np.partition(everything, -max_ngrams)[-max_ngrams]
    return [level >= threshold if length else level > 0 for length, level in enumerate(worth)]


def _quantised(keys: list[np.ndarray], probabilities: list[np.ndarray], charset: str) -> LanguageModel:
    symbols, logs, children, backoffs = [np.zeros(1, np.int64)], [np.zeros(1)], [np.array([len(keys[0])])], [np.zeros(1)]
    for length, (level, probability) in enumerate(zip(keys, probabilities, strict=True), 1):
        symbols.append(level & ((1 << BITS) - 1))
        logs.append(np.log(probability))
        count, backoff = np.zeros(len(level), np.int64), np.zeros(len(level))
        if length < len(keys):
            longer = keys[length]
            count = np.bincount(np.searchsorted(level, longer >> BITS), minlength=len(level))
            context = np.repeat(np.arange(len(level)), count)
            shorter = _by_backoff(keys, probabilities, backoffs, _without_first(longer, length + 1), length)
            freed = 1 - np.bincount(context, probabilities[length], len(level))
            hidden = 1 - np.bincount(context, shorter, len(level))
            backoff = np.where(count > 0, np.log(np.maximum(freed, 1e-5) / np.maximum(hidden, 1e-5)), 0.0)
        children.append(count)
        backoffs.append(backoff)

    def byte(values: list[np.ndarray], zero: int) -> np.ndarray:
        return np.clip(np.rint(zero - LEVELS_PER_NAT * np.concatenate(values)), 0, 255).astype(np.uint8)

    return LanguageModel(
        np.concatenate(symbols).astype(np.uint8),
        byte(logs, 0),
        np.concatenate(children).astype(np.uint8),
        byte(backoffs, BACKOFF_ZERO),
        charset,
    )


def _by_backoff(
    keys: list[np.ndarray], probabilities: list[np.ndarray], backoffs: list[np.ndarray], wanted: np.ndarray, length: int
) -> np.ndarray:
    """Probability of the last characters of any n-grams of one length, from what was kept; ``backoffs`` of the shorter ones are known."""
    level = keys[length - 1]
    place = np.minimum(np.searchsorted(level, wanted), len(level) - 1)
    if length == 1:
        return probabilities[0][place]
    shorter = _by_backoff(keys, probabilities, backoffs, _without_first(wanted, length), length - 1)
    contexts = wanted >> BITS
    above = np.minimum(np.searchsorted(keys[length - 2], contexts), len(keys[length - 2]) - 1)
    weight = np.where(keys[length - 2][above] == contexts, np.exp(backoffs[length - 1][above]), 1.0)
    return np.where(level[place] == wanted, probabilities[length - 1][place], weight * shorter)
