"""Texts as signs that can be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.charset import CHARACTERS, PRINTABLE
from hwr.paper import signs
from hwr.paper.spelling import MAX_CHARACTERS, MAX_LINES, spell

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


SHAPES = {char: letter for char, (letter, _) in signs.SHAPES.items()}


def test_signs_that_no_pen_has_learnt_are_drawn_in_place_of_a_letter():
    spelled = spell("Straße «cœur»", DRAWABLE, MARKS, SHAPES, signs.TIED)
    assert spelled.replaced == {}
    street, heart = spelled.lines[0]
    assert [sign.shape or sign.char for sign in street] == list("Straße")
    assert "".join(sign.char for sign in heart if not sign.shape) == "coeur"
    assert [sign.char for sign in heart if sign.tied] == ["e"]
    assert heart[2].position == heart[3].position  # a ligature is one character
    assert all(letter in DRAWABLE for letter in SHAPES.values())


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


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n \n", "\u2028", "\v"])
def test_a_text_of_very_many_lines_is_refused(between: str):
    assert len(spell(between.join("a" * (MAX_LINES // 2)), DRAWABLE, MARKS).lines) <= MAX_LINES
    with pytest.raises(InputError, match=r"lines; write at most"):
        spell(between.join("a" * (MAX_LINES + 1)), DRAWABLE, MARKS)
