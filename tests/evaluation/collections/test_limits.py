"""How tightly a part of a file may be packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.evaluation.collections.limits import LARGE_BYTES, LARGE_RATIO, MAX_RATIO, check_unpacking

SIZES = st.integers(0, 10**13)


def refused(packed: int, unpacked: int) -> bool:
    try:
        check_unpacking("a.zip", packed, unpacked)
    except InputError:
        return True
    return False


@given(SIZES, SIZES, SIZES, SIZES)
def test_more_out_of_less_is_never_the_safer(packed: int, unpacked: int, less: int, more: int):
    if refused(packed, unpacked):
        assert refused(min(packed, less), max(unpacked, more))


@given(SIZES, SIZES)
def test_what_passes_unpacks_to_little_or_to_little_more_than_it_is(packed: int, unpacked: int):
    if not refused(packed, unpacked):
        assert unpacked <= max(1_000_000, MAX_RATIO * max(packed, 1))
        assert unpacked <= max(LARGE_BYTES, LARGE_RATIO * max(packed, 1))


@pytest.mark.parametrize(("packed", "unpacked"), [(0, 0), (0, 1_000_000), (100_000, 16_000_000), (10**9, 10**9), (800_001, 16_000_001)])
def test_usual_files_pass(packed: int, unpacked: int):
    assert not refused(packed, unpacked)


def test_the_file_is_named():
    with pytest.raises(InputError, match=r"a\.zip is packed more tightly"):
        check_unpacking("a.zip", 1, 10**9)
