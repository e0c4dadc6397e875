"""Words on lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.charset import CHARACTERS
from hwr.paper.spelling import spell
from hwr.paper.wrapping import check_lines, wrap


@given(
    st.lists(st.lists(st.floats(0.1, 3), min_size=1, max_size=8), max_size=12),
    st.floats(0.1, 2),
    st.floats(3, 20),
)
def test_lines_hold_every_sign_once_and_fit(words: list[list[float]], gap: float, width: float):
    lines = wrap(words, gap, width)
    seen = [(word, index) for line in lines for word, start, stop in line for index in range(start, stop)]
    assert seen == [(word, index) for word, advances in enumerate(words) for index in range(len(advances))]
    for line in lines:
        length = sum(sum(words[word][start:stop]) for word, start, stop in line) + gap * (len(line) - 1 if line else 0)
        assert length <= width + 1e-9


def test_a_word_is_only_broken_if_no_line_holds_it():
    assert wrap([[1, 1], [1, 1, 1]], 0.5, 4) == [[(0, 0, 2)], [(1, 0, 3)]]
    assert wrap([[1] * 5], 0.5, 2) == [[(0, 0, 2)], [(0, 2, 4)], [(0, 4, 5)]]
    assert wrap([], 1, 2) == [[]]


def test_what_would_become_very_many_lines_is_refused_before_it_is_drawn():
    spelled = spell("word " * 1000, set(CHARACTERS), ())
    check_lines(spelled, room=30)
    check_lines(spelled, room=30, most=200)
    with pytest.raises(InputError, match=r"about [\d,]+ lines; at most 50 "):
        check_lines(spelled, room=30, most=50)
    with pytest.raises(InputError, match="Write less, smaller or wider"):
        check_lines(spelled, room=0.5)
