"""Reading at scale: a row for each picture, whatever it is, and no row lost or doubled by a kill."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bulk_killing import finish, kill_after, shards
from datasets import load_dataset
from PIL import Image

from hwr import PenWriter, cli
from hwr.bulk import reading
from hwr.bulk.shards import Shards
from hwr.bulk.sources import pieces_of

pytestmark = pytest.mark.xdist_group("ray")  # each starts processes of its own: two at once would only wait for each other


@pytest.fixture(scope="module")
def word() -> bytes:
    buffer = io.BytesIO()
    PenWriter.from_pretrained().write("over", style=3, verify=False, width=500, size=40).to_image().save(buffer, "png")
    return buffer.getvalue()


def table(path: Path, word: bytes, count: int) -> Path:
    images = [None if row % 10 == 3 else b"no picture" if row % 10 == 7 else word for row in range(count)]
    pq.write_table(pa.table({"image": images, "text": ["over"] * count}), path)
    return path


def test_a_kill_costs_no_row_and_doubles_none(tmp_path: Path, word: bytes) -> None:
    source = table(tmp_path / "words.parquet", word, 120)
    out = tmp_path / "out"
    words = ["read", str(source), "--out", str(out), "--line", "--no-language-model", "--shard-size", "8", "--workers", "2"]
    left = kill_after(3, out, *words)
    assert 3 <= len(left) < 15
    kept = {name: (out / "data" / name).stat().st_mtime_ns for name in left}
    assert "CER" in finish(*words)
    assert len(shards(out)) == 15
    assert all((out / "data" / name).stat().st_mtime_ns == when for name, when in kept.items())
    rows = list(load_dataset(str(out), split="train"))
    assert [row["name"] for row in rows] == [f"words.parquet, row {number}" for number in range(120)]
    for number, row in enumerate(rows):
        assert (row["error"] is not None) == (number % 10 in (3, 7))
        assert row["text"] == ("" if row["error"] else "over")
        assert row["label"] == "over"


def test_pages_of_documents_and_errors_are_rows(tmp_path: Path, word: bytes) -> None:
    picture = Image.open(io.BytesIO(word)).convert("RGB")
    source = tmp_path / "scans"
    source.mkdir()
    picture.save(source / "a.tif", save_all=True, append_images=[picture])
    picture.save(source / "b.png")
    Image.new("RGB", (300, 200), "white").save(source / "c.png")
    (source / "d.pdf").write_bytes(b"%PDF-1.7 broken")
    pieces = pieces_of(str(source))
    worker = reading.ShardReader(Shards(tmp_path / "out", {}, 1), pieces, None, None, "cpu", False, {})
    assert worker({"shard": 0}) == {"shard": 0, "rows": 4, "errors": 2}
    rows = load_dataset(str(tmp_path / "out"), split="train")
    pages, single, *broken = list(rows)
    assert [line["page"] for line in pages["lines"]] == [0, 1]
    assert single["text"].strip() == single["lines"][0]["text"] == "over"
    x0, y0, x1, y1 = single["lines"][0]["box"]
    assert 0 <= x0 < x1 <= picture.width
    assert 0 <= y0 < y1 <= picture.height
    assert all(row["error"] and not row["text"] for row in broken)


def test_what_an_item_brings_about_costs_the_others_nothing(tmp_path: Path, word: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    source = table(tmp_path / "words.parquet", word, 3)
    pieces = pieces_of(str(source))
    worker = reading.ShardReader(Shards(tmp_path / "out", {}, 1), pieces, None, None, "cpu", True, {})
    read, calls = worker.read, iter(range(3))

    def failing(data: bytes):
        if next(calls) == 1:
            raise MemoryError("too large")
        return read(data)

    worker.read = failing
    assert [row["error"] for row in worker.rows(pieces[0])] == [None, "MemoryError: too large", None]


@pytest.mark.parametrize(
    "options", [["-o", "out.txt"], ["--json"], ["--format", "alto"], ["--workers", "0"], ["--shard-size", "0"], ["two"]]
)
def test_options_that_do_not_go_together_are_a_sentence(
    tmp_path: Path, word: bytes, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    source = table(tmp_path / "words.parquet", word, 3)
    assert cli.main(["read", str(source), *options, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("hwr: ")
