"""From the output of a CTC network to text: best path, prefix beam search with a language model and word lists, scores and alignment.

The network emits, per time step, a distribution over the CTC blank (class 0) and the characters (class ``k + 1`` is ``charset[k]``); a
text's probability is the sum over all alignments that collapse to it (Graves et al. 2006, doi:10.1145/1143844.1143891). The beam search
is ours: of the decoders on PyPI those with wheels for every system know no character language model (fast-ctc-decoder) or fuse one of
words through a compiled KenLM (flashlight-text, ctc-beam-decoder), and pyctcdecode, which would do, is no longer maintained and excludes
numpy 2.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from hwr.errors import InputError
from hwr.language import LanguageModel

BEAM_WIDTH = 16
"""Prefixes that the search keeps."""
N_BEST = 8
"""Hypotheses that the search returns."""
LANGUAGE_WEIGHT = 0.6
"""Exponent of the language model's probability against the network's."""
LENGTH_BONUS = 2.2
"""Added per character, to make up for what the language model takes from every further one."""
CUTOFF = 1e-4
"""Characters less probable than this at a step don't extend a prefix there, if others are."""
MOST_CANDIDATES = 16
"""At most so many characters extend a prefix at a step."""
CERTAIN_BLANK = 0.999
"""Steps whose blank is more probable than this extend nothing."""
FLOOR = -69.0
"""Log-probability that search and alignment never go below, so that what the network excludes ranks last instead of nowhere."""

_OPENING = frozenset("\"'`([{<$#*+-_")
_CLOSING = frozenset(".,;:!?\"'`)]}>%*-_")


@dataclass(frozen=True)
class Hypothesis:
    """A text that the network's output may stand for.

    Attributes:
        text: the characters.
        log_probability: natural logarithm of the text's CTC probability, summed over all alignments; ``-inf`` where it has none.
        score: what hypotheses are ranked by: ``log_probability`` plus the weighted log-probability that the language model gives the text
            and the length bonus. Finite, so that ``softmax(scores)`` is a posterior over the n best.
    """

    text: str
    log_probability: float
    score: float


@dataclass(frozen=True)
class Span:
    """Where a character of a text stands.

    Attributes:
        char: the character.
        start: where it begins, in time steps from the left.
        stop: where it ends; the next one begins there.
        confidence: probability in [0, 1] that this character, and no other or none, stands between its neighbours.
        alternatives: other characters in its place, ``(char, probability)``, likeliest first.
    """

    char: str
    start: float
    stop: float
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


def greedy(log_probs: np.ndarray, charset: str) -> str:
    """The text of the best path: the likeliest class of each step, repeats merged, blanks dropped (Graves et al. 2006).

    Args:
        log_probs: float (T, 1 + len(charset)).
        charset: class ``k + 1`` is ``charset[k]``.
    """
    _check(log_probs, charset)
    path = log_probs.argmax(1) if len(log_probs) else np.empty(0, int)
    starts = np.flatnonzero((path != 0) & (np.diff(path, prepend=0) != 0))
    return "".join(charset[label - 1] for label in path[starts])


