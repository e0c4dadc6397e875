"""What is kept of what was made lately."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from hwr.system.recent import Recent


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9))), st.integers(1, 5))
def test_the_last_used_are_kept_and_no_more(steps: list[tuple[bool, int]], most: int) -> None:
    kept: Recent[int, int] = Recent(most)
    model: list[int] = []  # keys, the one that was used last at the end
    for put, key in steps:
        if put:
            assert kept.put(key, -key) == -key
        else:
            assert kept.get(key) == (-key if key in model else None)
        if put or key in model:
            model = [other for other in model if other != key] + [key]
            model = model[-most:]
        assert len(kept) == len(model)
    assert [kept.get(key) for key in range(10)] == [-key if key in model else None for key in range(10)]


def test_what_is_there_is_not_made_again() -> None:
    kept: Recent[str, list[int]] = Recent(2)
    first = kept.made("a", lambda: [1])
    assert kept.made("a", lambda: [2]) is first


def test_many_threads_leave_no_more_than_may_be_kept() -> None:
    kept: Recent[int, int] = Recent(7)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: kept.made(number % 50, lambda: number % 50), range(5000))) == [n % 50 for n in range(5000)]
    assert len(kept) == 7
