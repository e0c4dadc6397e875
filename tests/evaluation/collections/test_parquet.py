"""Parquet files: what they announce, and what they hold."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from app_server import ROOT
from collecting import run
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.opening import open_collection
from hwr.evaluation.collections.parquet_headers import measure, read_footer


def test_a_tables_footer_is_believed_before_its_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Few bytes that stand for many: equal rows, and rows that share one large value."""
    many = tmp_path / "many.parquet"
    numbers = pa.array(np.zeros(limits.MAX_ENTRIES + 1, np.int64))
    pq.write_table(pa.table({"label": numbers, "image": numbers}), many)
    tight = tmp_path / "tight.parquet"
    pq.write_table(pa.table({"label": ["A"] * 40, "image": [bytes(1_000_000)] * 40}), tight, compression="zstd", use_dictionary=False)
    for path, said in ((many, "rows; at most"), (tight, "tightly")):
        assert path.stat().st_size < 200_000
        with pytest.raises(InputError, match=said):
            run(path)
    shared = tmp_path / "shared.parquet"
    noise = np.random.default_rng(0).bytes(8_000_000)
    images = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3000, np.int32)), pa.array([noise]))
    pq.write_table(pa.table({"label": ["A"] * 3000, "image": images}), shared)
    code = (
        "import sys, pyarrow.parquet; from hwr.evaluation.collections.opening import open_collection\n"
        "from resource import RUSAGE_SELF, getrusage\n"
        "before = getrusage(RUSAGE_SELF).ru_maxrss\n"
        "print(sum(1 for entry in open_collection(sys.argv[1], limit=50).entries()), getrusage(RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(shared)], cwd=ROOT, capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count == 50
    assert grown < 150 * 1024  # kilobytes


def save(path: Path, labels: list[Any], images: Any, **options: Any) -> Path:
    pq.write_table(pa.table({"label": labels, "image": images}), path, **options)
    return path


def varint(value: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    value, data = 2 * value, b""
    while value > 127:
        data, value = data + bytes([value & 127 | 128]), value >> 7
    return data + bytes([value])


def test_a_footer_that_lies_is_not_believed(tmp_path: Path):
    """Its pages unpack to 40 MB, though it says 1.1 MB."""
    noise = np.random.default_rng(0).bytes(20_000)
    path = save(tmp_path / "lies.parquet", ["A"] * 41, [*[bytes(1_000_000)] * 40, noise], compression="zstd", use_dictionary=False)
    group = pq.read_metadata(path).row_group(0)
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    footer, said = data[-8 - length : -8], varint(1_100_000)
    for real in (group.column(1).total_uncompressed_size, group.total_byte_size):
        assert len(said) == len(varint(real))
        assert varint(real) in footer
        footer = footer.replace(varint(real), said)
    path.write_bytes(data[: -8 - length] + footer + data[-8:])
    assert pq.read_metadata(path).row_group(0).column(1).total_uncompressed_size == 1_100_000
    collection = open_collection(path)
    with pytest.raises(InputError, match="tightly"):
        list(collection.entries())


@pytest.mark.parametrize(
    ("labels", "images", "says"),
    [
        (["A"], pa.array([b"1234"], pa.binary(4)), "'image' .* holds no images: it is fixed_size_binary"),
        (["A"], pa.array([[b"1"]]), "holds no images: it is list"),
        (["A"], pa.array(["a.png"]), "holds no images: it is string"),
        (["A"], pa.array([{"path": "a.png"}]), "holds no images: it is struct"),
        ([["A"]], pa.array([b"1"]), "'label' .* holds no labels: it is list"),
        ([0.5], pa.array([b"1"]), "holds no labels: it is double"),
    ],
)
def test_columns_that_hold_something_else_are_refused(tmp_path: Path, labels: list[Any], images: pa.Array, says: str):
    with pytest.raises(InputError, match=says):
        open_collection(save(tmp_path / "a.parquet", labels, images))


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_encodings_by_which_few_bytes_are_many_values_are_refused(tmp_path: Path, encoding: str):
    path = save(tmp_path / "a.parquet", ["A", "B"], [b"1", b"2"], use_dictionary=False, column_encoding={"label": encoding})
    with pytest.raises(InputError, match="encoding of differences"):
        open_collection(path)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_values_come_in_their_order(tmp_path: Path, version: str, compression: str, dictionary: bool):
    draw = np.random.default_rng(0)
    values = [draw.bytes(int(draw.integers(1, 4000))) for _ in range(600)]
    writers = [f"w{number % 7}" if number % 5 else None for number in range(600)]
    images = [{"bytes": value, "path": "x"} for value in values]
    table = pa.table({"other": ["unread"] * 600, "image": images, "label": list(range(600)), "writer": writers})
    path = tmp_path / "a.parquet"
    options: dict[str, Any] = {"data_page_version": version, "compression": compression, "use_dictionary": dictionary}
    pq.write_table(table, path, row_group_size=250, data_page_size=20_000, **options)
    entries = list(open_collection(path).entries())
    assert [entry.read() for entry in entries] == values
    assert [entry.label for entry in entries] == [str(number) for number in range(600)]
    assert [entry.writer for entry in entries] == [writer or "" for writer in writers]
    metadata = pq.read_metadata(path)
    with path.open("rb") as file:
        groups = read_footer(file, "it")
        assert [group.rows for group in groups] == [250, 250, 100]
        for index, group in enumerate(groups):
            for number, chunk in enumerate(group.chunks):
                expected = metadata.row_group(index).column(number)
                assert chunk.column == expected.path_in_schema
                assert (chunk.packed, chunk.unpacked) == (expected.total_compressed_size, expected.total_uncompressed_size)
                pages = measure(file, chunk, "it")
                assert 0 <= chunk.unpacked - pages.unpacked < 10_000 + 0.5 * pages.unpacked  # the headers
                assert (pages.dictionary > 0) == expected.has_dictionary_page


def test_a_file_too_large_or_cut_off_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(tmp_path / "a.parquet", ["A"] * 9, [np.random.default_rng(0).bytes(2000)] * 9, use_dictionary=False, compression="none")
    data = path.read_bytes()
    cut = tmp_path / "cut.parquet"
    for size in (0, 4, 100, len(data) - 1):
        cut.write_bytes(data[:size])
        with pytest.raises(InputError, match="can't be read as Parquet"):
            open_collection(cut)
    cut.write_bytes(data[:-8] + (2**31).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(InputError, match="no footer"):
        open_collection(cut)
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 10_000)
    with pytest.raises(InputError, match="0 MB; at most 0 MB"):
        open_collection(path)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_whatever_the_bytes_a_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]):
    path = save(tmp_path_factory.mktemp("table") / "a.parquet", ["A", "B", "B"], [b"image 1", b"image 2", None])
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[-1 - at % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        assert len(list(open_collection(path).entries())) < 1000


def test_a_footer_that_contradicts_itself_is_a_sentence(tmp_path: Path):
    """As an object of pyarrow, a column whose statistics are of another schema ends the process."""
    path = save(tmp_path / "a.parquet", ["A", None], [b"1", b"2"])
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    code = (
        "import sys; from hwr.errors import InputError; from hwr.evaluation.collections.opening import open_collection\n"
        "from pathlib import Path\n"
        "path, length = Path(sys.argv[1]), int(sys.argv[2]); data = path.read_bytes(); refused = 0\n"
        "for at in range(len(data) - 8 - length, len(data)):\n"
        "    for value in (0, 1, 2, 4, 255):\n"
        "        path.write_bytes(data[:at] + bytes([value]) + data[at + 1:])\n"
        "        try: list(open_collection(path).entries())\n"
        "        except InputError: refused += 1\n"
        "print(refused)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path), str(length)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) > length