def beam_search(
    log_probs: np.ndarray,
    charset: str,
    *,
    beam_width: int = BEAM_WIDTH,
    n_best: int = N_BEST,
    language_model: LanguageModel | None = None,
    language_weight: float = LANGUAGE_WEIGHT,
    length_bonus: float = LENGTH_BONUS,
    words: Iterable[str] | None = None,
    allowed: str | None = None,
    cutoff: float = CUTOFF,
) -> list[Hypothesis]:
    """The best texts by CTC prefix beam search with shallow fusion (Graves 2012; Hannun et al. 2014, arXiv:1408.2873).

    The alignments of one prefix are summed. Where ``words`` or ``allowed`` leave few continuations, the language model's probability is
    shared out among those, so that it judges between what can come out and not against it.

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms.
        charset: class ``k + 1`` is ``charset[k]``.
        beam_width: prefixes to keep at each step.
        n_best: hypotheses to return at most.
        language_model: judges the characters; None for none, and then neither weight nor bonus count.
        language_weight: exponent of its probability.
        length_bonus: added to the score per character.
        words: the only words that can come out, if given, separated by single spaces: as written, capitalised or in capitals, with
            punctuation attached at either end.
        allowed: the only characters that can come out, if given.
        cutoff: probability below which a character doesn't extend a prefix at a step; ``words`` are not subject to it.

    Returns:
        At least one hypothesis, best first, all different. The empty text comes out of ``words`` only where the network sees nothing,
        or has fewer steps than the shortest word needs.

    Raises:
        InputError: ``words`` or ``allowed`` are empty, or need characters that the network doesn't know.
    """
    _check(log_probs, charset)
    if allowed is not None and not (allowed and set(allowed) <= set(charset)):
        raise InputError("The allowed characters must be one or more of those that the model can read.")
    labels = [1 + k for k, char in enumerate(charset) if allowed is None or char in allowed]
    known = frozenset(charset if allowed is None else allowed)
    grammar = None if words is None else _WordGrammar(words, known, accept_nothing=greedy(log_probs, charset) == "")
    rules = _Rules(charset, labels, grammar, language_model, language_weight, length_bonus)
    floored = np.maximum(log_probs, FLOOR, dtype=np.float64)

    root = _Prefix(None, 0, rules.start())
    beam = _search(root, np.exp(floored), labels, rules, beam_width, cutoff)
    ends = [(prefix, prefix.bonus + end) for prefix in beam if (end := rules.of(prefix).end) > -math.inf]
    ends.sort(key=lambda end: -(math.log(end[0].blank + end[0].symbol) + end[1]))
    if not ends:  # there are too few steps for any word
        return [Hypothesis("", ctc_log_probability(log_probs, "", charset), 0.0)]
    targets = [prefix.labels() for prefix, _ in ends[:n_best]]
    finite = _forward(floored, targets)
    exact = finite if np.array_equal(floored, log_probs) else _forward(np.asarray(log_probs, np.float64), targets)
    found = [
        Hypothesis("".join(charset[label - 1] for label in target), float(log_probability), float(score + bonus))
        for target, log_probability, score, (_, bonus) in zip(targets, exact, finite, ends, strict=False)
    ]
    found.sort(key=lambda hypothesis: -hypothesis.score)
    return [hypothesis for hypothesis in found if hypothesis.log_probability > -math.inf] or found[:1]


def ctc_log_probability(log_probs: np.ndarray, text: str, charset: str) -> float:
    """Natural logarithm of a text's CTC probability, by the forward algorithm (Graves et al. 2006).

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms.
        text: any text over the charset.
        charset: class ``k + 1`` is ``charset[k]``.

    Returns:
        The logarithm of the sum over all alignments; ``-inf`` where there is none.

    Raises:
        InputError: the text has characters that the charset lacks.
    """
    _check(log_probs, charset)
    return float(_forward(np.asarray(log_probs, np.float64), [_labels(text, charset)])[0])


def align(log_probs: np.ndarray, text: str, charset: str, *, alternatives: int = 4) -> list[Span]:
    """Where each character of a text stands, how sure it is, and what else could stand there.

    Places come from the likeliest alignment (Viterbi). CTC emits a character in a spike of a step or two; here it extends to the middle
    between its spike and its neighbours'. Confidences compare the text's CTC probability with that of every text that differs from it in
    this one character, which is replaced or left out; all of them come out of one forward and one backward pass.

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms.
        text: any text over the charset.
        charset: class ``k + 1`` is ``charset[k]``.
        alternatives: how many other characters to report.

    Returns:
        One span per character, in order, within [0, T]. If there are fewer steps than the text needs, they share them evenly, with
        confidence 0.

    Raises:
        InputError: the text has characters that the charset lacks.
    """
    _check(log_probs, charset)
    target = _labels(text, charset)
    steps = len(log_probs)
    if not target:
        return []
    if steps < _steps_needed(target):
        return [Span(char, steps * k / len(text), steps * (k + 1) / len(text), 0.0) for k, char in enumerate(text)]
    floored = np.maximum(log_probs, FLOOR, dtype=np.float64)
    starts, stops = _extents(_viterbi([floored], [target])[0][0], steps)
    probabilities, none = _substitutions(floored, target)
    whole = probabilities.sum(1) + none
    spans = []
    for k, char in enumerate(text):
        order = [label for label in np.argsort(-probabilities[k], kind="stable") if label != target[k] - 1][:alternatives]
        others = tuple((charset[label], float(probabilities[k, label] / whole[k])) for label in order)
        spans.append(Span(char, starts[k], stops[k], float(probabilities[k, target[k] - 1] / whole[k]), others))
    return spans


