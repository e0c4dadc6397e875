"""Answers and corrections, for people."""

import pytest
from traces import prediction_of, seen_with_ink, trace_of

from hwr import CharPrediction, InputError
from hwr.charset import CLASSES
from hwr.ui.character.answer import answer, explain, lost_row, ordinal, strongest_row


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 13)] == ["1st", "2nd", "3rd", "4th", "11th", "13th"]
    assert [ordinal(number) for number in (21, 22, 40, 47)] == ["21st", "22nd", "40th", "47th"]


def test_the_row_that_cost_the_lead_is_found() -> None:
    trace = trace_of(*"9" * 12, *"g" * 3, *"9" * 2, *"g" * 11)
    right, chosen = CLASSES.index("9"), CLASSES.index("g")
    assert lost_row(trace, right, chosen, first=2) == 17  # the lead came back once, at rows 15 and 16
    assert lost_row(trace, right, chosen, first=20) is None  # nothing before the ink counts
    assert strongest_row(trace, right, chosen, first=2) in (12, 17)
    assert lost_row(trace, CLASSES.index("A"), chosen, first=2) is None


def test_a_correction_says_rank_probability_and_row() -> None:
    trace = trace_of(*"9" * 12, *"g" * 16)
    trace[-1, CLASSES.index("9")] = 0.3
    seen = seen_with_ink(2, 25)
    told = explain("9", prediction_of(trace, seen), trace, CLASSES)
    assert "<b>9</b> came 2nd of 47, with 30%." in told
    assert "Up to row 12 it was ahead of g" in told
    assert "row 13, marked below, cost it the lead" in told
    assert "look-alikes" in told
    assert told.count('class="hwr-marked"') == 1
    assert "<b>row 13</b>" in told
    assert "came first" in explain("g", prediction_of(trace, seen), trace, CLASSES)
    assert "never ahead" in explain("A", prediction_of(trace, seen), trace, CLASSES)


def test_a_correction_that_the_looks_spoke_for_says_so() -> None:
    trace = trace_of(*"9" * 28)
    trace[:, CLASSES.index("g")] += 0.01
    seen = seen_with_ink(2, 25)
    by_order = trace.copy()
    by_order[-1, CLASSES.index("g")] = 0.99
    told = explain("9", prediction_of(by_order, seen), trace, CLASSES)
    assert "By its looks it was ahead of g" in told
    assert "the way it was drawn spoke for g" in told


def test_a_small_letter_that_has_no_class_counts_as_its_capital() -> None:
    trace = trace_of(*"C" * 28)
    told = explain("c", prediction_of(trace, seen_with_ink(2, 25)), trace, CLASSES)
    assert "Small c and capital C count as one here" in told
    assert "came first" in told


@pytest.mark.parametrize("char", ["?", "ab", "", "ß", "é", "<"])
def test_a_correction_that_the_network_does_not_know_is_refused(char: str) -> None:
    trace = trace_of(*"C" * 28)
    with pytest.raises(InputError, match="Type one letter"):
        explain(char, prediction_of(trace, seen_with_ink(2, 25)), trace, CLASSES)


def test_look_alikes_are_pointed_out_in_an_answer() -> None:
    seen = seen_with_ink(2, 25)
    assert "0 and O are look-alikes" in answer(CharPrediction((("0", 0.6), ("O", 0.3)), seen))
    assert "look-alikes" not in answer(CharPrediction((("0", 0.6), ("Q", 0.3)), seen))
