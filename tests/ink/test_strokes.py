"""Strokes from strangers."""

import pytest

from hwr import InputError
from hwr.ink.strokes import MAX_POINTS, parse_strokes


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "strokes",
        {},
        [],
        [[]],
        [[], []],
        [7],
        ["ab"],
        [[7]],
        [[[1]]],
        [[["a", "b"]]],
        [[[None, 1]]],
        [[{"x": 1}]],
        [[[float("nan"), 1]]],
        [[[float("inf"), 1]]],
        [[[1e300, 1]]],
        [[[10**400, 1]]],
        [[[[1, 2], [3, 4]]]],
        [[[0, 0]] * (MAX_POINTS + 1)],
        [[[0, 0]]] * (MAX_POINTS + 1),
    ],
)
def test_what_is_no_drawing_is_refused_with_a_sentence(value):
    with pytest.raises(InputError) as caught:
        parse_strokes(value)
    assert str(caught.value).endswith(".")