def alignments(emitted: Sequence[np.ndarray], texts: Sequence[str], charset: str) -> tuple[list[np.ndarray], np.ndarray]:
    """The likeliest alignment of each text (Viterbi), all at once.

    Args:
        emitted: float (T, 1 + len(charset)) each, natural logarithms.
        texts: none is empty or needs more steps than there are.
        charset: class ``k + 1`` is ``charset[k]``.

    Returns:
        int64 (T,) each, per step ``2 k + 1`` for character k and ``2 k`` for the blank before it; and float64 (N,), the alignments'
        log-probabilities.

    Raises:
        InputError: a text has characters that the charset lacks.
    """
    floored = [np.maximum(log_probs, FLOOR, dtype=np.float64) for log_probs in emitted]
    return _viterbi(floored, [_labels(text, charset) for text in texts])


class _Prefix:
    """A prefix in the search: a node of the tree of prefixes, with the mass of alignments that end in a blank and in its last symbol."""

    __slots__ = ("blank", "bonus", "children", "label", "new_blank", "new_symbol", "parent", "rule", "symbol", "touched")

    def __init__(self, parent: _Prefix | None, label: int, rule: _Rule | None = None) -> None:
        self.parent, self.label, self.rule = parent, label, rule  # the rule comes when it is needed: few prefixes live that long
        self.bonus = 0.0 if parent is None else parent.bonus + parent.rule.gains[label]
        self.children: dict[int, _Prefix] = {}
        self.blank = self.symbol = self.new_blank = self.new_symbol = 0.0
        self.touched = False

    def labels(self) -> list[int]:
        """Classes of its characters."""
        found = []
        node = self
        while node.parent is not None:
            found.append(node.label)
            node = node.parent
        return found[::-1]


