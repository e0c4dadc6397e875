"""How large letters are beside each other."""

import string

from hwr.charset import CHARACTERS
from hwr.paper.proportions import proportions


def test_proportions_are_those_of_handwriting():
    measured = proportions()
    assert set(CHARACTERS) <= measured.height.keys()
    for flat, tall in (("a", "b"), ("o", "l"), ("n", "h"), ("x", "X")):
        assert measured.height[flat] < 0.85 * measured.height[tall]
    assert all(0.8 < measured.height[char] < 1.25 for char in "aceimnorsuvwxz" if char != "i")
    assert {char for char in string.ascii_letters if measured.depth[char] > 0.5} == set("gjpqy")
