"""Class folders and tables of labels."""

from pathlib import Path

import pytest
from collecting import archive, png, run
from glyphs import glyphs
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.opening import open_collection


def test_a_table_that_is_wrong_in_places(tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    table = "file_name,label\na.png,A\na.png,B\nmissing.png,C\nb.png\nc.png,\n"
    path = archive(tmp_path / "t.zip", {"a.png": picture, "b.png": picture, "c.png": picture, "labels.csv": table.encode()})
    metrics = run(path).metrics()
    assert metrics["n"] == 1
    reasons = {entry["name"]: entry["reason"] for entry in metrics["skipped"]}
    assert set(reasons) == {"b.png", "c.png", "labels.csv, row 3", "labels.csv, row 4", "labels.csv, row 5"}


@pytest.mark.parametrize(
    ("table", "says"), [(b"\n" * 70, "more than 60 rows"), (b"," * 2000, "more than 1,000 columns"), (b"\xff", "not a CSV")]
)
def test_a_table_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: bytes, says: str):
    monkeypatch.setattr(limits, "MAX_ENTRIES", 60)
    path = archive(tmp_path / "t.zip", {"a.png": b"x", "labels.csv": b"file_name,label\n" + table})
    with pytest.raises(InputError, match=says):
        open_collection(path)


@given(st.binary(max_size=300) | st.text(alphabet='a,\n\r"\0\u00e9;', max_size=80).map(str.encode))
def test_whatever_the_table_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, table: bytes):
    path = archive(tmp_path_factory.mktemp("table") / "t.zip", {"a": b"x", "labels.csv": table})
    try:
        entries = list(open_collection(path).entries())
    except InputError:
        return
    assert entries
    assert all(bool(entry.label) != bool(entry.error) for entry in entries)


def test_writers_stand_beside_labels(tmp_path: Path):
    table = "file_name,label,writer_id\na.png,A, w 1 \nb.png,B\n"
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "b.png").write_bytes(b"x")
    (tmp_path / "labels.csv").write_text(table)
    found = {entry.name: (entry.label, entry.writer) for entry in open_collection(tmp_path).entries()}
    assert found == {"a.png": ("A", "w 1"), "b.png": ("B", "")}