def _search(root: _Prefix, probs: np.ndarray, labels: list[int], rules: _Rules, beam_width: int, cutoff: float) -> list[_Prefix]:
    """The prefixes that are left after the last step, with their mass up to a common factor.

    Masses are kept as numbers, scaled at each step, and not as logarithms: additions and products are what Python does fastest.
    """
    busy = probs[:, 0] <= CERTAIN_BLANK
    left = int(busy.sum())  # steps that are still to come and can extend a prefix
    if root.rule.needs > left:
        busy[:], left = True, len(probs)
    at_least = np.minimum(cutoff, probs[:, labels].max(1, initial=0.0))
    if len(labels) > MOST_CANDIDATES and len(probs):  # a network that has no idea must not take all day
        at_least = np.maximum(at_least, np.partition(probs[:, labels], -MOST_CANDIDATES, axis=1)[:, -MOST_CANDIDATES])
    candidates = [
        [(label, p) for label, p in zip(labels, row, strict=True) if p >= least]
        for row, least in zip(probs[:, labels].tolist(), at_least.tolist(), strict=True)
    ]
    root.blank = 1.0
    beam = [root] if root.rule.needs <= left else []
    for frame, near, extends in zip(probs.tolist(), candidates, busy.tolist(), strict=True):
        touched = list(beam)
        for prefix in beam:
            prefix.touched = True
        for prefix in beam:
            total = prefix.blank + prefix.symbol
            prefix.new_blank = total * frame[0]
            last = prefix.label
            if last:
                prefix.new_symbol += prefix.symbol * frame[last]
            if not extends:
                continue
            children, rule = prefix.children, rules.of(prefix)
            for label, p in near if rule.only is None else [(label, frame[label]) for label in rule.only]:
                gain = (prefix.blank if label == last else total) * p
                if gain <= 0.0:
                    continue
                child = children.get(label)
                if child is None:
                    child = children[label] = _Prefix(prefix, label)
                if not child.touched:
                    child.touched = True
                    touched.append(child)
                child.new_symbol += gain
        left -= extends
        ranked = []
        for prefix in touched:
            prefix.blank, prefix.symbol = prefix.new_blank, prefix.new_symbol
            prefix.new_blank = prefix.new_symbol = 0.0
            prefix.touched = False
            total = prefix.blank + prefix.symbol
            if total > 0.0 and (not rules.have_needs or rules.of(prefix).can_end_within(left, prefix.blank > 0.0)):
                ranked.append((math.log(total) + prefix.bonus, len(ranked), prefix))
            else:
                prefix.blank = prefix.symbol = 0.0
        ranked.sort(reverse=True)
        for _, _, prefix in ranked[beam_width:]:
            prefix.blank = prefix.symbol = 0.0
        beam = [prefix for _, _, prefix in ranked[:beam_width]]
        scale = 1.0 / max((prefix.blank + prefix.symbol for prefix in beam), default=1.0)
        for prefix in beam:
            prefix.blank *= scale
            prefix.symbol *= scale
    return beam


@dataclass(slots=True, eq=False)
class _Rule:
    """What may follow a prefix, and what that adds to the score; shared by prefixes that language model and grammar can't tell apart.

    Attributes:
        model_state: the language model's.
        exits: the word grammar's next states, by character.
        only: the classes that may follow; None: any that may come out at all.
        needs: steps that are needed at least before the text can end.
        needs_rested: the same after a blank, which equal characters need between them.
        gains: by class, what a further character adds to the score.
        end: what ending here adds; ``-inf`` where the text can't end.
        next: the rules that were made for what follows, by class.
    """

    model_state: int
    exits: dict[str, frozenset]
    only: list[int] | None
    needs: int
    needs_rested: int
    gains: list[float]
    end: float
    next: dict[int, _Rule] = field(default_factory=dict)

    def can_end_within(self, steps: int, rested: bool) -> bool:
        """Whether so many steps may be enough, after a blank or not."""
        return (self.needs_rested if rested else self.needs) <= steps


