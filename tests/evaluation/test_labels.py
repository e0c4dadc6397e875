"""What labels mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr.charset import CLASS_OF, CLASSES
from hwr.evaluation.labels import class_of, infer, meaning


@pytest.mark.parametrize(
    ("labels", "scheme"),
    [
        (list("AbC7"), "characters"),
        (["0", "1", "7"], "characters"),
        (["hello", "1984", "a"], "characters"),
        (["1984", "2024"], "characters"),
        ([str(number) for number in range(47)], "emnist"),
        (["3", "41", "46"], "emnist"),
        (["upper_A", "lower_a", "digit_5"], "names"),
        (["A", "lower_a"], "names"),
        ([*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", *(f"lower_{char}" for char in "abdefghnqrt")], "names"),
        (["hello", "smalls", "a"], "characters"),
        (["30", "41", "61", "7a"], "hex"),
        (["41", "42"], "hex"),
        ([*(f"{code:02x}" for code in range(0x41, 0x5B)), "odd"], "hex"),
        ([], "characters"),
    ],
)
def test_schemes_are_inferred_from_all_labels(labels: list[str], scheme: str):
    assert infer(labels) == scheme


def test_one_label_can_mean_three_things():
    assert [meaning("41", scheme) for scheme in ("characters", "emnist", "hex")] == ["41", "g", "A"]
    assert meaning("lower_C", "names") == "c"
    assert meaning("upper_5", "names") is None
    assert meaning("99", "emnist") is None
    assert [meaning(char, "names") for char in "Aa5?"] == list("Aa5?")


@given(st.text(max_size=6), st.sampled_from(["characters", "emnist", "names", "hex"]))
def test_any_label_means_something_or_nothing(label: str, scheme: str):
    found = meaning(label, scheme)
    assert found is None or found == label or found in CLASS_OF


@pytest.mark.parametrize(
    ("char", "classes", "expected"),
    [
        ("c", CLASSES, "C"),
        ("a", CLASSES, "a"),
        ("c", "abc", "c"),
        ("a", "ABC", None),
        ("c", "ABC", "C"),
        ("?", "!?", "?"),
        ("\u00e9", CLASSES, None),
    ],
)
def test_classes_are_those_of_the_model(char: str, classes: str, expected: str | None):
    assert class_of(char, classes) == (None if expected is None else classes.index(expected))
