"""Lines corrected by people: every word has a place on the line, and what was not touched stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_documents import document, line

from hwr import InputError
from hwr.text.correction import corrected

words = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=8)
texts = st.lists(words, max_size=6).map(" ".join)


@settings(deadline=None)
@given(texts, texts, st.sampled_from([0.0, 8.0, -30.0, 90.0]))
def test_any_text_may_stand_instead(before: str, after: str, degrees: float) -> None:
    old = line(before, degrees=degrees)
    new = corrected(old, f"  {after}\n")
    assert new.text == after
    assert [word.text for word in new.words] == after.split()
    assert "".join(character.char for character in new.characters) == after
    assert new.corrected
    assert not old.corrected
    # In the direction of the line, words follow one another and stay on it.
    along = old.polygon[1] - old.polygon[0]
    edges = np.array([word.polygon @ along / (along @ along) for word in new.words]).reshape(-1, 4)
    starts, stops = edges[:, [0, 3]].mean(1), edges[:, [1, 2]].mean(1)
    low, high = old.polygon @ along / (along @ along), 1e-3
    assert (starts < stops + high).all()
    assert (stops[:-1] <= starts[1:] + high).all()
    assert (starts >= low.min() - high).all()
    assert (stops <= low.max() + high).all()


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=5), st.data())
def test_as_many_words_keep_their_places(before: list[str], data: st.DataObject) -> None:
    after = data.draw(st.lists(words, min_size=len(before), max_size=len(before)))
    if set(after) & set(before):  # then it may have been moved
        return
    old = line(" ".join(before))
    for was, now in zip(old.words, corrected(old, " ".join(after)).words, strict=True):
        np.testing.assert_array_equal(was.polygon, now.polygon)


def test_words_that_are_divided_joined_added_or_left_out() -> None:
    old = line("alpha betagamma del ta omega")
    divided = corrected(old, "alpha beta gamma delta omega").words
    for unchanged in (0, -1):
        np.testing.assert_array_equal(divided[unchanged].polygon, old.words[unchanged].polygon)
    assert divided[1].box[0] == old.words[1].box[0]
    assert divided[-2].box[2] == old.words[3].box[2]
    shorter = corrected(old, "alpha omega").words
    assert [word.box for word in shorter] == [old.words[0].box, old.words[-1].box]
    longer = corrected(line("one two"), "one more two").words
    assert longer[0].box[2] <= longer[1].box[0] <= longer[1].box[2] <= longer[2].box[0]


def test_lines_are_counted_through_all_pages() -> None:
    read = document(["a", "b"], [], ["c"])
    changed = read.corrected({2: "see", 0: ""})
    assert [[line.text for line in page.lines] for page in changed.pages] == [["", "b"], [], ["see"]]
    assert [line.corrected for line in changed.lines] == [True, False, True]
    assert read.text == "a\nb\n\nc"
    assert changed.pages[0].corrected({1: "bee"}).text == "\nbee"
    for number in (-1, 3):
        with pytest.raises(InputError, match="no such line"):
            read.corrected({number: "x"})


@pytest.mark.parametrize("format", ["text", "json", "markdown", "alto", "page", "hocr", "pdf"])
def test_corrected_documents_can_be_written(format: str) -> None:
    changed = document(["a", "b c"]).corrected({0: "", 1: "b <c> d"})
    assert changed.to(format)
    if format == "alto":
        assert b'CS="true"' in changed.to(format)