class _Rules:
    """The rules of one search, made when they are first needed."""

    def __init__(
        self,
        charset: str,
        labels: list[int],
        grammar: _WordGrammar | None,
        model: LanguageModel | None,
        weight: float,
        bonus: float,
    ) -> None:
        self._charset, self._labels, self._grammar = charset, labels, grammar
        self._model, self._weight, self._bonus = model, weight, bonus
        self._made: dict[tuple[int, frozenset], _Rule] = {}
        self.have_needs = grammar is not None
        """Whether a text can't end everywhere."""
        if model is not None:
            index = {char: k for k, char in enumerate(model.charset)}
            self._restricted = len(labels) < len(model.charset)
            self._columns = np.array([index.get(char, -1) for char in charset] + [len(model.charset)])

    def start(self) -> _Rule:
        """Of the empty prefix."""
        grammar_state = frozenset() if self._grammar is None else self._grammar.start()
        return self._rule(0 if self._model is None else self._model.start(), grammar_state)

    def of(self, prefix: _Prefix) -> _Rule:
        """Of a prefix whose parent has been extended."""
        if prefix.rule is None:
            before, label = prefix.parent.rule, prefix.label
            found = before.next.get(label)
            if found is None:
                char = self._charset[label - 1]
                model_state = 0 if self._model is None else self._model.advance(before.model_state, char)
                found = before.next[label] = self._rule(model_state, before.exits.get(char, frozenset()))
            prefix.rule = found
        return prefix.rule

    def _rule(self, model_state: int, grammar_state: frozenset) -> _Rule:
        key = (model_state, grammar_state)
        if key not in self._made:
            self._made[key] = self._make(model_state, grammar_state)
        return self._made[key]

    def _make(self, model_state: int, grammar_state: frozenset) -> _Rule:
        exits: dict[str, frozenset] = {}
        only, can_end, needs, needs_rested = None, True, 0, 0
        if self._grammar is not None:
            exits = self._grammar.exits(grammar_state)
            only = [label for label in self._labels if self._charset[label - 1] in exits]
            can_end = self._grammar.accepts(grammar_state)
            needs, needs_rested = self._grammar.needs(grammar_state)
        if self._model is None:
            gains, end = [0.0] * (1 + len(self._charset)), 0.0
        else:
            known = self._model.next_log_probs(model_state)
            judged = np.where(self._columns >= 0, known[self._columns], known.min())
            if only is not None or self._restricted:
                possible = np.zeros(len(judged), bool)
                possible[[label - 1 for label in (self._labels if only is None else only)]] = True
                possible[-1] = can_end
                judged -= np.logaddexp.reduce(judged[possible])
            gains, end = [0.0, *(self._weight * judged[:-1] + self._bonus).tolist()], float(self._weight * judged[-1])
        return _Rule(model_state, exits, only, needs, needs_rested, gains, end if can_end else -math.inf)


class _WordGrammar:
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
        needs = int(self._steps[first:stop].min()) - _steps_needed(written)
        again = [int(self._steps[low:high].min()) for char, (low, high, _) in self._within(*place) if char == written[-1]]
        return needs, min([needs, *(steps - _steps_needed(written) - 1 for steps in again)])

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
    words = [" ".join(word.split()) for word in words]
    if unreadable := [word for word in words if not set(word) <= known]:
        raise InputError(f"Leave out the word {unreadable[0]!r}: not all of its characters can be read here.")
    variants = {variant for word in words for variant in (word, word[:1].upper() + word[1:], word.upper())}
    usable = sorted(variant for variant in variants if variant and set(variant) <= known)
    if not usable:
        raise InputError("Give at least one word, or no list of words.")
    return usable, np.array([_steps_needed(variant) for variant in usable])


def _check(log_probs: np.ndarray, charset: str) -> None:
    if log_probs.ndim != 2 or log_probs.shape[1] != 1 + len(charset):
        raise ValueError(f"log_probs must have shape (T, {1 + len(charset)}), not {log_probs.shape}")


def _labels(text: str, charset: str) -> list[int]:
    if unknown := sorted(set(text) - set(charset)):
        raise InputError(f"The model has no character {unknown[0]!r}.")
    return [1 + charset.index(char) for char in text]


def _steps_needed(symbols: Sequence[int] | str) -> int:
    """Time steps that a text needs at least: one per symbol, and a blank between equal ones."""
    return len(symbols) + sum(one == other for one, other in pairwise(symbols))


def _forward(log_probs: np.ndarray, targets: Sequence[Sequence[int]]) -> np.ndarray:
    """CTC log-probabilities, float64 (N,), of N label sequences, each by the forward algorithm, all at once; arguments as elsewhere."""
    longest = max(len(target) for target in targets)
    extended = np.zeros((len(targets), 2 * longest + 1), np.int64)  # blanks between, before and after the symbols
    for row, target in zip(extended, targets, strict=True):
        row[1 : 2 * len(target) : 2] = target
    alpha = np.full((len(targets), extended.shape[1] + 2), -np.inf)  # two columns of nothing on the left
    alpha[:, 2] = 0.0
    skips = _skips(extended)
    for frame in log_probs:
        total = np.logaddexp(alpha[:, 2:], alpha[:, 1:-1])
        # Before the first step all mass waits at the first blank, from where it may go to that blank or to the first symbol.
        total = np.logaddexp(total, np.where(skips, alpha[:, :-2], -np.inf))
        alpha[:, 2:] = total + frame[extended]
    rows = np.arange(len(targets))
    ends = 2 + 2 * np.array([len(target) for target in targets])
    before = np.where(ends > 2, alpha[rows, ends - 1], -np.inf)
    return np.logaddexp(alpha[rows, ends], before)


