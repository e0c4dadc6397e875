"""Shards: each whole or not at all, a folder of one job only."""

from pathlib import Path

import pytest
from datasets import Features, Value, load_dataset
from failing import full_disk

from hwr import InputError
from hwr.bulk.shards import Shards

FEATURES = Features({"number": Value("int64"), "error": Value("string")})


def rows(first: int, count: int) -> list[dict]:
    return [{"number": number, "error": "odd" if number % 2 else None} for number in range(first, first + count)]


def test_what_is_missing_is_made_and_datasets_loads_it(tmp_path: Path) -> None:
    made = Shards(tmp_path / "out", {"seed": 1}, 3)
    assert made.missing() == [0, 1, 2]
    assert made.write(1, FEATURES, rows(100, 100)) == {"rows": 100, "errors": 50}
    again = Shards(tmp_path / "out", {"seed": 1}, 3)
    assert again.missing() == [0, 2]
    again.write(0, FEATURES, rows(0, 100))
    again.write(2, FEATURES, [])
    assert again.missing() == []
    (tmp_path / "out/data/.train-00001-of-00003-77.part").write_bytes(b"left by a kill")
    again.finish("a card")
    loaded = load_dataset(str(tmp_path / "out"), split="train")
    assert loaded["number"][:] == list(range(200))
    assert len(list((tmp_path / "out/data").iterdir())) == 3


@pytest.mark.parametrize("job", [{"seed": 2}, {"seed": 1, "clean": True}, {}])
def test_another_jobs_folder_is_refused(tmp_path: Path, job: dict) -> None:
    Shards(tmp_path / "out", {"seed": 1}, 3)
    with pytest.raises(InputError, match="other " + ("clean" if "clean" in job else "seed")):
        Shards(tmp_path / "out", job, 3)
    with pytest.raises(InputError, match="other shards"):
        Shards(tmp_path / "out", {"seed": 1}, 4)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no shards"):
        Shards(tmp_path, {}, 1)
    with pytest.raises(InputError):
        Shards(tmp_path / "mine.txt", {}, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_breaks_off_leaves_no_shard(tmp_path: Path) -> None:
    made = Shards(tmp_path / "out", {}, 1)

    def broken():
        yield from rows(0, 70)
        raise KeyError("broken")

    with pytest.raises(KeyError):
        made.write(0, FEATURES, broken())
    with full_disk(1000), pytest.raises(InputError, match="can't be written"):
        made.write(0, FEATURES, rows(0, 10_000))
    assert made.missing() == [0]
    assert not list((tmp_path / "out/data").iterdir())
