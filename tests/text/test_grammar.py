"""Word lists as a grammar, against what a regular expression says of the same words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr import InputError
from hwr.charset import PRINTABLE
from hwr.text.ctc import steps_needed
from hwr.text.grammar import _CLOSING, _OPENING, WordGrammar, word_list

KNOWN = frozenset("abAB .(")
WORDS = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=4)


def permitted(words: list[str]) -> re.Pattern[str]:
    """Each word as given, with a capital, or in capitals; punctuation before and after; single spaces between."""
    spellings = "|".join(sorted({re.escape(form) for word in words for form in (word, word.capitalize(), word.upper())}))
    one = rf"[{re.escape(''.join(_OPENING))}]*(?:{spellings})[{re.escape(''.join(_CLOSING))}]*"
    return re.compile(f"{one}(?: {one})*")


def after(grammar: WordGrammar, text: str) -> frozenset | None:
    """The state after a text; None if the grammar doesn't let it be."""
    state: frozenset | None = grammar.start()
    for char in text:
        state = None if state is None else grammar.exits(state).get(char)
    return state


@settings(max_examples=80, deadline=None)
@given(WORDS, st.text("abAB .(", max_size=7))
def test_a_text_is_accepted_just_if_it_is_made_of_the_words(words: list[str], text: str):
    grammar = WordGrammar(words, KNOWN, accept_nothing=False)
    state = after(grammar, text)
    assert (state is not None and grammar.accepts(state)) == bool(permitted(words).fullmatch(text))


@settings(max_examples=30, deadline=None)
@given(WORDS, st.data())
def test_every_way_on_ends_in_a_text_in_as_many_steps_as_were_said(words: list[str], data: st.DataObject):
    """No state is a dead end; and what is said to be needed at least never cuts off a text that could still come."""
    grammar = WordGrammar(words, KNOWN, accept_nothing=False)
    text, state = "", grammar.start()
    needed = []
    for _ in range(data.draw(st.integers(1, 6))):
        needed.append((text, grammar.needs(state)[0]))
        ways = grammar.exits(state)
        assert ways, "every beginning can go on"
        char = data.draw(st.sampled_from(sorted(ways)))
        text, state = text + char, ways[char]
    while not grammar.accepts(state):  # on by the way that needs least, which must come to an end
        needed.append((text, grammar.needs(state)[0]))
        char, state = min(grammar.exits(state).items(), key=lambda way: (steps_needed(text + way[0]) + grammar.needs(way[1])[0], way[0]))
        text += char
        assert len(text) < 30
    assert permitted(words).fullmatch(text)
    for beginning, steps in needed:
        assert steps_needed(text) - steps_needed(beginning) >= steps


def test_nothing_is_a_text_only_if_it_may_be():
    for may in (True, False):
        grammar = WordGrammar(["ab"], KNOWN, accept_nothing=may)
        assert grammar.accepts(grammar.start()) == may
        assert not grammar.accepts(after(grammar, "a") or frozenset())


@pytest.mark.parametrize("given_", ["cat, dog;bird\n cat", ["cat", "dog", "bird cat"], ("cat", "dog", "", "bird")])
def test_lists_and_texts_of_words_are_the_same(given_: str | list[str]):
    assert word_list(given_) == ["cat", "dog", "bird"]


@pytest.mark.parametrize("words", [5, None, [1], [["a"]], b"cat", "x" * 101, " ".join(map(str, range(100_001)))])
def test_what_is_no_list_of_words_is_refused(words: object):
    with pytest.raises(InputError, match=r"\w.{8,}\."):
        word_list(words)  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize(("words", "said"), [(["naïve"], "naïve"), ([], "at least one word"), (["", " "], "at least one word")])
def test_words_that_can_t_come_out_are_named(words: list[str], said: str):
    with pytest.raises(InputError, match=said):
        WordGrammar(words, frozenset(PRINTABLE), accept_nothing=False)