def _skips(extended: np.ndarray) -> np.ndarray:
    """Where the blank before a symbol may be left out, bool, of the shape of ``extended``, int64 (..., 2L + 1)."""
    found = np.zeros(extended.shape, bool)
    found[..., 3::2] = extended[..., 3::2] != extended[..., 1:-2:2]
    return found


def _viterbi(emitted: Sequence[np.ndarray], targets: Sequence[list[int]]) -> tuple[list[np.ndarray], np.ndarray]:
    """As :func:`alignments`, of float64 arrays and classes."""
    rows = np.arange(len(targets))
    steps, ends = np.array([len(log_probs) for log_probs in emitted]), np.array([2 * len(target) for target in targets])
    extended = np.zeros((len(targets), int(ends.max()) + 1), np.int64)
    frames = np.zeros((int(steps.max()), len(targets), emitted[0].shape[1]))
    for row, (log_probs, target) in enumerate(zip(emitted, targets, strict=True)):
        extended[row, 1 : 2 * len(target) : 2] = target
        frames[: len(log_probs), row] = log_probs
    skips = _skips(extended)
    best = np.full((len(targets), extended.shape[1] + 2), -np.inf)
    best[:, 2] = 0.0
    back = np.zeros((len(frames), *extended.shape), np.int8)
    for step, frame in enumerate(frames):
        going = steps > step  # the others have ended
        ways = np.stack([best[:, 2:], best[:, 1:-1], np.where(skips, best[:, :-2], -np.inf)])
        back[step] = ways.argmax(0)
        best[going, 2:] = ways.max(0)[going] + frame[rows[:, None], extended][going]
    last_blank, last_symbol = best[rows, 2 + ends], best[rows, 1 + ends]
    state = ends - (last_symbol >= last_blank)
    path = np.empty((len(frames), len(targets)), np.int64)
    for step in reversed(range(len(frames))):
        path[step] = state
        state = np.where(steps > step, state - back[step, rows, state], state)
    return [path[:count, row] for row, count in enumerate(steps)], np.maximum(last_blank, last_symbol)


def _extents(path: np.ndarray, steps: int) -> tuple[list[float], list[float]]:
    """Where each symbol of an alignment begins and ends, in steps: halfway between neighbours, and as far outside at the ends."""
    emitting = np.flatnonzero(path % 2)
    spike_starts = emitting[np.flatnonzero(np.diff(path[emitting], prepend=-1))]
    spike_stops = emitting[np.flatnonzero(np.diff(path[emitting], append=-1))] + 1
    between = (spike_stops[:-1] + spike_starts[1:]) / 2
    if not len(between):
        return [0.0], [float(steps)]
    left = max(0.0, spike_starts[0] - (between[0] - spike_stops[0]) - 0.5)
    right = min(float(steps), spike_stops[-1] + (spike_starts[-1] - between[-1]) + 0.5)
    return [left, *between.tolist()], [*between.tolist(), right]


