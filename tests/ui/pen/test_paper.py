"""The paper of the mode "Pen": only what has changed is sent, and what is shown is always the page."""

import json

import pytest
from app_server import pen_writer
from hypothesis import given
from hypothesis import strategies as st
from papers import rebuilt

from hwr.paper.written_ink import Ink
from hwr.system.recent import Recent
from hwr.ui.pen.paper import Shown, update


def page(text: str, memory: Recent, **options: object) -> Ink:
    *_, last = pen_writer().stream(text, partial=False, memory=memory, verify=False, **options)
    return last.ink


MEMORY: Recent = Recent(500)


COLOURS = st.sampled_from(["#000000", "#ff0000"])
TEXTS = st.text("ab i\n", min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.tuples(TEXTS, st.sampled_from([0.0, 0.5]), COLOURS), min_size=1, max_size=5))
def test_after_any_changes_the_paper_shows_the_page(edits: list[tuple[str, float, str]]) -> None:
    shown: Shown | None = None
    sent = []
    for text, pressure, colour in edits:
        ink = page(text, MEMORY, pressure=pressure, ink_color=colour)
        value, shown = update(shown, ink)
        sent.append(value)
        assert rebuilt(sent) == ink.to_svg()


def test_a_letter_more_sends_its_word_and_nothing_else() -> None:
    memory: Recent = Recent(500)
    before, after = (
        page(text, memory)
        for text in ("a letter that is as long as a page may be in this tes", "a letter that is as long as a page may be in this test")
    )
    _, shown = update(None, before)
    value, _ = update(shown, after)
    last_word = sum(letter.position >= before.text.rindex(" ") for letter in after.letters)
    assert 0 < len(json.loads(value)["paths"]) <= 3 * last_word
    assert json.loads(value)["keep"] > len(before.strokes) / 2


def test_a_change_of_something_else_does_not_fit() -> None:
    memory: Recent = Recent(500)
    first, shown = update(None, page("one", memory))
    second, shown = update(shown, page("one two", memory))
    third, _ = update(shown, page("one two three", memory))
    with pytest.raises(ValueError, match="is not"):
        rebuilt([first, third])
    whole, _ = update(None, page("one two three", memory))
    assert rebuilt([first, whole]) == rebuilt([first, second, third])


def test_files_are_named_after_the_text() -> None:
    memory: Recent = Recent(500)
    names = {text: json.loads(update(None, page(text, memory))[0])["name"] for text in ("Dear Zoë, ...", "../../etc/passwd", "?!")}
    assert names == {"Dear Zoë, ...": "Dear-Zoë", "../../etc/passwd": "etc-passwd", "?!": "handwriting"}
