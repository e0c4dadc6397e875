"""What the pad sends."""

from typing import Any

import pytest
from examples import CHARACTERS_DRAWN

from hwr import InputError
from hwr.ui.pad import from_value, to_value


@pytest.mark.parametrize("value", ["{", "{}", "1", '"text"', "[" * 100_000, 5])
def test_a_pad_value_from_elsewhere_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="did not arrive whole"):
        from_value(value)


def test_a_pad_value_comes_back() -> None:
    assert from_value(to_value(CHARACTERS_DRAWN["A"])) == CHARACTERS_DRAWN["A"]
    assert from_value("") == from_value(None) == []
