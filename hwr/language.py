"""A character n-gram language model: built from text and word lists, stored in a few megabytes, asked by the beam search.

Interpolated Kneser-Ney smoothing of orders 1 to N (Chen and Goodman 1999, doi:10.1006/csla.1999.0128), pruned by relative entropy (Stolcke
1998, arXiv:cs/0006025), in back-off form: a tree of n-grams with a quantised probability each. A text begins as if a space stood before
it, so that a word alone and a word within a line begin alike.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwr.charset import PRINTABLE
from hwr.errors import InputError, ModelError

MODEL_FILE = "ngrams.npz"
ORDER = 6
"""Characters in the longest n-gram."""
MAX_ORDER = 9
"""As many characters of 7 bits fit into a 64-bit key."""
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

_END = len(PRINTABLE)
_SYMBOLS = _END + 1
_BITS = 7
_LEVELS_PER_NAT = 16
"""Log-probabilities are stored in sixteenths, in a byte: from 0 to -15.9, and back-off weights from 4 to -11.9."""
_BACKOFF_ZERO = 64
_MAX_NGRAMS_READ = 20_000_000
_CACHED_STATES = 20_000


@dataclass(frozen=True)
class Source:
    """Text, or words, to learn from.

    Attributes:
        lines: texts of printable ASCII, without line breaks; the same one may occur again.
        weights: float64 (lines,), how often each counts.
    """

    lines: Sequence[str]
    weights: np.ndarray


class LanguageModel:
    """Probabilities of the next character, given the ones before. Thread-safe.

    A state stands for the longest end of the text so far that the model knows something about.

    Args:
        symbols: uint8 (N,), last character of each n-gram, as an index into ``charset``, its length for the end of the text. The n-grams
            are the nodes of a tree, a node being its parent's characters and one more; listed breadth first, siblings in order of symbol.
            Node 0, the root, is the empty one; its children are all single symbols.
        log_probs: uint8 (N,), minus the logarithm of the last character's probability after the others, in sixteenths.
        children: uint8 (N,), how many children each node has.
        backoffs: uint8 (N,), 64 minus the logarithm of what a shorter context's probability is multiplied by, in sixteenths.

    Raises:
        ModelError: the arrays don't make a model.
    """

    charset = PRINTABLE
    """The characters it knows."""

    def __init__(self, symbols: np.ndarray, log_probs: np.ndarray, children: np.ndarray, backoffs: np.ndarray) -> None:
        arrays = (symbols, log_probs, children, backoffs)
        if any(
            not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != 1 or len(array) != len(symbols)
            for array in arrays
        ):
            raise ModelError("The arrays of a language model must be bytes, and equally many.")
        first = 1 + np.cumsum(children, dtype=np.int64) - children
        if not len(symbols) or children.sum(dtype=np.int64) != len(symbols) - 1 or (first[children > 0] <= np.flatnonzero(children)).any():
            raise ModelError("The n-grams of a language model must form a tree.")
        if children[0] != _SYMBOLS or not np.array_equal(symbols[1 : _SYMBOLS + 1], np.arange(_SYMBOLS)):
            raise ModelError("A language model must know every single character.")
        rising = symbols[2:] > symbols[1:-1]
        rising[first[(children > 0) & (first > 1)] - 2] = True  # where the children of another node begin
        if not rising.all() or symbols[1:].max() > _END or children[symbols == _END][int(symbols[0] == _END) :].any():
            raise ModelError("The n-grams of a language model must be sorted, and be made of characters.")
        self._symbols, self._log_probs, self._children, self._backoffs, self._first = *arrays, first
        self._depths = _depths(children)
        if self._depths > MAX_ORDER:
            raise ModelError(f"The n-grams of a language model have at most {MAX_ORDER} characters.")
        self._suffixes: dict[int, int] = {0: 0}
        self._vectors: dict[int, np.ndarray] = {}
        self._moves: dict[tuple[int, str], int] = {}
        self._codes = {char: code for code, char in enumerate(self.charset)}

    def __len__(self) -> int:
        """How many n-grams it has."""
        return len(self._symbols) - 1

    @property
    def order(self) -> int:
        """Characters in its longest n-gram."""
        return self._depths

    def start(self) -> int:
        """The state of the empty text."""
        return self.advance(0, " ")

    def advance(self, state: int, char: str) -> int:
        """The state after one more character; a character that it doesn't know is as none at all."""
        key = (state, char)
        if key not in self._moves:
            if len(self._moves) > 8 * _CACHED_STATES:
                self._moves = {}
            code = self._codes.get(char)
            self._moves[key] = 0 if code is None else self._known(state, code)
        return self._moves[key]

    def next_log_probs(self, state: int) -> np.ndarray:
        """What comes next: natural logarithms, float32 (len(charset) + 1,) in the order of ``charset``, last the end of the text.

        They are of probabilities that sum to one. The array is shared: don't write to it.
        """
        if state not in self._vectors:
            if len(self._vectors) > _CACHED_STATES:
                self._vectors = {}
            self._vectors[state] = self._next_log_probs(state)
        return self._vectors[state]

    def log_prob(self, text: str) -> float:
        """Natural logarithm of a whole text's probability, its end included."""
        state, total = self.start(), 0.0
        for char in text:
            code = self._codes.get(char)
            if code is None:
                return -np.inf
            total += float(self.next_log_probs(state)[code])
            state = self.advance(state, char)
        return total + float(self.next_log_probs(state)[_END])

    def _child(self, node: int, code: int) -> int | None:
        first = int(self._first[node])
        found = first + int(np.searchsorted(self._symbols[first : first + int(self._children[node])], code))
        return found if found < first + int(self._children[node]) and self._symbols[found] == code else None

    def _known(self, node: int, code: int) -> int:
        """The node of the longest end of a node's characters and one more that has children; the root if there is none."""
        while True:
            child = self._child(node, code)
            if child is not None and self._children[child]:
                return child
            if node == 0:
                return 0
            node = self._suffix(node)

    def _suffix(self, node: int) -> int:
        """The node that lacks a node's first character, or, where that is not known, the first."""
        if node not in self._suffixes:
            parent = int(np.searchsorted(self._first, node, side="right")) - 1
            while not self._children[parent]:  # nodes without children share the place of the next that has some
                parent -= 1
            self._suffixes[node] = 0 if parent == 0 else self._known(self._suffix(parent), int(self._symbols[node]))
        return self._suffixes[node]

    def _next_log_probs(self, state: int) -> np.ndarray:
        shorter = np.full(_SYMBOLS, -np.log(_SYMBOLS)) if state == 0 else self.next_log_probs(self._suffix(state)).astype(np.float64)
        backoff = (_BACKOFF_ZERO - float(self._backoffs[state])) / _LEVELS_PER_NAT
        found = shorter + backoff
        own = slice(int(self._first[state]), int(self._first[state]) + int(self._children[state]))
        found[self._symbols[own]] = -self._log_probs[own].astype(np.float64) / _LEVELS_PER_NAT
        found -= np.logaddexp.reduce(found)  # quantised, they don't quite sum to one
        found = found.astype(np.float32)
        found.flags.writeable = False
        return found

    def save(self, folder: str | Path) -> None:
        """Write ``ngrams.npz`` into a folder, which is made if it isn't there.

        Raises:
            InputError: the folder can't be written.
        """
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            np.savez_compressed(
                Path(folder) / MODEL_FILE,
                symbols=self._symbols,
                log_probs=self._log_probs,
                children=self._children,
                backoffs=self._backoffs,
            )
        except OSError as error:
            raise InputError(f"{folder} can't be written: {error.strerror or error}.") from error

    @classmethod
    def load(cls, folder: str | Path) -> LanguageModel:
        """Read a model that :meth:`save` or ``hwr language-model`` wrote.

        Raises:
            ModelError: it isn't there, or is no such model.
        """
        path = Path(folder) / MODEL_FILE
        if not path.is_file():
            raise ModelError(f"{folder} is not a language model: it has no {MODEL_FILE}.")
        names = ("symbols", "log_probs", "children", "backoffs")
        try:
            with zipfile.ZipFile(path) as archive:  # sizes first: a small file may unpack to anything
                sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if sorted(sizes) != sorted(f"{name}.npy" for name in names) or sum(sizes.values()) > len(names) * _MAX_NGRAMS_READ:
                raise ModelError(f"{path} is not a language model: it must hold {', '.join(names)}, and not too much of them.")
            with np.load(path, allow_pickle=False) as file:
                arrays = [file[name] for name in names]
        except ModelError:
            raise
        except (
            OSError,
            ValueError,
            EOFError,
            KeyError,
            NotImplementedError,
            RuntimeError,
            MemoryError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise ModelError(
                f"{path} can't be read as a language model: {str(error).splitlines()[0] if str(error) else error!r}"
            ) from error
        try:
            return cls(*arrays)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error


def _depths(children: np.ndarray) -> int:
    """Levels of a tree below its root, given the children of its nodes, breadth first; more than ``MAX_ORDER`` are not counted on."""
    levels, start, stop = 0, 0, 1
    while levels <= MAX_ORDER and (following := stop + int(children[start:stop].sum(dtype=np.int64))) > stop:
        levels, start, stop = levels + 1, stop, following
    return levels


def read_text(path: str | Path, share: float = 1.0) -> Source:
    """A text file as a source: its lines, white space made single spaces, without what is not printable ASCII.

    Args:
        path: a UTF-8 file.
        share: how much it counts in all, in millions of characters.

    Raises:
        InputError: it can't be read, or has no text.
    """
    lines = [" ".join(_printable(line).split()) for line in _read(path).splitlines()]
    lines = [line for line in lines if line]
    return _shared(path, lines, np.ones(len(lines)), share)


def read_words(path: str | Path, share: float = 1.0) -> Source:
    """A list of words with frequencies as a source: the words as listed, capitalised, and in capitals.

    Args:
        path: a UTF-8 file, a word, a tab and its frequency to the line.
        share: how much it counts in all, in millions of characters.

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
        if word != _printable(word):
            continue
        count **= TEMPER
        forms = {word.upper(): IN_CAPITALS, word[0].upper() + word[1:]: CAPITALISED} | {word: 1.0}
        for form, part in forms.items():
            counts[form] += part * count
    return _shared(path, list(counts), np.array(list(counts.values())), share)


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read as UTF-8 text: {error}.") from error


def _printable(text: str) -> str:
    return "".join(char if char in _CODES else " " if char.isspace() else "" for char in text)


_CODES = frozenset(PRINTABLE)


def _shared(path: str | Path, lines: list[str], weights: np.ndarray, share: float) -> Source:
    if not lines:
        raise InputError(f"{path} has no text that a model could learn from.")
    characters = np.array([len(line) for line in lines]) @ weights
    return Source(lines, weights * (share * SHARE / characters))


def build(sources: Iterable[Source], *, order: int = ORDER, max_ngrams: int = MAX_NGRAMS) -> LanguageModel:
    """Count, smooth, prune and quantise.

    Args:
        sources: at least one.
        order: characters in the longest n-gram, 2 to 9.
        max_ngrams: how many n-grams to keep about.

    Raises:
        InputError: there is no source, or the order is out of range.
    """
    sources = list(sources)
    if not sources:
        raise InputError("A language model needs at least one source.")
    if not 2 <= order <= MAX_ORDER:
        raise InputError(f"The order must be from 2 to {MAX_ORDER}.")
    keys, counts = _count(sources, order)
    probabilities = _smooth(keys, counts)
    kept = _pruned(keys, counts, probabilities, max_ngrams)
    keys = [level[keep] for level, keep in zip(keys, kept, strict=True)]
    return _quantised(keys, [level[keep] for level, keep in zip(probabilities, kept, strict=True)])


def _count(sources: Sequence[Source], order: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """All n-grams by length: sorted keys, int64, 7 bits to the character, the last one lowest; and their weighted counts, float64."""
    text = "".join(f" {line}\n" for source in sources for line in source.lines)  # the space before, the end after
    table = np.zeros(128, np.int64)
    table[[ord(char) for char in PRINTABLE]] = np.arange(_END)
    table[ord("\n")] = _END
    codes = table[np.frombuffer(text.encode("ascii"), np.uint8)]
    lengths = np.diff(np.flatnonzero(codes == _END), prepend=-1)
    position = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    weights = np.repeat(np.concatenate([source.weights for source in sources]), lengths)
    keys, counts = [], []
    packed = codes.copy()
    for length in range(1, order + 1):
        if length > 1:
            packed[length - 1 :] += codes[: 1 - length] << (_BITS * (length - 1))
        within = position >= max(1, length - 1)  # the space before a text is only ever context
        found, place = np.unique(packed[within], return_inverse=True)
        keys.append(found)
        counts.append(np.bincount(place, weights[within]))
    everything = np.arange(_SYMBOLS)  # what never occurs must be readable too
    seen = np.zeros(_SYMBOLS)
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
        lower = np.full(len(level), 1 / _SYMBOLS) if length == 1 else _lower(keys, probabilities, length)
        discount = np.minimum(count, DISCOUNT)
        total, freed = np.bincount(context, count)[context], np.bincount(context, discount)[context]
        probabilities.append((count - discount + freed * lower) / total)
    return probabilities


def _without_first(level: np.ndarray, length: int) -> np.ndarray:
    return level & ((1 << (_BITS * (length - 1))) - 1)


def _groups(level: np.ndarray) -> np.ndarray:
    """Number, from 0, of the context of each n-gram of a sorted level."""
    contexts = level >> _BITS
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
        parents = np.searchsorted(keys[length - 1], keys[length] >> _BITS)
        np.maximum.at(worth[length - 1], parents, worth[length])
    everything = np.concatenate(worth)
    if len(everything) <= max_ngrams:
        return [np.ones(len(level), bool) for level in worth]
    threshold = np.partition(everything, -max_ngrams)[-max_ngrams]
    return [level >= threshold if length else level > 0 for length, level in enumerate(worth)]


def _quantised(keys: list[np.ndarray], probabilities: list[np.ndarray]) -> LanguageModel:
    symbols, logs, children, backoffs = [np.zeros(1, np.int64)], [np.zeros(1)], [np.array([len(keys[0])])], [np.zeros(1)]
    for length, (level, probability) in enumerate(zip(keys, probabilities, strict=True), 1):
        symbols.append(level & ((1 << _BITS) - 1))
        logs.append(np.log(probability))
        count, backoff = np.zeros(len(level), np.int64), np.zeros(len(level))
        if length < len(keys):
            longer = keys[length]
            count = np.bincount(np.searchsorted(level, longer >> _BITS), minlength=len(level))
            context = np.repeat(np.arange(len(level)), count)
            shorter = _by_backoff(keys, probabilities, backoffs, _without_first(longer, length + 1), length)
            freed = 1 - np.bincount(context, probabilities[length], len(level))
            hidden = 1 - np.bincount(context, shorter, len(level))
            backoff = np.where(count > 0, np.log(np.maximum(freed, 1e-5) / np.maximum(hidden, 1e-5)), 0.0)
        children.append(count)
        backoffs.append(backoff)

    def byte(values: list[np.ndarray], zero: int) -> np.ndarray:
        return np.clip(np.rint(zero - _LEVELS_PER_NAT * np.concatenate(values)), 0, 255).astype(np.uint8)

    return LanguageModel(
        np.concatenate(symbols).astype(np.uint8), byte(logs, 0), np.concatenate(children).astype(np.uint8), byte(backoffs, _BACKOFF_ZERO)
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
    contexts = wanted >> _BITS
    above = np.minimum(np.searchsorted(keys[length - 2], contexts), len(keys[length - 2]) - 1)
    weight = np.where(keys[length - 2][above] == contexts, np.exp(backoffs[length - 1][above]), 1.0)
    return np.where(level[place] == wanted, probabilities[length - 1][place], weight * shorter)
