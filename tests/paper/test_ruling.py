"""Lines printed on the paper."""

import pytest

from hwr import InputError
from hwr.paper.ruling import rules


@pytest.mark.parametrize("paper", ["plain", "ruled", "grid"])
def test_paper(paper: str):
    lines = rules(paper, 100, 60, 13, 20)
    assert all(0 <= x0 <= x1 <= 100 and 0 <= y0 <= y1 <= 60 for x0, y0, x1, y1 in lines)
    across = [y0 for x0, y0, x1, y1 in lines if y0 == y1]
    assert across == {"plain": [], "ruled": [13, 33, 53], "grid": [3, 13, 23, 33, 43, 53]}[paper]


def test_there_is_no_such_paper():
    with pytest.raises(InputError, match="no paper 'music'"):
        rules("music", 1, 1, 0, 1)
