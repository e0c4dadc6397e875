"""The picture of a network reading."""

import pytest
from app_server import recognizer
from examples import CHARACTERS_DRAWN
from traces import seen_with_ink, trace_of

from hwr.charset import CLASSES
from hwr.ui.character.reading import reading, settled_row, summarise
from hwr.ui.panels import percent


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, ">99.9%"), (0.9985, "99.9%"), (0.95, "95.0%"), (0.5, "50%"), (0.05, "5.0%"), (0.0004, "<0.1%"), (0.0, "<0.1%")],
)
def test_no_probability_is_said_to_be_certain(probability: float, text: str) -> None:
    assert percent(probability) == text


def test_the_story_names_the_row_that_settled_it() -> None:
    trace = trace_of(*"T" * 10, *"7" * 18)
    assert settled_row(trace) == 10
    assert summarise(trace, seen_with_ink(2, 25), CLASSES) == "At first it leaned to T. From row 11 of 28, it says 7."
    assert summarise(trace, seen_with_ink(12, 25), CLASSES) == "From the first row of ink (row 13) on, 7 was the likeliest."


def test_the_picture_of_a_reading_shows_every_row() -> None:
    strokes = CHARACTERS_DRAWN["g"]
    told = reading(recognizer().trace(prediction := recognizer().predict_strokes(strokes)), prediction.seen, CLASSES, prediction.char)
    assert told.count("<path") == 7  # six classes and the others
    assert told.count("data-tip=") == 28
    assert 'role="img" aria-label=' in told


def test_an_answer_against_the_looks_is_said() -> None:
    trace = trace_of(*"T" * 10, *"7" * 18)
    assert "makes it 1" in reading(trace, seen_with_ink(2, 25), CLASSES, "1")
    assert "makes it" not in reading(trace, seen_with_ink(2, 25), CLASSES, "7")
