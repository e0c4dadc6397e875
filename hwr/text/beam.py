"""CTC prefix beam search with shallow fusion of a language model (Graves 2012; Hannun et al. 2014, arXiv:1408.2873) and word lists.

The search is ours: of the decoders on PyPI those with wheels for every system know no character language model (fast-ctc-decoder) or fuse
one of words through a compiled KenLM (flashlight-text, ctc-beam-decoder), and pyctcdecode, which would do, is no longer maintained and
excludes numpy 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hwr.errors import InputError
from hwr.text.ctc import FLOOR, check_emissions, ctc_log_probability, forward_scores, greedy
from hwr.text.grammar import WordGrammar
from hwr.text.language_model import LanguageModel

BEAM_WIDTH = 16
"""Prefixes that the search keeps."""
N_BEST = 8
"""Hypotheses that the search returns."""
LANGUAGE_WEIGHT = 0.8
"""Exponent of the language model's probability against the network's."""
LENGTH_BONUS = 2.2
"""Added per character, to make up for what the language model takes from every further one."""
CUTOFF = 1e-4
"""Characters less probable than this at a step don't extend a prefix there, if others are."""
MOST_CANDIDATES = 16
"""At most so many characters extend a prefix at a step."""
CERTAIN_BLANK = 0.999
"""Steps whose blank is more probable than this extend nothing."""


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
    check_emissions(log_probs, charset)
    if allowed is not None and not (allowed and set(allowed) <= set(charset)):
        raise InputError("The allowed characters must be one or more of those that the model can read.")
    labels = [1 + k for k, char in enumerate(charset) if allowed is None or char in allowed]
    known = frozenset(charset if allowed is None else allowed)
    grammar = None if words is None else WordGrammar(words, known, accept_nothing=greedy(log_probs, charset) == "")
    rules = _Rules(charset, labels, grammar, language_model, language_weight, length_bonus)
    floored = np.maximum(log_probs, FLOOR, dtype=np.float64)

    root = _Prefix(None, 0, rules.start())
    beam = _search(root, np.exp(floored), labels, rules, beam_width, cutoff)
    ends = [(prefix, prefix.bonus + end) for prefix in beam if (end := rules.of(prefix).end) > -math.inf]
    ends.sort(key=lambda end: -(math.log(end[0].blank + end[0].symbol) + end[1]))
    if not ends:  # there are too few steps for any word
        return [Hypothesis("", ctc_log_probability(log_probs, "", charset), 0.0)]
    return _hypotheses(ends[:n_best], log_probs, floored, charset)


class _Prefix:
    """A prefix in the search: a node of the tree of prefixes, with the mass of alignments that end in a blank and in its last symbol."""

    __slots__ = ("blank", "bonus", "children", "label", "new_blank", "new_symbol", "parent", "rule", "symbol", "touched")

    def __init__(self, parent: _Prefix | None, label: int, rule: _Rule | None = None) -> None:
        self.parent, self.label, self.rule = parent, label, rule  # the rule comes when it is needed: few prefixes live that long
        self.bonus = 0.0 if parent is None or parent.rule is None else parent.bonus + parent.rule.gains[label]
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
    needs = rules.of(root).needs
    if needs > left:
        busy[:], left = True, len(probs)
    candidates = _candidates(probs, labels, cutoff)
    root.blank = 1.0
    beam = [root] if needs <= left else []
    for frame, near, extends in zip(probs.tolist(), candidates, busy.tolist(), strict=True):
        touched = _stay(beam, frame)
        if extends:
            _extend(beam, touched, frame, near, rules, beam_width)
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


def _stay(beam: Sequence[_Prefix], frame: Sequence[float]) -> list[_Prefix]:
    """Give each prefix of a beam what is left of its mass after one more step if no character is added."""
    for prefix in beam:
        prefix.touched = True
        prefix.new_blank = (prefix.blank + prefix.symbol) * frame[0]
        if prefix.label:
            prefix.new_symbol = prefix.symbol * frame[prefix.label]
    return list(beam)


def _extend(
    beam: Sequence[_Prefix],
    touched: list[_Prefix],
    frame: Sequence[float],
    near: Sequence[tuple[int, float]],
    rules: _Rules,
    beam_width: int,
) -> None:
    """Give the children of a beam's prefixes, which are added to those touched, their share of the mass.

    Only a child that is in the beam itself has mass from elsewhere. Of the others those are left out that rank behind all of a full beam
    as it stays: they can't get into it, whatever comes of the rest.
    """
    least = -math.inf
    if len(beam) >= beam_width and not rules.have_needs:  # else what stays may be thrown out, and make room
        stays = [(prefix.new_blank + prefix.new_symbol, prefix.bonus) for prefix in beam]
        least = min(math.log(mass) + bonus if mass > 0.0 else -math.inf for mass, bonus in stays)
    for prefix in beam:
        children, rule, last, bonus = prefix.children, rules.of(prefix), prefix.label, prefix.bonus
        total = prefix.blank + prefix.symbol
        for label, p in near if rule.only is None else [(label, frame[label]) for label in rule.only]:
            gain = (prefix.blank if label == last else total) * p
            if gain <= 0.0:
                continue
            child = children.get(label)
            if child is None or not child.touched:
                if math.log(gain) + (bonus + rule.gains[label]) < least:
                    continue
                if child is None:
                    child = children[label] = _Prefix(prefix, label)
                child.touched = True
                touched.append(child)
            child.new_symbol += gain


def _candidates(probs: np.ndarray, labels: list[int], cutoff: float) -> list[list[tuple[int, float]]]:
    """Which characters may extend a prefix at each step, ``(label, probability)``."""
    at_least = np.minimum(cutoff, probs[:, labels].max(1, initial=0.0))
    if len(labels) > MOST_CANDIDATES and len(probs):  # a network that has no idea must not take all day
        at_least = np.maximum(at_least, np.partition(probs[:, labels], -MOST_CANDIDATES, axis=1)[:, -MOST_CANDIDATES])
    return [
        [(label, p) for label, p in zip(labels, row, strict=True) if p >= least]
        for row, least in zip(probs[:, labels].tolist(), at_least.tolist(), strict=True)
    ]


def _hypotheses(ends: Sequence[tuple[_Prefix, float]], log_probs: np.ndarray, floored: np.ndarray, charset: str) -> list[Hypothesis]:
    """Prefixes as texts with their exact probabilities, best first; of those without any only one where all are so."""
    targets = [prefix.labels() for prefix, _ in ends]
    finite = forward_scores(floored, targets)
    exact = finite if np.array_equal(floored, log_probs) else forward_scores(np.asarray(log_probs, np.float64), targets)
    found = [
        Hypothesis("".join(charset[label - 1] for label in target), float(log_probability), float(score + bonus))
        for target, log_probability, score, (_, bonus) in zip(targets, exact, finite, ends, strict=False)
    ]
    found.sort(key=lambda hypothesis: -hypothesis.score)
    return [hypothesis for hypothesis in found if hypothesis.log_probability > -math.inf] or found[:1]


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
        grammar: WordGrammar | None,
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
            assert prefix.parent is not None  # the root has a rule from the start
            before, label = self.of(prefix.parent), prefix.label
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
