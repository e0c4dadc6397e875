"""Files that are all there or not at all."""

from pathlib import Path

import pytest
from failing import full_disk

from hwr import InputError
from hwr.system.staging import staged


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, weights: bytes, error: Exception | None = None) -> None:
    """New files, unless there is an error on the way."""
    with staged(folder) as aside:
        (aside / "config.json").write_text("new")
        (aside / "weights").write_bytes(weights)
        if error is not None:
            raise error


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files."""
    (tmp_path / "model").mkdir()
    for name in ("config.json", "notes.txt"):
        (tmp_path / "model" / name).write_text(f"the old {name}")
    return tmp_path / "model"


def test_new_files_take_their_places_and_others_stay(folder: Path) -> None:
    with staged(folder) as aside:
        (aside / "config.json").write_text("new")
        (aside / "figures").mkdir()
        (aside / "figures" / "a.png").write_text("picture")
        assert contents(folder)["config.json"] == b"the old config.json"
    assert contents(folder) == {"config.json": b"new", "notes.txt": b"the old notes.txt", "figures/a.png": b"picture"}
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyError("anything")])
def test_half_of_it_is_nothing(folder: Path, error: Exception) -> None:
    before = contents(folder)
    with pytest.raises(InputError if isinstance(error, OSError) else KeyError):
        write(folder, b"new", error)
    assert contents(folder) == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_full_disk_is_a_sentence(folder: Path) -> None:
    before = contents(folder)
    with full_disk(100), pytest.raises(InputError, match=r"model can't be written: .*Make room"):
        write(folder, bytes(1_000))
    assert contents(folder) == before


def test_a_place_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't be written"), staged(tmp_path / "file" / "model"):
        pass