def _substitutions(log_probs: np.ndarray, target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """How likely the text is with one symbol replaced, and with it left out, as multiples of its own probability up to a factor per symbol.

    Mass enters a symbol from the blank before it and from the symbol before that, stays, and leaves for what comes after it. What enters
    and what is left to do after it depend on the text around it only, so that one pass through the steps serves every replacement.

    Args:
        log_probs: float64 (T, classes), all finite.
        target: classes of the L symbols.

    Returns:
        float64 (L, classes - 1), by class without the blank, and float64 (L,), of the text without the symbol.
    """
    symbols = np.array(target)
    steps, count = len(log_probs), len(symbols)
    alpha, beta = _forward_backward(log_probs, target)
    none = np.full((steps, 1), -np.inf)
    # By time t and symbol k: alpha has just taken in step t, beta has still to take in step t.
    blanks, emitted = alpha[:, 0::2], alpha[:, 1::2]
    before_symbol = np.hstack([none, emitted[:, :-1]])
    ahead = beta[:, 0::2]
    after_symbol = np.hstack([beta[:, 3::2], none])
    previous, following = np.append(0, symbols[:-1]), np.append(symbols[1:], 0)

    # Shifted by one step: what may enter at t was there at t - 1; before the first step all waits at the first blank.
    first = np.full((1, count), -np.inf)
    waiting = first.copy()
    waiting[0, 0] = 0.0
    from_blank, from_symbol = np.vstack([waiting, blanks[:-1, :-1]]), np.vstack([first, before_symbol[:-1]])
    done = first.copy()
    done[0, -1] = 0.0
    to_blank, to_symbol = np.vstack([ahead[1:, 1:], done]), np.vstack([after_symbol[1:], first])

    # Without the symbol, the two blanks around it are one, and it goes on from there, or from the symbol before, to the symbol after.
    joined = np.logaddexp(from_blank, np.where(previous != following, from_symbol, -np.inf))
    left_out = np.logaddexp.reduce(joined + after_symbol, axis=0)
    left_out[-1] = np.logaddexp(alpha[-1, -3], alpha[-1, -4] if count > 1 else -np.inf)

    # Numbers instead of logarithms, relative to all mass in the neighbourhood of the symbol, which changes little from step to step.
    level = np.logaddexp(np.logaddexp(from_blank, from_symbol), np.vstack([first, emitted[:-1]]))
    level = np.logaddexp(level, emitted)
    level[~np.isfinite(level)] = 0.0
    whole = np.logaddexp(alpha[-1, -1], alpha[-1, -2])
    decay = _exp(np.vstack([np.zeros((1, count)), level[:-1] - level[1:]]))
    enter, enter_symbol = _exp(np.logaddexp(from_blank, from_symbol) - level), _exp(from_symbol - level)
    leave, leave_symbol = _exp(np.logaddexp(to_blank, to_symbol) + level - whole), _exp(to_symbol + level - whole)
    probs = np.exp(log_probs[:, 1:])
    rows = np.arange(count)
    mass, found = np.zeros((count, probs.shape[1])), np.zeros((count, probs.shape[1]))
    for step in range(steps):
        mass *= decay[step, :, None]
        mass += enter[step, :, None]
        mass[rows[1:], previous[1:] - 1] -= enter_symbol[step, 1:]  # equal symbols need a blank between
        mass *= probs[step]
        np.minimum(mass, _MOST, out=mass)
        found += mass * leave[step, :, None]
        found[rows[:-1], following[:-1] - 1] -= mass[rows[:-1], following[:-1] - 1] * leave_symbol[step, :-1]
    found = np.clip(found, 0.0, _MOST)
    return found, _exp(left_out - whole)


_MOST = 1e200


def _exp(logarithms: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(logarithms, 300.0))


def _forward_backward(log_probs: np.ndarray, target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward log-probabilities, float64 (T, 2L + 1) each; both include the emission at their step."""
    extended = np.zeros(2 * len(target) + 1, np.int64)
    extended[1::2] = target
    passes = []
    for order in (slice(None), slice(None, None, -1)):  # backward is forward in a mirror
        emitted = log_probs[order][:, extended[order]]
        skips = _skips(extended[order])
        now = np.full(len(extended) + 2, -np.inf)
        now[2] = 0.0
        found = np.empty(emitted.shape)
        for step, frame in enumerate(emitted):
            now[2:] = np.logaddexp(np.logaddexp(now[2:], now[1:-1]), np.where(skips, now[:-2], -np.inf)) + frame
            found[step] = now[2:]
        passes.append(found[order][:, order])
    return passes[0], passes[1]
