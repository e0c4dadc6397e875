"""What stands on the page before its writers are there."""

from app_server import pen_writer, pixel_writer

from hwr.ui import first_page


def test_what_is_shipped_is_what_the_shipped_writers_do() -> None:
    made, kept = first_page.of(pen_writer(), pixel_writer()), first_page.shipped()
    assert (kept.hands, kept.temperature) == (made.hands, made.temperature)
    assert (kept.words.parts, kept.words.letters, kept.letters.letters) == (made.words.parts, False, True)
    for ours, theirs in ((kept.words, made.words), (kept.letters, made.letters)):
        assert [len(word) for word in ours.words] == [len(word) for word in theirs.words]  # strokes


def test_it_comes_back_as_it_was() -> None:
    kept = first_page.shipped()
    again = first_page.FirstPage(**kept.export() | {name: first_page._read(kept.export()[name]) for name in ("words", "letters")})
    assert again.export() == kept.export()
