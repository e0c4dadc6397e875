"""A character n-gram language model: built from text and word lists, stored in a few megabytes, asked by the beam search.

Interpolated Kneser-Ney smoothing of orders 1 to N (Chen and Goodman 1999, doi:10.1006/csla.1999.0128), pruned by relative entropy (Stolcke
1998, arXiv:cs/0006025), in back-off form: a tree of n-grams with a quantised probability each. A text begins as if a space stood before
it, so that a word alone and a word within a line begin alike.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from hwr.charset import PRINTABLE
from hwr.errors import InputError, ModelError

MODEL_FILE = "ngrams.npz"
MAX_ORDER = 9
"""As many characters of 7 bits fit into a 64-bit key."""
BITS = 7
MAX_CHARACTERS = (1 << BITS) - 1
"""Of a model: with the end of the text as many symbols as 7 bits tell apart."""
LEVELS_PER_NAT = 16
"""Log-probabilities are stored in sixteenths, in a byte: from 0 to -15.9, and back-off weights from 4 to -11.9."""
BACKOFF_ZERO = 64
_MAX_NGRAMS_READ = 20_000_000
_CACHED_STATES = 20_000


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
        charset: the characters that it knows, 127 at most.

    Raises:
        ModelError: the arrays don't make a model.
    """

    def __init__(
        self, symbols: np.ndarray, log_probs: np.ndarray, children: np.ndarray, backoffs: np.ndarray, charset: str = PRINTABLE
    ) -> None:
        if not 0 < len(charset) <= MAX_CHARACTERS or len(set(charset)) < len(charset) or " " not in charset:
            raise ModelError(f"A language model knows 1 to {MAX_CHARACTERS} different characters, the space among them.")
        self.charset = charset
        self.end = len(charset)
        arrays = (symbols, log_probs, children, backoffs)
        if any(
            not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim != 1 or len(array) != len(symbols)
            for array in arrays
        ):
            raise ModelError("The arrays of a language model must be bytes, and equally many.")
        first = 1 + np.cumsum(children, dtype=np.int64) - children
        if not len(symbols) or children.sum(dtype=np.int64) != len(symbols) - 1 or (first[children > 0] <= np.flatnonzero(children)).any():
            raise ModelError("The n-grams of a language model must form a tree.")
        if children[0] != self.end + 1 or not np.array_equal(symbols[1 : self.end + 2], np.arange(self.end + 1)):
            raise ModelError("A language model must know every single character.")
        rising = symbols[2:] > symbols[1:-1]
        rising[first[(children > 0) & (first > 1)] - 2] = True  # where the children of another node begin
        if not rising.all() or symbols[1:].max() > self.end or children[symbols == self.end][int(symbols[0] == self.end) :].any():
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
        return total + float(self.next_log_probs(state)[self.end])

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
        shorter = (
            np.full(self.end + 1, -np.log(self.end + 1)) if state == 0 else self.next_log_probs(self._suffix(state)).astype(np.float64)
        )
        backoff = (BACKOFF_ZERO - float(self._backoffs[state])) / LEVELS_PER_NAT
        found = shorter + backoff
        own = slice(int(self._first[state]), int(self._first[state]) + int(self._children[state]))
        found[self._symbols[own]] = -self._log_probs[own].astype(np.float64) / LEVELS_PER_NAT
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
                charset=np.frombuffer(self.charset.encode("utf-32-le"), np.uint32),
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
            expected = sorted(f"{name}.npy" for name in names)
            if sorted(set(sizes) - {"charset.npy"}) != expected or sum(sizes.values()) > len(names) * _MAX_NGRAMS_READ:
                raise ModelError(f"{path} is not a language model: it must hold {', '.join(names)}, and not too much of them.")
            with np.load(path, allow_pickle=False) as file:
                arrays = [file[name] for name in names]
                charset = _text(file["charset"]) if "charset" in file else PRINTABLE  # older ones have none
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
            return cls(*arrays, charset)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error


def _text(codes: np.ndarray) -> str:
    if codes.dtype != np.uint32 or codes.ndim != 1 or not 0 < len(codes) <= MAX_CHARACTERS:
        raise ModelError(f"A language model knows 1 to {MAX_CHARACTERS} characters.")
    return codes.tobytes().decode("utf-32-le")


def _depths(children: np.ndarray) -> int:
    """Levels of a tree below its root, given the children of its nodes, breadth first; more than ``MAX_ORDER`` are not counted on."""
    levels, start, stop = 0, 0, 1
    while levels <= MAX_ORDER and (following := stop + int(children[start:stop].sum(dtype=np.int64))) > stop:
        levels, start, stop = levels + 1, stop, following
    return levels
