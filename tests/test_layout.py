"""Setting texts: signs, lines, proportions, paper; and the signs that are pen strokes."""

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError, signs
from hwr.charset import CHARACTERS, PRINTABLE
from hwr.layout import MAX_CHARACTERS, proportions, rules, spell, wrap

DRAWABLE = set(CHARACTERS) | signs.PUNCTUATION.keys()
MARKS = signs.ACCENTS.keys()


def written(text: str) -> str:
    """A text as it is written, one line of words to the line."""
    spelled = spell(text, DRAWABLE, MARKS)
    return "\n".join(" ".join("".join(sign.char + sign.marks for sign in word) for word in line) for line in spelled.lines)


def test_all_of_ascii_is_written_as_it_is():
    assert set(PRINTABLE) - {" "} == DRAWABLE
    spelled = spell(PRINTABLE, DRAWABLE, MARKS)
    assert spelled.replaced == {}
    assert spelled.count == 94


@pytest.mark.parametrize(
    ("text", "expected", "replaced"),
    [
        ("José", "Jose\u0301", {}),
        ("Zoe\u0308", "Zoe\u0308", {}),
        ("“Yes” – no…", '"Yes" - no...', {"“": '"', "”": '"', "–": "-", "…": "..."}),
        ("Straße", "Strasse", {"ß": "ss"}),
        ("a\tb\r\nc", "a b\nc", {}),
        ("a 漢字 b", "a b", {"漢": "", "字": ""}),
        ("a\n\nb", "a\n\nb", {}),
    ],
)
def test_what_can_not_be_written_is_told(text: str, expected: str, replaced: dict):
    assert written(text) == expected
    assert spell(text, DRAWABLE, MARKS).replaced == replaced


@pytest.mark.parametrize("text", ["", " \n\t ", None, 5, "漢字", "x" * (MAX_CHARACTERS + 1)])
def test_what_is_no_text_is_refused(text: object):
    with pytest.raises(InputError, match=r"\w.{10,}"):
        spell(text, DRAWABLE, MARKS)


@given(st.text(max_size=60))
def test_nothing_is_dropped_silently(text: str):
    try:
        spelled = spell(text, DRAWABLE, MARKS)
    except InputError:
        return
    import unicodedata

    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    positions = {sign.position for line in spelled.lines for word in line for sign in word}
    for position, char in enumerate(text):
        assert position in positions or char.isspace() or char in spelled.replaced or char in "\n\v\f\u2028\u2029"


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


def test_proportions_are_those_of_handwriting():
    measured = proportions()
    assert set(CHARACTERS) <= measured.height.keys()
    for flat, tall in (("a", "b"), ("o", "l"), ("n", "h"), ("x", "X")):
        assert measured.height[flat] < 0.85 * measured.height[tall]
    assert all(0.8 < measured.height[char] < 1.25 for char in "aceimnorsuvwxz" if char != "i")
    assert {char for char in string.ascii_letters if measured.depth[char] > 0.5} == set("gjpqy")


@pytest.mark.parametrize("paper", ["plain", "ruled", "grid"])
def test_paper(paper: str):
    lines = rules(paper, 100, 60, 13, 20)
    assert all(0 <= x0 <= x1 <= 100 and 0 <= y0 <= y1 <= 60 for x0, y0, x1, y1 in lines)
    across = [y0 for x0, y0, x1, y1 in lines if y0 == y1]
    assert across == {"plain": [], "ruled": [13, 33, 53], "grid": [3, 13, 23, 33, 43, 53]}[paper]


def test_there_is_no_such_paper():
    with pytest.raises(InputError, match="no paper 'music'"):
        rules("music", 1, 1, 0, 1)


def test_every_sign_is_drawn_and_never_quite_the_same():
    rng = np.random.default_rng(0)
    for strokes in [*signs.PUNCTUATION.values(), *signs.ACCENTS.values()]:
        once, again = signs.drawn(strokes, rng), signs.drawn(strokes, rng)
        assert len(once) == len(strokes)
        for one, other in zip(once, again, strict=True):
            assert one.dtype == np.float32
            assert one.shape == other.shape
            assert not np.array_equal(one, other)
            assert np.isfinite(one).all()
            assert np.abs(one).max() < 2.2
