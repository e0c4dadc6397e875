"""The characters that can be read, and texts made of them."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from hwr.charset import LANGUAGES, LATIN, PRINTABLE, SAME_INK, closest, readable, readable_part


def test_old_labels_keep_their_place():
    assert LATIN.startswith(PRINTABLE)
    assert len(set(LATIN)) == len(LATIN)
    assert unicodedata.normalize("NFC", LATIN) == LATIN
    assert all(set(letters) <= set(LATIN) and not set(letters) & set(PRINTABLE) for letters in LANGUAGES.values())
    assert not set(SAME_INK) & set(LATIN)


@given(st.text(max_size=40))
def test_what_is_readable_stays_as_it_is(text: str):
    plain = readable(text)
    assert set(plain) <= set(LATIN)
    assert readable(plain) == plain
    assert readable(unicodedata.normalize("NFD", plain)) == plain
    part = readable_part(text)
    assert readable(part) == part
    assert part == plain or not plain


@given(st.text(LATIN, max_size=40))
def test_the_closest_text_is_as_long_and_in_the_charset(text: str):
    found = closest(text, PRINTABLE)
    assert len(found) == len(text)
    assert set(found) <= set(PRINTABLE)
    assert closest(text, LATIN) == text


def test_signs_that_no_hand_tells_apart_are_one():
    assert readable("„L’été…“ — ĳ ﬁn") == "„L'été...\" – ij fin"
    assert readable("漢字") == ""
    assert readable_part("a 漢字 b") == "a b"
    assert closest("Größe «œuvre»", PRINTABLE) == "GroBe <oeuvre>".replace("oe", "o", 1)
