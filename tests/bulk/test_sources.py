"""What is read at scale: folders, tables and WebDataset shards, cut into pieces that together hold everything once."""

import io
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_clients import client
from hub_server import FakeHub
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.bulk.sources import Piece, items, pieces_of


def everything(source: Path, **options) -> list[tuple]:
    return [item for piece in pieces_of(str(source), **options) for item in items(piece)]


def archive(path: Path, members: list[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w") as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 50), st.integers(1, 30))
def test_the_pieces_of_tables_hold_every_row_once(tmp_path_factory, tables: list[int], size: int, group: int) -> None:
    folder = tmp_path_factory.mktemp("tables")
    for place, count in enumerate(tables):
        images = [{"bytes": f"{place} {row}".encode(), "path": None} for row in range(count)]
        pq.write_table(pa.table({"image": images, "text": [str(row) for row in range(count)]}), folder / f"{place}.parquet", group)
    expected = [(f"{place} {row}".encode(), str(row)) for place, count in enumerate(tables) for row in range(count)]
    assert [(item.data, item.label) for item in everything(folder, size=size)] == expected
    assert all(piece.stop - piece.start <= size for piece in pieces_of(str(folder), size=size))


def test_files_of_folders_within_and_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.png", "in/a.JPG", "note.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(name.encode())
    pieces = pieces_of(str(tmp_path), size=1)
    assert [item.data for piece in pieces for item in items(piece)] == [b"b.png", b"in/a.JPG"]
    (tmp_path / "b.png").unlink()
    (gone,) = items(pieces[0])
    assert gone.data is None
    assert "can't be read" in gone.error


def test_samples_of_a_webdataset_shard(tmp_path: Path) -> None:
    members = [
        ("x/1.png", b"one"),
        ("x/1.txt", "Grüße\n".encode()),
        ("x/2.json", b"{}"),
        ("y/1.txt", b"before"),
        ("y/1.jpg", b"two"),
        ("z.png", b"three"),
    ]
    found = everything(archive(tmp_path / "a.tar", members))
    assert [tuple(item) for item in found] == [
        ("x/1", b"one", "Grüße", None),
        ("y/1", b"two", "before", None),
        ("z", b"three", None, None),
    ]
    (tmp_path / "a.tar").write_bytes((tmp_path / "a.tar").read_bytes()[:700])
    with pytest.raises(InputError, match="WebDataset"):
        list(items(Piece((str(tmp_path / "a.tar"),))))


def test_rows_without_a_picture_are_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": [None, b"1", b"2"], "label": [1, 2, None]}), tmp_path / "a.parquet")
    assert [(item.data, item.label, bool(item.error)) for item in everything(tmp_path / "a.parquet")] == [
        (None, None, True),
        (b"1", None, False),  # numbers are those of classes
        (b"2", None, False),
    ]


def test_what_is_no_source_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"1")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 broken")
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "texts.parquet")
    (tmp_path / "empty").mkdir()
    for name, reason in (
        ("a.png", "single file"),
        ("broken.parquet", "can't be read as Parquet"),
        ("texts.parquet", "no column of images"),
        ("empty", "holds neither"),
        ("none", "is neither"),
    ):
        with pytest.raises(InputError, match=reason):
            pieces_of(str(tmp_path / name))
    with pytest.raises(InputError, match="at least one row"):
        pieces_of(str(tmp_path), size=0)


HUB = """
from hwr.bulk.sources import items, pieces_of
result = [[[item.data.decode(), item.label] for item in items(piece)] for piece in pieces_of("user/words", split="train", size=30)]
"""


def test_rows_of_a_hub_data_set(hub: FakeHub, tmp_path: Path) -> None:
    for place in (0, 1):
        images = [f"{place} {row}".encode() for row in range(40)]
        pq.write_table(pa.table({"image": images, "text": ["word"] * 40}), tmp_path / f"{place}.parquet", 7)
    names = {f"data/train-{place}.parquet": (tmp_path / f"{place}.parquet").read_bytes() for place in (0, 1)}
    hub.add("user/words", names, kind="datasets")
    found = client(hub.env, HUB)
    assert [len(piece) for piece in found] == [30, 10, 30, 10]
    assert [tuple(row) for piece in found for row in piece] == [(f"{place} {row}", "word") for place in (0, 1) for row in range(40)]
