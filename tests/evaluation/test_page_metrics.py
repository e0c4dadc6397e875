"""The metrics of pages, against pages whose answer is known by reasoning, and by what must hold of any page."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr.evaluation.page_metrics import MarkedLine, PageCounts, baseline_tolerances, page_counts, page_metrics, text_distance


def line(left: float, top: float, right: float, bottom: float, text: str = "", **rest) -> MarkedLine:
    """A rectangle with its baseline at three quarters of its height."""
    polygon = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    y = top + 0.75 * (bottom - top)
    return MarkedLine(polygon, np.array([[left, y], [right, y]]), text, **rest)


def page(count: int = 4, text: str = "abcdefghij") -> list[MarkedLine]:
    """Lines 200 wide and 20 high, 40 apart."""
    return [line(0, 40 * k, 200, 40 * k + 20, f"{text}{k}") for k in range(count)]


def test_what_is_found_exactly_is_found():
    metrics = page_metrics(page_counts(page(), page()))
    for name in ("precision", "recall", "f1", "f1_75", "baseline_precision", "baseline_recall", "baseline_f1", "order"):
        assert metrics[name] == 1.0, name
    for name in ("joined", "split", "missed", "superfluous", "cer", "cer_any_order"):
        assert metrics[name] == 0.0, name


def test_nothing_found_is_everything_missed():
    counts = page_counts(page(), [])
    metrics = page_metrics(counts)
    assert (counts.true, counts.found, counts.matched, counts.missed, counts.joined, counts.split) == (4, 0, 0, 4, 0, 0)
    assert metrics["recall"] == metrics["f1"] == metrics["baseline_recall"] == 0.0
    assert metrics["precision"] is None
    assert metrics["order"] is None
    assert metrics["cer"] == metrics["cer_any_order"] == 1.0


def test_writing_found_where_none_is():
    counts = page_counts([], page(3))
    metrics = page_metrics(counts)
    assert (counts.superfluous, counts.found, counts.true) == (3, 3, 0)
    assert metrics["precision"] == 0.0
    assert metrics["recall"] is None
    assert metrics["cer"] is None
    assert counts.edits == len(" ".join(one.text for one in page(3)))
    assert counts.edits_of_lines == sum(len(one.text) for one in page(3))


def test_nothing_found_where_nothing_is_has_no_shares():
    assert all(not value for value in page_metrics(page_counts([], [])).values())


def test_two_lines_found_as_one_are_joined():
    found = [line(0, 0, 200, 60, "abcdefghij0 abcdefghij1"), *page()[2:]]
    counts = page_counts(page(), found)
    assert (counts.joined, counts.split, counts.missed, counts.superfluous, counts.matched) == (2, 0, 0, 0, 2)
    assert counts.edits == 0  # the text is all there
    assert counts.edits_of_lines == 11 + 12  # but one line's holds a space and the other's, which is missing


def test_a_line_found_in_two_halves_is_split():
    found = [line(0, 0, 90, 20, "abcde"), line(110, 0, 200, 20, "fghij0"), *page()[1:]]
    counts = page_counts(page(), found)
    assert (counts.joined, counts.split, counts.missed, counts.superfluous, counts.matched) == (0, 1, 0, 0, 3)
    assert counts.edits == counts.edits_of_lines == 1  # a space


def test_a_speck_beside_its_line_does_not_split_it():
    counts = page_counts(page(1), [line(0, 0, 190, 20), line(195, 0, 200, 20)])
    assert (counts.split, counts.matched, counts.superfluous) == (0, 1, 0)


def test_overlap_is_intersection_over_union():
    truth = [line(0, 0, 100, 30)]
    assert page_counts(truth, [line(50, 0, 150, 30)]).matched == 0  # a third
    assert page_counts(truth, [line(33, 0, 133, 30)]).matched == 1  # 67 / 133
    assert page_counts(truth, [line(0, 0, 75, 30)]).matched_75 == 1
    assert page_counts(truth, [line(0, 0, 74, 30)]).matched_75 == 0


def test_no_line_is_found_twice():
    counts = page_counts(page(1), [*page(1), *page(1)])
    assert (counts.matched, counts.found) == (1, 2)
    assert page_metrics(counts)["f1"] == pytest.approx(2 / 3)


def test_as_many_pairs_as_can_be():
    """The better pair alone would leave two lines without a partner."""
    truth = [line(0, 0, 100, 30), line(0, 10, 100, 40)]
    found = [line(0, 9, 100, 39), line(0, 19, 100, 49)]  # the first is closest to the second true line, and matches the first as well
    assert page_counts(truth, found).matched == 2


def test_baselines_within_the_tolerance_count_whole_and_beyond_three_times_not_at_all():
    truth = page()
    assert baseline_tolerances(truth) == pytest.approx([10.0] * 4)  # a quarter of 40
    for down, share in ((0, 1.0), (9.9, 1.0), (20, 0.5), (30, 0.0)):
        moved = MarkedLine(np.zeros((0, 2)), truth[0].baseline - (0, down))
        counts = page_counts(truth, [moved])
        assert counts.covered == pytest.approx(share)
        assert counts.aligned == pytest.approx(share)


def test_half_a_baseline_is_half_recalled_and_wholly_precise():
    truth = page(2)
    half = MarkedLine(np.zeros((0, 2)), truth[0].baseline * (0.5, 1))
    counts = page_counts(truth, [half])
    assert counts.aligned == pytest.approx(1.0)
    assert 0.5 <= counts.covered < 0.65  # three tolerances further, ever less


def test_pieces_of_a_baseline_are_recalled_but_not_precise():
    truth = page(2)
    left, right = (MarkedLine(np.zeros((0, 2)), truth[0].baseline * (0.5, 1) + (x, 0)) for x in (0, 100))
    metrics = page_metrics(page_counts(truth, [left, right]))
    assert metrics["baseline_recall"] == pytest.approx(0.5)
    assert metrics["baseline_precision"] == pytest.approx(0.5)


def test_a_lone_baseline_is_measured_by_its_lines_height():
    assert baseline_tolerances(page(1)) == pytest.approx([5.0])


def test_columns_have_their_own_spacing():
    truth = [*page(2), line(300, 0, 500, 20), line(300, 100, 500, 120)]
    assert baseline_tolerances(truth) == pytest.approx([10, 10, 25, 25])


def test_words_are_lost_where_lines_are_cut_short():
    words = tuple(line(left, 0, left + 50, 20).polygon for left in (0, 75, 150))
    truth = [MarkedLine(page(1)[0].polygon, words=words)]
    assert page_counts(truth, [line(0, 0, 200, 20)]).words_lost == 0
    assert page_counts(truth, [line(0, 0, 191, 20)]).words_lost == 0  # 41 of 50
    assert page_counts(truth, [line(0, 0, 189, 20)]).words_lost == 1  # 39 of 50
    assert page_counts(truth, [line(11, 0, 189, 20)]).words_lost == 2
    assert page_counts(truth, []).words_lost == 3


def test_columns_read_across_are_out_of_order():
    truth = [line(x, y, x + 100, y + 20, str(k)) for k, (x, y) in enumerate(((0, 0), (0, 40), (150, 0), (150, 40)))]
    across = [truth[k] for k in (0, 2, 1, 3)]
    counts = page_counts(truth, across)
    assert (counts.pairs, counts.pairs_in_order) == (6, 5)
    assert counts.edits > counts.edits_of_lines == 0
    assert page_metrics(page_counts(truth, truth[::-1]))["order"] == 0.0


def test_what_is_crossed_out_may_be_found_or_not():
    struck = line(0, 200, 200, 220, counted=False)
    found_too = page_counts([*page(), struck], [*page(), line(0, 200, 200, 220, "xxx")])
    assert found_too == page_counts([*page(), struck], page()) == page_counts(page(), page())


def test_texts_are_compared_without_regard_to_breaks():
    assert text_distance("a b", " a\n b ") == 0
    assert text_distance("", "abc") == 3
    assert text_distance("abc", "") == 3


def test_a_line_without_an_area_is_no_line():
    flat = line(0, 10, 200, 10)
    counts = page_counts(page(2), [*page(2), flat, MarkedLine(np.zeros((0, 2)))])
    assert (counts.found, counts.matched, counts.superfluous) == (4, 2, 2)
    assert page_counts([flat], page(1)).matched == 0


@st.composite
def some_lines(draw: st.DrawFn, least: int = 0) -> list[MarkedLine]:
    """Up to four quadrilaterals, with baselines and texts; with ``least``, so many pixels wide and high at least and not crossing."""
    lines = []
    for _ in range(draw(st.integers(0, 4))):
        if least:
            left, top, width, height = (draw(st.integers(low, 100)) for low in (0, 0, least, least))
            corners = line(left, top, left + width, top + height).polygon
        else:
            corners = np.array(draw(st.lists(st.integers(0, 100), min_size=8, max_size=8)), float).reshape(4, 2)
        lines.append(MarkedLine(corners, corners[:2], draw(st.sampled_from(("", "a", "b a", "abba"))), (corners[:3],)))
    return lines


@settings(max_examples=30, deadline=None)
@given(some_lines(), some_lines(), st.randoms(use_true_random=False))
def test_of_any_page(truth: list[MarkedLine], found: list[MarkedLine], random) -> None:
    counts = page_counts(truth, found)
    assert counts.matched_75 <= counts.matched <= min(counts.true, counts.found)
    assert counts.joined + counts.split <= counts.true
    assert counts.missed <= counts.true
    assert counts.superfluous <= counts.found
    assert counts.words_lost <= counts.words
    assert counts.pairs_in_order <= counts.pairs == counts.matched * (counts.matched - 1) // 2
    for name, value in page_metrics(counts).items():
        assert value is None or value >= 0, name
        assert value is None or value <= 1 + 1e-9 or name in ("lines", "cer", "cer_any_order"), name
    mixed = list(found)
    random.shuffle(mixed)
    again = page_counts(truth, mixed)
    for name in ("matched_75", "joined", "split", "missed", "superfluous", "words_lost", "covered", "aligned"):
        assert getattr(again, name) == pytest.approx(getattr(counts, name)), name
    there_and_back = page_counts(found, truth)
    assert (there_and_back.matched, there_and_back.superfluous) == (counts.matched, counts.missed)


@settings(max_examples=20, deadline=None)
@given(some_lines(least=5), st.floats(0.1, 10), st.floats(-3, 3), st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_scale_turn_and_place_of_a_page_do_not_matter(
    truth: list[MarkedLine], scale: float, angle: float, away: tuple[float, float]
) -> None:
    matrix = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = [MarkedLine(one.polygon @ matrix + away, one.baseline @ matrix + away, one.text) for one in truth]
    counts = page_counts(moved, moved)
    assert counts.true == counts.matched == counts.matched_75 == len(truth)
    assert counts.missed == counts.superfluous == counts.split == counts.edits == 0
    assert counts.covered == pytest.approx(counts.baselines)
    assert counts.aligned == pytest.approx(counts.baselines_found)
    assert counts.joined == page_counts(truth, truth).joined


def test_pages_add_up():
    one, other = page_counts(page(), page()), page_counts(page(2), [])
    both = page_metrics(one + other)
    assert both["lines"] == 6
    assert both["recall"] == pytest.approx(4 / 6)
    assert sum([one, other], PageCounts()) == one + other


def test_an_outline_that_crosses_itself_counts_by_its_area() -> None:
    crossed = np.array([[90.0, 86.0], [69.0, 44.0], [0.0, 0.0], [81.0, 68.0]])
    line = MarkedLine(crossed, crossed[:2], "", (crossed[:3],))
    assert page_counts([], [line]).superfluous == 1
    assert page_counts([line], [line]).matched_75 == 1
